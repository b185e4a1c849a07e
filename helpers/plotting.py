"""Pictures: one style, one way to show a figure, and the few plots that the chapters share.

Every plot takes `ax=None` and returns the axes it drew on; nothing reaches the reader but through `show` or
`LiveLosses`, which both ask for alternative text.
"""

import base64
import io
import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

# From Okabe and Ito's palette, in an order whose grey values differ too; the line style is the second channel.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
LINE_STYLES = ("-", "--", "-.", ":")
MARK = "#222222"


def use_course_style() -> None:
    """Set matplotlib up for the course: one palette, a white ground that also reads on a dark theme, a light grid."""
    plt.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.prop_cycle": plt.cycler(color=COLOURS, linestyle=LINE_STYLES),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "figure.figsize": (6.4, 3.6),
            "font.size": 10,
            "grid.color": "#dddddd",
            "legend.edgecolor": "none",
            "legend.facecolor": "white",  # lines pass behind the words
            "legend.framealpha": 0.85,
            "lines.linewidth": 1.8,
            "savefig.facecolor": "white",
        }
    )


def png(fig: Figure) -> bytes:
    """Render a figure; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    canvas = fig.canvas if isinstance(fig.canvas, FigureCanvasAgg) else FigureCanvasAgg(fig)
    canvas.print_png(buffer, metadata={"Software": None})  # `savefig` draws twice
    return buffer.getvalue()


def show(fig: Figure, alt: str) -> None:
    """Show a figure with alternative text, and close it: the one way a figure reaches a notebook.

    Args:
        fig: the figure.
        alt: a sentence that says the finding, for readers who cannot see the picture.

    Raises:
        ValueError: `alt` is not a sentence.
    """
    _require_alt(alt)
    data, metadata = _mime_bundle(fig, alt)
    display(data, metadata=metadata, raw=True)
    plt.close(fig)


def plot_fit(
    x: Tensor, y: Tensor, w: Tensor | float, b: Tensor | float, ax: Axes | None = None, *, label: str | None = None
) -> Axes:
    """Draw points and the line y = w x + b through them.

    Args:
        x, y: n numbers each, of shape (n,) or (n, 1).
        w, b: one number each.
        ax: where to draw; a new figure's axes if None.
        label: of the line, for a legend.

    Raises:
        ValueError: a shape is not one of those.
    """
    xs, ys = _column("x", x), _column("y", y)
    if len(xs) != len(ys):
        raise ValueError(f"`x` and `y` do not match: x has {len(xs)} numbers, y has {len(ys)}; one y per x.")
    slope, intercept = _number("w", w), _number("b", b)
    ax = _axes(ax)
    ends = np.array([min(xs.min(), 0.0) if intercept == 0 else xs.min(), xs.max()])
    ax.scatter(xs, ys, s=6, color=COLOURS[0], alpha=0.5, linewidths=0)
    ax.plot(ends, slope * ends + intercept, color=COLOURS[1], linestyle="-", label=label)
    return ax


def plot_residuals(y_hat: Tensor, y: Tensor, ax: Axes | None = None) -> Axes:
    """Draw residuals y - y_hat against predictions, and the zero line.

    Args:
        y_hat, y: n numbers each, of shape (n,) or (n, 1).
        ax: where to draw; a new figure's axes if None.

    Raises:
        ValueError: a shape is not one of those, or they differ in length.
    """
    predictions, labels = _column("y_hat", y_hat), _column("y", y)
    if len(predictions) != len(labels):
        raise ValueError(
            f"`y_hat` and `y` do not match: y_hat has {len(predictions)} numbers, y has {len(labels)}; one per row."
        )
    ax = _axes(ax)
    ax.scatter(predictions, labels - predictions, s=6, color=COLOURS[0], linewidths=0)
    ax.axhline(0, color=MARK, linewidth=1)
    ax.set(xlabel="prediction", ylabel="residual (nearer to 0 is better)")
    return ax


def plot_losses(
    losses: Mapping[str, Sequence[float]],
    ax: Axes | None = None,
    *,
    log: bool = True,
    xlabel: str = "epoch",
    baseline: float | None = None,
) -> Axes:
    """Draw loss curves, one for each name; a loss that is not finite leaves a gap.

    Args:
        losses: name -> losses; the first belongs to epoch 1.
        ax: where to draw; a new figure's axes if None.
        log: logarithmic loss axis; zero and negative losses leave a gap there.
        xlabel: what is counted.
        baseline: loss of the trivial prediction, drawn as a line.

    Raises:
        ValueError: there is no curve.
    """
    if not losses:
        raise ValueError("`losses` must hold at least one named curve: got none.")
    ax = _axes(ax)
    for name, values in losses.items():
        heights = np.array([float(value) for value in values])
        heights[~np.isfinite(heights) | ((heights <= 0) & log)] = np.nan
        ax.plot(np.arange(1, len(heights) + 1), heights, label=name)
    if baseline is not None:
        ax.axhline(baseline, color=MARK, linewidth=1, linestyle=(0, (1, 2)), label="predict the mean")
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel="loss (lower is better)")
    if len(losses) > 1 or baseline is not None:
        ax.legend()
    return ax


def plot_loss_surface(
    loss: Callable[[Tensor, Tensor], Tensor],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    ax: Axes | None = None,
    *,
    path: Tensor | None = None,
    minimum: Tensor | None = None,
    xlabel: str = "weight 1",
    ylabel: str = "weight 2",
    n_grid: int = 60,
) -> Axes:
    """Draw contours of a loss over two weights, and a path of steps on them. The view stays, wherever the path goes.

    Args:
        loss: takes the two coordinates as tensors of shape (n_grid, n_grid), returns losses of that shape.
        x_range, y_range: (low, high) of the two weights.
        ax: where to draw; a new figure's axes if None.
        path: of shape (steps + 1, 2), the start first.
        minimum: of shape (2,), marked by a cross.
        xlabel, ylabel: names of the weights.
        n_grid: points a side.

    Raises:
        ValueError: a range is empty, or a shape is not as it must be.
    """
    for name, (low, high) in {"x_range": x_range, "y_range": y_range}.items():
        if not low < high:
            raise ValueError(f"`{name}` must be (low, high) with low below high: got {(low, high)}.")
    if path is not None and (path.ndim != 2 or path.shape[1] != 2):
        raise ValueError(f"`path` must have shape (steps + 1, 2): got {tuple(path.shape)}.")
    columns, rows = torch.linspace(*x_range, n_grid), torch.linspace(*y_range, n_grid)
    first, second = torch.meshgrid(columns, rows, indexing="xy")
    losses = loss(first, second)
    if losses.shape != first.shape:
        raise ValueError(
            f"`loss` must return one loss per grid point, {tuple(first.shape)}: got {tuple(losses.shape)}."
        )
    ax = _axes(ax)
    heights = losses.numpy(force=True)
    low = heights.min()
    steps = low + (heights.max() - low) * np.geomspace(1e-3, 1, 12)
    ax.contour(first, second, heights, levels=steps, cmap="Greys_r", linewidths=0.7)
    if path is not None:
        points = path.numpy(force=True)
        ax.plot(points[:, 0], points[:, 1], color=COLOURS[1], linestyle="-", linewidth=1.2, marker="o", markersize=2.5)
        ax.plot(*points[0], color=COLOURS[0], marker="s", linestyle="none", label="start")
    if minimum is not None:
        ax.plot(*_column("minimum", minimum), color=MARK, marker="x", markersize=8, linestyle="none", label="minimum")
    ax.set(xlim=x_range, ylim=y_range, xlabel=xlabel, ylabel=ylabel)
    ax.grid(False)
    return ax


class LiveLosses:
    """Loss curves that grow while a training runs.

    They are drawn at most four times a second and once at the end, always into the same place: no flicker.

    Args:
        log, baseline, xlabel: as for `plot_losses`.
        every: seconds between two drawings at the least.
        clock: tells the time in seconds.

    Example, in a notebook::

        live = LiveLosses()
        for epoch in range(100):
            live.add(train=train_loss(), test=test_loss())
        live.finish("Both losses fall by a factor of ten, and the test loss stays above the training loss.")
    """

    def __init__(
        self,
        *,
        log: bool = True,
        baseline: float | None = None,
        xlabel: str = "epoch",
        every: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.losses: dict[str, list[float]] = {}
        self._options = {"log": log, "baseline": baseline, "xlabel": xlabel}
        self._every, self._clock = every, clock
        self._last = -math.inf
        self._handle = None
        self._finished = False

    def add(self, **losses: float) -> None:
        """Append one loss to each curve named.

        Raises:
            RuntimeError: `finish` was called before.
            ValueError: no curve is named.
        """
        if self._finished:
            raise RuntimeError("`add` came after `finish`: make new LiveLosses for another training.")
        if not losses:
            raise ValueError("`add` needs at least one named loss, such as train=0.3: got none.")
        for name, value in losses.items():
            self.losses.setdefault(name, []).append(float(value))
        if self._clock() - self._last >= self._every:
            self._draw("Loss curves of a training that is still running.")
            self._last = self._clock()

    def finish(self, alt: str) -> None:
        """Draw a last time, with the alternative text that says the finding.

        Raises:
            ValueError: `alt` is not a sentence.
            RuntimeError: nothing was added.
        """
        _require_alt(alt)
        if not self.losses:
            raise RuntimeError("`finish` came before any `add`: there is nothing to draw.")
        self._draw(alt)
        self._finished = True

    def _draw(self, alt: str) -> None:
        fig, ax = plt.subplots()
        plot_losses(self.losses, ax, **self._options)
        data, metadata = _mime_bundle(fig, alt)
        plt.close(fig)
        if self._handle is None:
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)
        else:
            self._handle.update(data, metadata=metadata, raw=True)


def _mime_bundle(fig: Figure, alt: str) -> tuple[dict, dict]:
    picture = base64.b64encode(png(fig)).decode()
    return {"image/png": picture, "text/plain": alt}, {"image/png": {"alt": alt}}


def _require_alt(alt: str) -> None:
    if not isinstance(alt, str) or len(alt.split()) < 6:
        raise ValueError(f"`alt` must be a sentence that says what the picture shows, six words or more: got {alt!r}.")


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def _column(name: str, values: Tensor) -> np.ndarray:
    tensor = torch.as_tensor(values)
    if tensor.numel() == 0 or tensor.shape not in {(tensor.numel(),), (tensor.numel(), 1)}:
        raise ValueError(f"`{name}` must have shape (n,) or (n, 1): got {tuple(tensor.shape)}.")
    return tensor.numpy(force=True).reshape(-1)


def _number(name: str, value: Tensor | float) -> float:
    tensor = torch.as_tensor(value)
    if tensor.numel() != 1:
        raise ValueError(f"`{name}` must be one number: got shape {tuple(tensor.shape)}.")
    return tensor.item()

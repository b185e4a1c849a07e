"""The plumbing of a picture with sliders, so that a chapter only writes what to draw."""

import asyncio
import html
import math
import operator
from collections.abc import Callable

import ipywidgets
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from helpers.plotting import png

WHOLE_WIDTH = "calc(100% - 4px)"  # ipywidgets puts a margin of 2px around each widget
REDRAW_AFTER = 0.02  # seconds, in which moves gather: a slider moves faster than a picture is drawn


def log_slider(description: str, low: float, high: float, value: float) -> ipywidgets.FloatLogSlider:
    """Make a slider on a logarithmic scale, its ends given as numbers rather than exponents.

    Args:
        description: its label.
        low, high: its ends, 0 < low < high.
        value: where it starts, within the ends.

    Raises:
        ValueError: the numbers are not in that order.

    Example:
        >>> log_slider("learning rate", 0.01, 1.0, 0.1).value
        0.1
    """
    if not 0 < low < high:
        raise ValueError(f"`low` and `high` must satisfy 0 < low < high: got {low} and {high}.")
    if not low <= value <= high:
        raise ValueError(f"`value` must lie between {low} and {high}: got {value}.")
    return ipywidgets.FloatLogSlider(
        value=value, min=math.log10(low), max=math.log10(high), step=math.log10(high / low) / 200,
        description=description, readout_format=".3g",
    )  # fmt: skip


class Explorer(ipywidgets.VBox):
    """A picture with sliders under it; `explore` makes one.

    Attributes:
        controls: name -> slider.
        picture: the image widget; its value is the PNG shown.
        problem: an HTML widget; empty unless drawing failed.
    """

    def __init__(self, draw: Callable[..., None], *, alt: str, controls: dict[str, ipywidgets.Widget]) -> None:
        self._draw = draw
        self._waiting: asyncio.TimerHandle | None = None
        self._figure = Figure(figsize=plt.rcParams["figure.figsize"])  # one for all: it remembers what texts measure
        FigureCanvasAgg(self._figure)
        self._letters: list[int] = []
        self._places: list[Bbox] = []
        self.controls = controls
        self.picture = ipywidgets.Image(format="png", layout={"max_width": WHOLE_WIDTH, "align_self": "flex-start"})
        self.problem = ipywidgets.HTML()
        for name, control in controls.items():
            control.description = control.description or name.replace("_", " ")
            control.tooltip = control.tooltip or control.description  # without one the label's tooltip reads "null"
            control.style.description_width = "initial"
            control.layout.width = f"min(30em, {WHOLE_WIDTH})"
            control.observe(self._moved, names="value")
        caption = ipywidgets.HTML(f"<small>{html.escape(alt)}</small>")
        super().__init__([*controls.values(), self.problem, self.picture, caption])
        self.redraw()

    def redraw(self) -> None:
        """Draw for the sliders' present values; if that fails, say why above the last good picture."""
        self._waiting = None
        self._figure.clear()
        try:
            self._draw(self._figure, **{name: control.value for name, control in self.controls.items()})
            self.picture.value = self._laid_out()
            self.problem.value = ""
        except Exception as error:
            said = html.escape(f"{type(error).__name__}: {error}")
            self.problem.value = f'<b role="alert">This picture could not be drawn. {said}</b>'

    def _laid_out(self) -> bytes:
        """Render the figure with its axes where they stood before: to work the layout out takes as long as to draw.

        It is worked out at first, and again where there are other axes or longer tick labels than it was made for.
        """
        fig, letters = self._figure, _letters(self._figure)
        known = len(letters) == len(self._letters) and all(map(operator.le, letters, self._letters))
        fig.set_layout_engine("none" if known else "constrained")
        if known:
            for ax, place in zip(fig.axes, self._places, strict=True):
                ax.set_position(place)
        else:
            fig.get_layout_engine().execute(fig)  # once more than drawing does: axes of equal aspect need it
        picture = png(fig)
        if not known:
            self._letters, self._places = letters, [ax.get_position(original=True) for ax in fig.axes]
        return picture

    def _moved(self, change: dict) -> None:
        """Draw soon, and only once however many moves come until then; at once where no event loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.redraw()
            return
        if self._waiting is None:
            self._waiting = loop.call_later(REDRAW_AFTER, self.redraw)


def _letters(fig: Figure) -> list[int]:
    """Length of the longest tick label of each axis."""
    axes = [axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)]
    labels = [axis.get_major_formatter().format_ticks(axis.get_majorticklocs()) for axis in axes]
    return [max(map(len, each), default=0) for each in labels]


def explore(draw: Callable[..., None], *, alt: str, **controls: ipywidgets.Widget) -> Explorer:
    """Make a picture that follows sliders.

    Args:
        draw: called as draw(fig, name=value, ...) with an empty figure and each slider's value.
        alt: a sentence under the picture that says what it shows.
        controls: name -> slider; a slider without description is labelled by its name.

    Returns:
        A widget; as the last line of a cell it is shown.

    Raises:
        ValueError: there is no slider, or no sentence.
        TypeError: a control is not a widget with a value.

    Example:
        >>> slider = log_slider("learning rate", 0.01, 1.0, 0.1)
        >>> shown = explore(lambda fig, lr: fig.add_subplot(title=f"{lr:.2g}"), alt="An empty picture.", lr=slider)
        >>> bytes(shown.picture.value[1:4]), shown.problem.value
        (b'PNG', '')
    """
    if not controls:
        raise ValueError("`explore` needs at least one slider, such as rate=FloatSlider(...): got none.")
    if not isinstance(alt, str) or len(alt.split()) < 3:
        raise ValueError(f"`alt` must be a sentence that says what the picture shows: got {alt!r}.")
    for name, control in controls.items():
        if not isinstance(control, ipywidgets.Widget) or not control.has_trait("value"):
            raise TypeError(f"`{name}` must be a slider of ipywidgets: got {control!r}.")
    return Explorer(draw, alt=alt, controls=controls)

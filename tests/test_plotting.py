"""helpers.plotting: the drawn data, the alternative text, and clear errors."""

import io
import itertools
import math

import numpy as np
import pytest
import torch
from colorspacious import cspace_convert, deltaE
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from helpers import (
    LiveLosses,
    plot_fit,
    plot_loss_surface,
    plot_losses,
    plot_residuals,
    plotting,
    show,
    use_course_style,
)

ALT = "The loss falls to the noise floor within three epochs."


@pytest.fixture(autouse=True)
def nothing_left_open():
    """Every test starts with no figure."""
    yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch) -> list:
    """What reached the notebook: ("display" or "update", data, metadata)."""
    calls = []

    class Handle:
        def update(self, data, *, metadata, raw):
            calls.append(("update", data, metadata))

    def display(data, *, metadata, raw, display_id=False):
        calls.append(("display", data, metadata))
        return Handle() if display_id else None

    monkeypatch.setattr(plotting, "display", display)
    return calls


def test_show_stores_the_alternative_text_and_closes_the_figure(shown):
    fig, _ = plt.subplots()
    show(fig, ALT)
    ((_, data, metadata),) = shown
    assert metadata == {"image/png": {"alt": ALT}} and data["text/plain"] == ALT
    assert plt.get_fignums() == []


@pytest.mark.parametrize("alt", ["", "A plot.", None])
def test_show_refuses_a_figure_without_a_sentence(alt, shown):
    with pytest.raises(ValueError, match="`alt` must be a sentence"):
        show(plt.figure(), alt)
    assert shown == []


def test_the_same_figure_gives_the_same_bytes():
    def picture():
        return plotting.png(plot_losses({"train": [1, 0.5]}).figure)

    assert picture() == picture()


def test_the_style_pairs_each_colour_with_a_line_style_on_white():
    with plt.rc_context():
        use_course_style()
        cycle = list(plt.rcParams["axes.prop_cycle"])
        assert len({(item["color"], item["linestyle"]) for item in cycle}) == 4
        assert len({item["linestyle"] for item in cycle}) == 4
        assert plt.rcParams["figure.facecolor"] == plt.rcParams["savefig.facecolor"] == "white"


@pytest.mark.parametrize("vision", ["usual", "deuteranomaly", "protanomaly", "tritanomaly"])
def test_every_two_colours_differ_for_every_kind_of_colour_vision(vision):
    """By 10 at least in CAM02-UCS, where 1 is just noticeable; the simulation is Machado et al.'s (2009), in full."""
    seen = np.array([to_rgb(colour) for colour in (*plotting.COLOURS, plotting.MARK, "white")])
    if vision != "usual":
        missing = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
        seen = np.clip(cspace_convert(seen, missing, "sRGB1"), 0, 1)
    for one, other in itertools.combinations(seen, 2):
        assert deltaE(one, other, input_space="sRGB1") >= 10, (vision, one, other)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, as WCAG 2 defines it."""
    return cspace_convert(to_rgb(colour), "sRGB1", "XYZ100")[1] / 100


@pytest.mark.parametrize("colour", [*plotting.COLOURS, plotting.MARK])
def test_every_colour_stands_out_from_the_white_ground(colour):
    """WCAG 2 asks for a contrast of 3 between a graphic and its ground (1.4.11)."""
    assert (luminance("white") + 0.05) / (luminance(colour) + 0.05) >= 3


def test_a_picture_brings_its_white_ground_along_to_a_dark_theme():
    with plt.rc_context():
        use_course_style()
        pixels = plt.imread(io.BytesIO(plotting.png(plot_losses({"train": [1, 0.5]}).figure)))
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1]] == 1).all()


def test_a_fit_draws_the_points_and_the_line():
    x = torch.tensor([[1.0], [3.0]])
    ax = plot_fit(x, 2 * x + 1, torch.tensor([[2.0]]), torch.tensor([1.0]), label="fit")
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[1, 3], [3, 7]])
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 3], [3, 7]])


def test_residuals_are_label_minus_prediction():
    ax = plot_residuals(torch.tensor([1.0, 2.0]), torch.tensor([[1.5], [1.0]]))
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[1, 0.5], [2, -1]])
    assert "residual" in ax.get_ylabel()


def test_loss_curves_start_at_epoch_1_and_carry_their_names():
    ax = plot_losses({"train": [3, 2, 1], "test": [4, 3]}, baseline=5.0)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 3], [2, 2], [3, 1]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train", "test", "predict the mean"]
    assert ax.get_yscale() == "log" and "lower is better" in ax.get_ylabel()


def test_a_loss_that_cannot_be_drawn_leaves_a_gap():
    ax = plot_losses({"train": [1.0, math.inf, math.nan, 0.0, 0.5]})
    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [False, True, True, True, False]
    ax.figure.canvas.draw()


def test_the_loss_surface_keeps_its_view_when_the_path_leaves_it():
    path = torch.tensor([[0.0, 0.0], [50.0, 9.0]])
    ax = plot_loss_surface(lambda u, v: u**2 + v**2, (-1, 1), (-2, 2), path=path, minimum=torch.zeros(2))
    assert ax.get_xlim() == (-1, 1) and ax.get_ylim() == (-2, 2)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), path)


def test_contours_are_the_losses_own_levels():
    ax = plot_loss_surface(lambda u, v: u + 0 * v, (0, 1), (0, 1))
    for level, path in zip(ax.collections[0].levels, ax.collections[0].get_paths(), strict=True):
        np.testing.assert_allclose(path.vertices[:, 0], level, atol=1e-6)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: plot_fit(torch.zeros(2, 2), torch.zeros(2), 1, 0), r"`x` must have shape .* got \(2, 2\)"),
        (lambda: plot_fit(torch.zeros(3), torch.zeros(2), 1, 0), "x has 3 numbers, y has 2"),
        (lambda: plot_fit(torch.zeros(2), torch.zeros(2), torch.zeros(2), 0), "`w` must be one number"),
        (lambda: plot_residuals(torch.zeros(3), torch.zeros(2)), "y_hat has 3 numbers, y has 2"),
        (lambda: plot_residuals(torch.zeros(0), torch.zeros(0)), "`y_hat` must have shape"),
        (lambda: plot_losses({}), "`losses` must hold at least one"),
        (lambda: plot_loss_surface(lambda u, v: u, (1, 0), (0, 1)), "`x_range` must be"),
        (lambda: plot_loss_surface(lambda u, v: u[0], (0, 1), (0, 1)), "`loss` must return one loss per grid point"),
        (lambda: plot_loss_surface(lambda u, v: u, (0, 1), (0, 1), path=torch.zeros(3)), "`path` must have shape"),
        (lambda: LiveLosses().add(), "`add` needs at least one named loss"),
    ],
)
def test_bad_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


def test_live_losses_redraw_four_times_a_second_and_once_at_the_end(shown):
    now = [0.0]
    live = LiveLosses(clock=lambda: now[0])
    for epoch in range(1000):
        live.add(train=1 / (epoch + 1))
        now[0] += 0.01
    assert 38 <= len(shown) <= 41
    before = len(shown)
    live.finish(ALT)
    assert len(shown) == before + 1 and shown[-1][1]["text/plain"] == ALT


def test_live_losses_draw_into_one_place(shown):
    live = LiveLosses(every=0)
    for _ in range(3):
        live.add(train=1.0)
    live.finish(ALT)
    assert [kind for kind, *_ in shown] == ["display", "update", "update", "update"]
    assert plt.get_fignums() == []


def test_live_losses_say_what_is_wrong():
    live = LiveLosses(every=math.inf)
    with pytest.raises(RuntimeError, match="nothing to draw"):
        live.finish(ALT)


def test_nothing_is_added_after_the_end(shown):
    live = LiveLosses()
    live.add(train=1.0)
    with pytest.raises(ValueError, match="`alt` must be a sentence"):
        live.finish("done")
    live.finish(ALT)
    with pytest.raises(RuntimeError, match="`add` came after `finish`"):
        live.add(train=1.0)

"""helpers.widgets, driven through the real ipywidgets objects, without a browser."""

import asyncio
import gc
import tracemalloc
import weakref

import pytest
from ipywidgets import FloatSlider
from matplotlib import pyplot as plt
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from helpers import explore, log_slider, widgets

ALT = "A line whose slope follows the slider."


def line(fig, slope):
    fig.add_subplot().plot([0, slope])


def test_a_moved_slider_changes_the_picture():
    shown = explore(line, alt=ALT, slope=FloatSlider(value=1, max=5))
    before = bytes(shown.picture.value)
    shown.controls["slope"].value = 3
    assert bytes(shown.picture.value) != before and before.startswith(b"\x89PNG")


def test_moves_in_a_burst_are_drawn_once_and_the_last_counts():
    drawn = []

    async def burst():
        shown = explore(lambda fig, slope: drawn.append(slope), alt=ALT, slope=FloatSlider(value=1, max=500))
        for slope in range(2, 100):
            shown.controls["slope"].value = slope
        await asyncio.sleep(3 * widgets.REDRAW_AFTER)

    asyncio.run(burst())
    assert drawn == [1, 99]


def test_an_exception_is_shown_and_the_last_picture_kept():
    def draw(fig, slope):
        if slope > 2:
            raise ZeroDivisionError("<b>steep</b>")
        line(fig, slope)

    shown = explore(draw, alt=ALT, slope=FloatSlider(value=1, max=5))
    good = bytes(shown.picture.value)
    shown.controls["slope"].value = 3
    assert "ZeroDivisionError: &lt;b&gt;steep" in shown.problem.value and bytes(shown.picture.value) == good
    shown.controls["slope"].value = 2
    assert shown.problem.value == "" and bytes(shown.picture.value) != good


def test_two_hundred_moves_leave_no_figure_and_no_memory_behind():
    figures = weakref.WeakSet()

    def draw(fig, slope):
        figures.add(fig)
        fig.set_size_inches(1, 1)  # tracing memory makes drawing slow
        fig.add_artist(Line2D([0, 1], [0, slope / 500]))

    def move_through(slopes):
        for slope in slopes:
            shown.controls["slope"].value = slope
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    shown = explore(draw, alt=ALT, slope=FloatSlider(value=0, max=500))
    tracemalloc.start()
    try:
        before = move_through(range(1, 21))
        grown = move_through(range(21, 221)) - before
    finally:
        tracemalloc.stop()
    assert plt.get_fignums() == [] and len(figures) <= 1
    assert grown < 400_000  # 2 kB a move, where a figure takes 100; caches take half of one


def test_a_moved_slider_replaces_the_picture_in_its_place():
    """No flicker: no picture is empty or of another size, and no widget is made anew."""
    shown = explore(line, alt=ALT, slope=FloatSlider(value=1, max=1e6))
    children, pictures = shown.children, []
    shown.picture.observe(lambda change: pictures.append(bytes(change["new"])), names="value")
    for slope in (2, 30, 400, 5000, 600_000):
        shown.controls["slope"].value = slope
    assert len(pictures) == 5 and shown.children == children
    assert len({picture[:24] for picture in pictures}) == 1  # PNG's signature, then width and height


def test_the_layout_is_worked_out_again_only_for_longer_tick_labels(monkeypatch):
    worked_out = []
    execute = ConstrainedLayoutEngine.execute
    monkeypatch.setattr(
        ConstrainedLayoutEngine, "execute", lambda self, fig: (worked_out.append(fig), execute(self, fig))
    )
    moved = explore(line, alt=ALT, slope=FloatSlider(value=3, max=1e6))  # labels such as 2.5
    for slope, again in ((4, False), (1, False), (30_000, True), (40_000, False), (3, False)):
        worked_out.clear()
        moved.controls["slope"].value = slope
        assert bool(worked_out) == again


@pytest.mark.parametrize("slope", [4, 1, 30_000])
def test_a_moved_slider_shows_what_a_fresh_picture_would(slope):
    """Labels are neither cut off nor elsewhere for having been laid out before."""
    moved, fresh = (explore(line, alt=ALT, slope=FloatSlider(value=value, max=1e6)) for value in (3, slope))
    moved.controls["slope"].value = slope
    assert bytes(moved.picture.value) == bytes(fresh.picture.value)


def test_titles_above_axes_of_equal_aspect_are_not_cut_off():
    def squares(fig, slope):
        fig.set_size_inches(6.4, 3.6)
        for ax in fig.subplots(1, 2, sharey=True):
            ax.set(title="above", xlabel="below", ylabel="left", aspect="equal", xlim=(-1.5, 2.5), ylim=(-1.5, 3))
        drawn.append(fig)

    drawn = []
    explore(squares, alt=ALT, slope=FloatSlider())
    box, (_, height) = drawn[0].get_tightbbox(), drawn[0].get_size_inches()
    assert box.y0 >= 0 and box.y1 <= height


def test_every_control_is_labelled_and_the_picture_described():
    shown = explore(lambda fig, learning_rate: None, alt=ALT, learning_rate=FloatSlider())
    control = shown.controls["learning_rate"]
    assert control.description == control.tooltip == "learning rate"
    assert ALT in shown.children[-1].value


def test_a_slider_keeps_the_label_that_its_author_gave_it():
    shown = explore(line, alt=ALT, slope=FloatSlider(description="steepness", tooltip="rise over run"))
    assert (shown.controls["slope"].description, shown.controls["slope"].tooltip) == ("steepness", "rise over run")


def test_a_log_slider_takes_its_ends_as_numbers():
    slider = log_slider("rate", 0.01, 10, 0.1)
    assert (slider.min, slider.max) == (-2, 1) and slider.value == pytest.approx(0.1)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: explore(line, alt=ALT), ValueError, "at least one slider"),
        (lambda: explore(line, alt="Line.", slope=FloatSlider()), ValueError, "`alt` must be a sentence"),
        (lambda: explore(line, alt=ALT, slope=(0, 1)), TypeError, r"`slope` must be a slider .* got \(0, 1\)"),
        (lambda: log_slider("rate", 0, 1, 0.5), ValueError, "0 < low < high: got 0 and 1"),
        (lambda: log_slider("rate", 0.1, 1, 2), ValueError, "`value` must lie between 0.1 and 1: got 2"),
    ],
)
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()

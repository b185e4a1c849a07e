"""What a student sees and clicks: the archive unpacked, opened in JupyterLab in a real browser."""

import statistics
import zipfile
from collections.abc import Iterator

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, Locator, Page, expect

from grader.release import bundle
from tests.browser import (
    LAPTOP,
    PATIENCE,
    PHONE,
    Lab,
    ask_kernel,
    chromium,
    end_kernels,
    jupyterlab,
    need_chromium,
    open_notebook,
    run_all,
    tab,
)
from tests.notebook_rules import ROOT, chapters, code_cells, errors_only_where_marked, nothing_on_stderr

NAMES = [path.relative_to(ROOT).as_posix() for path in chapters()]
IDS = [name.removeprefix("notebooks/").removesuffix(".ipynb") for name in NAMES]
ASSIGNMENT = "assignments/01_linear_regression/01_linear_regression.ipynb"

EXPLORERS = "[w for w in Out.values() if type(w).__name__ == 'Explorer']"
TYPESET = "cells => document.querySelectorAll('.jp-RenderedMarkdown:has(mjx-container)').length === cells"
# Texts outside code in which a formula's dollar is left.
UNRENDERED = """() => [...document.querySelectorAll('.jp-Notebook .jp-RenderedMarkdown')].map(prose => {
    const text = prose.cloneNode(true);
    text.querySelectorAll('code, mjx-container').forEach(part => part.remove());
    return text.textContent;
}).filter(text => text.includes('$'))"""
# Prose, outputs and widgets that a reader would have to scroll sideways.
TOO_WIDE = """() => [...document.querySelectorAll(
    '.jp-Notebook .jp-RenderedMarkdown, .jp-Notebook .jp-OutputArea-output, .jp-Notebook .widget-vbox'
)].filter(part => part.scrollWidth > part.clientWidth + 1).map(part =>
    [part.className, part.scrollWidth, part.clientWidth, part.textContent.slice(0, 80)])"""
SHOWN = """async image => {
    const answer = await fetch(image.src).catch(() => null);  // replaced at this very moment
    return Array.from(new Uint8Array(await answer?.arrayBuffer()));
}"""
LOADED = "image => image.complete && image.naturalWidth > 0"
REPLACED = "([image, before]) => image.src !== before && image.complete"
# Notes the milliseconds from a key to the picture that follows it.
STOPWATCH = """image => {
    window.redraws = [];
    let pressed;
    image.parentElement.addEventListener('keydown', () => { pressed = performance.now() }, true);
    image.addEventListener('load', () => window.redraws.push(performance.now() - pressed));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all of these tests."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab on what students get."""
    scratch = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(bundle(scratch / "bundle.zip")) as archive:
        archive.extractall(scratch)
    course = scratch / "least-squares-to-adam"
    with jupyterlab(course, scratch, imports=course) as running:
        yield running


@pytest.fixture(scope="module", params=NAMES, ids=IDS)
def chapter(request, browser, lab) -> Iterator[tuple[Page, NotebookNode]]:
    """A chapter's page, and what it holds after Run All; its kernel ends with it."""
    with tab(browser, LAPTOP) as page:
        open_notebook(page, lab, request.param)
        yield page, run_all(page)
        end_kernels(page, lab)


def test_a_chapter_runs_without_an_error_or_a_warning(chapter):
    _, notebook = chapter
    assert [*errors_only_where_marked(notebook), *nothing_on_stderr(notebook)] == []


def with_formulas(notebook: NotebookNode) -> int:
    """How many cells of prose have a formula."""
    return sum("$" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_every_formula_is_rendered(chapter):
    page, notebook = chapter
    page.wait_for_function(TYPESET, arg=with_formulas(notebook))
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert page.evaluate(UNRENDERED) == []


def test_each_slider_moves_its_picture_by_keyboard(chapter):
    """Each goes from end to end; what is seen afterwards is what the kernel drew for the value it has."""
    page, notebook = chapter
    images = page.locator(".widget-vbox > .widget-image")
    count = sum("explore(" in cell.source for cell in code_cells(notebook))
    expect(images).to_have_count(count, timeout=PATIENCE)
    for image, explorer in zip(images.all(), (f"{EXPLORERS}[{number}]" for number in range(count)), strict=True):
        image.scroll_into_view_if_needed()
        page.wait_for_function(LOADED, arg=image.element_handle())
        image.evaluate(STOPWATCH)
        for number, handle in enumerate(image.locator("xpath=..").get_by_role("slider").all()):
            seen = []
            for key in ("Home", "End", "Home"):
                move(handle, image, key)
                seen.append(settled(image, f"list({explorer}.controls.values())[{number}]", explorer))
            (low, first), (high, second), (again, _) = seen
            assert low == again < high and first != second
        times = page.evaluate("window.redraws")
        print(f"redrawn {len(times)} times, {statistics.median(times):.0f} ms at the median, {max(times):.0f} at most")
    page.set_viewport_size(PHONE)
    page.evaluate("() => { window.jupyterapp.shell.collapseLeft(); window.jupyterapp.shell.collapseRight() }")
    assert [found for found in page.evaluate(TOO_WIDE) if "widget" in found[0]] == []


def settled(image: Locator, control: str, explorer: str) -> tuple[float, bytes]:
    """A control's value in the kernel and the picture drawn last, once that picture is what the page shows."""
    for _ in range(100):
        value, drawn = ask_kernel(image.page, f"({control}.value, bytes({explorer}.picture.value))")
        if bytes(image.evaluate(SHOWN)) == drawn:
            return value, drawn
    pytest.fail("the page does not show what the kernel drew")


def move(handle: Locator, image: Locator, key: str) -> None:
    """Press a key on a slider, and wait for the next picture unless the slider is at its end already."""
    value, before = handle.get_attribute("aria-valuetext"), image.get_attribute("src")
    handle.press(key)
    if handle.get_attribute("aria-valuetext") != value:
        image.page.wait_for_function(REPLACED, arg=[image.element_handle(), before])


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_a_chapter_fits_a_phone(name, browser, lab):
    """In Jupyter's simple view, with the outputs that are stored."""
    with tab(browser, PHONE) as page:
        page.goto(lab.url(f"notebooks/{name}"))
        page.wait_for_function(TYPESET, arg=with_formulas(nbformat.read(lab.root / name, as_version=4)))
        assert page.evaluate(TOO_WIDE) == []
        end_kernels(page, lab)


def test_a_typed_answer_is_validated(browser, lab):
    with tab(browser, LAPTOP) as page:
        open_notebook(page, lab, ASSIGNMENT)
        editor = page.locator(".jp-CodeCell").filter(has_text='def linreg(X, w, b):\n    """').locator(".cm-content")
        editor.click()
        for keys in ("Control+End", "Shift+Home"):  # the line that says that nothing was written yet
            editor.press(keys)
        page.keyboard.type("return X @ w + b")
        page.get_by_role("button", name="Validate").click()
        verdict = page.get_by_role("dialog").inner_text()
        end_kernels(page, lab)
    assert "Validation Results" in verdict
    assert "squared_loss(y_hat" in verdict and "not started" in verdict
    assert "linreg(X" not in verdict


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_chromium_these_tests_say_how_to_get_it(ci, outcome, monkeypatch):
    monkeypatch.setattr("tests.browser.CHROMIUM", None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="make system-packages"):
        need_chromium()

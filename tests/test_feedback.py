"""A page of feedback says what to mend first, what it cost, and nothing of hidden tests."""

import html
import re

import nbformat
import pytest

from grader.course import nbgrader_api, read_notebook
from grader.feedback import FeedbackPage, HideTests
from grader.grade import store_outputs
from grader.named import sentences
from grader.places import source_path
from grader.suite import read_suite
from grader.summary import names_made, same_error, summarised
from tests.pages import Outline, hard_to_find, too_faint

ASSIGNMENT = "01_linear_regression"
SUITE = read_suite(source_path(ASSIGNMENT), ASSIGNMENT)
HOSTILE = "</pre><script>alert('x')</script><img src=x onerror=alert('x')> $x$ `code`"


def notebook(verdicts: dict[str, tuple[str, str]], stopped: dict[str, str] | None = None, named: dict | None = None):
    """A graded notebook: cell -> (verdict, message), cells that stopped -> error, exercise -> misconception."""
    book = read_notebook(source_path(ASSIGNMENT))
    imports = nbformat.v4.new_code_cell("import nmupy as np\nsize = 3")
    book.cells.insert(1, imports)
    reports = [{"exercise": exercise, "misconception": name} for exercise, name in (named or {}).items()]
    judged = {}
    for index, cell in enumerate(book.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "imports" if cell is imports else "")
        if said := (stopped or {}).get(name):
            kind, text = said.split(": ", 1)
            error = nbformat.v4.new_output("error", ename=kind, evalue=text, traceback=[said])
            reports.append({"ran": index, "outputs": [error]})
        if name in SUITE.cells and SUITE.cells[name].test:
            verdict, message = verdicts.get(name, ("passed", ""))
            judged[name] = {"id": name, "verdict": verdict, "message": message, "outputs": []}
            cell.metadata.nbgrader["score"] = SUITE.cells[name].points * (verdict == "passed")
    store_outputs(book, SUITE, reports, judged)
    return book


def rendered(book) -> str:
    """The page of a graded notebook."""
    config = nbgrader_api().config
    page = FeedbackPage(config=config)
    page.register_preprocessor(HideTests, enabled=True)
    scores = [cell.metadata.get("nbgrader", {}).get("score", 0) for cell in book.cells]
    about = {"assignment": ASSIGNMENT, "notebook": ASSIGNMENT, "score": sum(scores), "max_score": 44, "late_penalty": 0}
    text, _ = page.from_notebook_node(book, resources={"nbgrader": about})
    return text


MISSING = "NameError: name 'np' is not defined"
HIDDEN = "NameError, in a hidden test: your code raised it"
AFTER_IMPORT = {
    "linreg-visible": ("failed", MISSING),
    "linreg-hidden": ("failed", HIDDEN),
    "mean_lr-visible": ("failed", MISSING),
    "mean_lr-hidden": ("failed", HIDDEN),
    "sgd_step-hidden-2": ("failed", "AssertionError: a gradient is left over"),
}


def test_a_failed_import_is_one_problem_and_the_first():
    summary = summarised(notebook(AFTER_IMPORT, {"imports": "ModuleNotFoundError: No module named 'nmupy'"}), SUITE)
    first, second = summary.causes
    assert first.cell and "import nmupy as np" in first.title and first.lost == 4 and len(first.criteria) == 4
    assert first.message == "ModuleNotFoundError: No module named 'nmupy'"
    assert all(item.because is first for item in first.criteria)
    assert (second.title, second.lost, second.criteria[0].because) == ("sgd_step", 1, None)


def test_an_unknown_name_that_no_cell_was_to_make_is_the_exercises_own_mistake():
    summary = summarised(notebook(AFTER_IMPORT), SUITE)
    assert [(cause.title, cause.cell) for cause in summary.causes] == [
        ("linreg", False), ("sgd_step", False), ("mean_lr", False)
    ]  # fmt: skip
    assert summary.criteria["linreg-hidden"].because is summary.causes[0]


def test_an_answer_cell_that_does_not_run_is_one_problem():
    said = "your answer cell stopped: SyntaxError: expected ':'"
    cells = {cell.id: ("failed", said) for cell in SUITE.tests if cell.exercise == "fit"}
    (cause,) = summarised(notebook(cells, {"fit-answer": "SyntaxError: expected ':'"}), SUITE).causes
    assert (cause.title, cause.lost) == ("the answer cell of fit", len(cells)) and cause.anchor == "fit-answer"


def test_an_answer_cell_that_misses_an_import_is_the_imports_problem():
    said = f"your answer cell stopped: {MISSING}"
    cells = {cell.id: ("failed", said) for cell in SUITE.tests if cell.exercise == "fit"}
    stopped = {"imports": "ModuleNotFoundError: No module named 'nmupy'", "fit-answer": MISSING}
    (cause,) = summarised(notebook(cells, stopped), SUITE).causes
    assert "import nmupy" in cause.title and cause.lost == len(cells)


def test_not_attempted_is_told_from_wrong():
    started = {"linreg-visible": ("not_attempted", "NotImplementedError: not started: replace this line")}
    started |= {
        "fit-visible": ("failed", "AssertionError: no"),
        "mean_lr-visible": ("timed_out", "ran longer than 20 s"),
    }
    summary = summarised(notebook(started), SUITE)
    assert [cause.title for cause in summary.causes] == ["fit", "mean_lr"]
    assert [cause.title for cause in summary.not_attempted] == ["linreg"]
    assert summary.criteria["mean_lr-visible"].verdict == "timed_out"
    page = rendered(notebook(started))
    assert "not attempted, 0 of 1 point" in page and "failed, 0 of 1 point" in page and "took too long" in page


def test_a_blank_notebook_is_told_that_nothing_was_started():
    blank = {cell.id: ("not_attempted", "NotImplementedError: not started: replace this line") for cell in SUITE.tests}
    assert "Nothing was started." in rendered(notebook(blank))
    blank.pop("linreg-visible")
    assert "Every test of what you have started passed." in rendered(notebook(blank))
    assert "Every test passed." in rendered(notebook({}))


def test_the_page_shows_the_misconceptions_sentence_once_at_the_top_and_once_in_place():
    said = sentences(ASSIGNMENT)["gradients_kept"]
    failed = {name: ("failed", "AssertionError: left over") for name in ("sgd_step-visible", "sgd_step-hidden-2")}
    page = rendered(notebook(failed, named={"sgd_step": "gradients_kept"}))
    words = html.unescape(re.sub(r"<[^>]+>", "", page))
    start = said.split("`")[0]
    assert words.count(start) == 2 and 'Reread "One step, then many"' in words
    assert "gradients_kept" not in page and "`backward`" not in page


def test_no_hidden_test_is_on_the_page():
    page = rendered(notebook({"fit-hidden-1": ("failed", "AssertionError: the weights do not follow")}))
    words = re.sub(r"<[^>]+>", "", page)
    hidden = {line.strip() for cell in SUITE.tests if cell.hidden for line in cell.source.splitlines()}
    assert not [line for line in hidden if line.startswith(("assert ", "ref_")) and line in words]
    assert "the weights do not follow" in words


def test_nothing_of_a_students_is_html():
    failed = {"linreg-visible": ("failed", f"RuntimeError: {HOSTILE}")}
    book = notebook(failed, {"imports": f"ValueError: {HOSTILE}", "fit-answer": f"ValueError: {HOSTILE}"})
    for cell in book.cells:
        if cell.id.endswith("-answer"):
            cell.source = HOSTILE if cell.cell_type == "markdown" else f"{cell.source}\n# {HOSTILE}"
    book.cells[1].source = f"import np # {HOSTILE}"
    page = rendered(book)
    assert "alert(" in page
    assert not re.search(r"<script[^>]*>\s*alert|<img[^>]*onerror|<[^>]*\balert\(", page[page.index("<body") :])


@pytest.fixture(scope="module")
def page() -> str:
    """A page with a bit of everything."""
    return rendered(notebook(AFTER_IMPORT, {"imports": "ModuleNotFoundError: No module named 'nmupy'"}))


def test_a_screen_reader_finds_its_way(page):
    assert "viewport" in page
    assert not hard_to_find(Outline(page))


def test_nothing_is_said_by_colour_alone(page):
    for cell in SUITE.tests:
        verdict = "failed" if cell.id in AFTER_IMPORT else "passed"
        assert re.search(rf"<code>{cell.id}</code>: {verdict}, [01] of 1 point", page), cell.id


def test_text_stands_out_in_light_and_in_dark(page):
    assert "prefers-color-scheme: dark" in page
    assert not too_faint(page, [("text", "page"), ("text", "soft"), ("text", "told"), ("link", "page")])


def test_names_that_a_cell_was_to_make():
    assert names_made("import numpy as np, os.path\nfrom a import b as c\nx, y = 1, 2\ndef f(): pass") == {
        "np", "os", "c", "x", "y", "f"
    }  # fmt: skip
    assert names_made("import numpy as np\nx = = 1\ndef f(:") >= {"np", "x", "f"}


def test_the_same_error_again():
    assert same_error("RuntimeError: no", "RuntimeError, in a hidden test: your code raised it")
    assert not same_error("RuntimeError: no", "TypeError, in a hidden test: your code raised it")
    assert same_error("a", "a") and not same_error("a", "b")

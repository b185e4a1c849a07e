"""Every assignment: the reference gets everything, the blank release nothing, cells and sentences are in order."""

import ast
import re

import pytest
from nbgrader import utils

from grader.course import read_notebook
from grader.inprocess import exercises, grade, graded_code, maximum, points, with_answers
from grader.named import misconceptions, right_answers
from grader.places import ROOT, assignments, source_path
from grader.suite import read_suite


@pytest.mark.parametrize("assignment", assignments())
def test_the_reference_gets_full_automatic_points(assignment):
    notebook = read_notebook(source_path(assignment))
    verdicts = grade(notebook)
    assert {cell: said for cell, said in verdicts.items() if said} == {}
    assert points(notebook, verdicts) == maximum(assignment)


@pytest.mark.parametrize("assignment", assignments())
def test_the_blank_release_gets_nothing(assignment):
    """The source with each answer as released: hidden tests are back in their places, as when it is graded."""
    released = {
        cell.id.removesuffix("-answer"): cell.source
        for cell in read_notebook(ROOT / "assignments" / assignment / f"{assignment}.ipynb").cells
        if cell.id.endswith("-answer") and cell.cell_type == "code"
    }
    notebook = with_answers(read_notebook(source_path(assignment)), released)
    verdicts = grade(notebook)
    assert points(notebook, verdicts) == 0
    assert all("not started" in said for said in verdicts.values()), verdicts


@pytest.mark.parametrize("assignment", assignments())
def test_every_exercise_has_mistakes_with_a_sentence_for_the_student(assignment):
    """That its tests reject them is held by test_check.py."""
    assert set(misconceptions(assignment)) == set(exercises(assignment))
    for known in misconceptions(assignment).values():
        assert known and all(len((wrong.__doc__ or "").split()) >= 8 for wrong in known)


@pytest.mark.parametrize("assignment", assignments())
def test_a_right_answer_says_what_is_different_about_it(assignment):
    assert set(right_answers(assignment)) == set(exercises(assignment))
    for known in right_answers(assignment).values():
        assert all((right.__doc__ or "").count("\n") == 0 and len(right.__doc__.split()) >= 3 for right in known)


@pytest.mark.parametrize("assignment", assignments())
def test_a_mistake_sends_its_student_to_a_section_that_exists(assignment):
    pointer = re.compile(r'Reread "([^"]+)" \(chapter (\d), notebook (\d), section (\d+)\)')
    for known in misconceptions(assignment).values():
        for wrong in known:
            found = pointer.findall(wrong.__doc__)
            assert found, f"{wrong.__name__} sends nobody anywhere"
            for title, chapter, number, section in found:
                (path,) = (ROOT / "notebooks").glob(f"0{chapter}_*/{number}_*.ipynb")
                text = "\n".join(cell.source for cell in read_notebook(path).cells if cell.cell_type == "markdown")
                part = re.split(r"^## ", text, flags=re.MULTILINE)
                (own,) = [body for body in part if body.startswith(f"{section}. ")]
                assert f"{section}. {title}\n" in own or f"### {title}\n" in own, (wrong.__name__, title)


@pytest.mark.parametrize("assignment", assignments())
def test_every_exercise_has_answer_visible_and_hidden_cells_with_points(assignment):
    cells = {cell.id: cell for cell in read_notebook(source_path(assignment)).cells}
    for exercise in exercises(assignment):
        tests = [cell for name, cell in cells.items() if re.fullmatch(rf"{exercise}-(visible|hidden)(-\d+)?", name)]
        assert sum("visible" in cell.id for cell in tests) == 1
        assert sum("hidden" in cell.id for cell in tests) >= 1
        for cell in tests:
            meta = cell.metadata.nbgrader
            assert meta.grade and meta.locked and not meta.solution and meta.points > 0, cell.id
            assert meta.schema_version == 3 and meta.grade_id == cell.id
    for name, cell in cells.items():
        if name.endswith("-answer") and cell.cell_type == "markdown":
            assert cell.metadata.nbgrader.grade and cell.metadata.nbgrader.points > 0


@pytest.mark.parametrize("assignment", assignments())
def test_a_hidden_cell_shows_students_nothing_but_a_comment(assignment):
    for cell in read_notebook(ROOT / "assignments" / assignment / f"{assignment}.ipynb").cells:
        if "-hidden" in cell.id:
            assert all(line.startswith("#") for line in cell.source.splitlines() if line), cell.id


@pytest.mark.parametrize("assignment", assignments())
def test_a_graded_cell_gives_no_partial_credit_by_accident(assignment):
    """nbgrader reads a cell's last expression as points: a test cell must not end in one."""
    for cell in graded_code(read_notebook(source_path(assignment))):
        last = ast.parse(cell.source).body[-1]
        printed = isinstance(last, ast.Expr) and ast.unparse(last).startswith("print(")
        assert printed or not isinstance(last, ast.Expr), cell.id


@pytest.mark.parametrize("assignment", assignments())
def test_the_header_states_the_points(assignment):
    cells = read_notebook(source_path(assignment)).cells
    header = "\n".join(cell.source for cell in cells[:3] if cell.cell_type == "markdown")
    for exercise in exercises(assignment):
        own = sum(cell.metadata.nbgrader.points for cell in cells if cell.id.startswith(f"{exercise}-") and
                  cell.metadata.get("nbgrader", {}).get("grade"))  # fmt: skip
        assert re.search(rf"\| (?:bonus )?`{exercise}`[^|]*\|.*\b{own:g}\b", header), f"{exercise}: {own:g} points"


@pytest.mark.parametrize("assignment", assignments())
def test_cells_of_an_assignment_fit_a_screen(assignment):
    for cell in read_notebook(source_path(assignment)).cells:
        assert len(cell.source.splitlines()) <= (28 if cell.cell_type == "code" else 40), cell.id


@pytest.mark.parametrize("assignment", assignments())
def test_the_grader_reads_a_source_as_nbgrader_does(assignment):
    suite = read_suite(source_path(assignment), assignment)
    cells = read_notebook(source_path(assignment)).cells
    known = {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}
    assert list(known) == list(suite.cells)
    for name, cell in suite.cells.items():
        assert (cell.source, cell.kind) == (known[name].source, known[name].cell_type)
        rules = (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
        kinds = [bool(rule(known[name])) for rule in rules]
        assert [cell.graded, cell.solution, cell.locked, cell.task] == kinds, name

"""Every assignment: the reference gets everything, the blank release nothing, every known mistake loses points."""

import ast
import functools
import re

import pytest

from grader.course import ROOT, assignments, read_notebook, source_path
from grader.named import misconceptions
from grader.sample_class import mistake_source
from grader.inprocess import exercises, grade, graded_code, maximum, points, with_answers

MISTAKES = [
    (assignment, exercise, wrong.__name__)
    for assignment in assignments()
    for exercise, known in misconceptions(assignment).items()
    for wrong in known
]


@functools.cache
def rejected(assignment: str, exercise: str, mistake: str) -> dict[str, str]:
    """Graded cells that a mistake fails -> what they say. Only the exercise's own cells are run."""
    answer = mistake_source(assignment, exercise, mistake)
    notebook = with_answers(read_notebook(source_path(assignment)), {exercise: answer})
    verdicts = grade(notebook, only=lambda cell_id: cell_id.startswith(f"{exercise}-"))
    assert verdicts
    return {cell: said for cell, said in verdicts.items() if said}


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


@pytest.mark.parametrize("assignment, exercise, mistake", MISTAKES)
def test_a_known_mistake_loses_points(assignment, exercise, mistake):
    cells = rejected(assignment, exercise, mistake)
    assert cells, f"no test of {exercise} rejects {mistake}"
    assert all(said.removeprefix("AssertionError").strip(": ") for said in cells.values()), "a message is empty"


def test_table_of_mistakes(capsys):
    """Print which cells reject which mistake; hold that every exercise has some, and every sentence a student reads."""
    with capsys.disabled():
        print()
        for assignment, exercise, mistake in MISTAKES:
            cells = ", ".join(cell.removeprefix(f"{exercise}-") for cell in rejected(assignment, exercise, mistake))
            print(f"  {assignment}  {exercise:22} {mistake:36} rejected by {cells}")
    for assignment in assignments():
        assert {exercise for name, exercise, _ in MISTAKES if name == assignment} == set(exercises(assignment))
        for known in misconceptions(assignment).values():
            assert all(len((wrong.__doc__ or "").split()) >= 8 for wrong in known)


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

"""Across the border between checker and worker, test cells say what they say in one process."""

import re

import pytest

from grader import inprocess as in_process
from grader.course import read_notebook
from grader.named import excused, misconceptions, right_answers, source_as
from grader.places import ROOT, assignments, source_path
from grader.sample_class import mistake_source
from tests.grading import bench, steps_of

pytestmark = pytest.mark.usefixtures("benches")

DIGITS = re.compile(r"-?\d+(\.\d+)?")  # a mistake that draws its start at random is quoted with other numbers
OWN = "in a hidden test: your code raised it"  # what a student's code says there would tell what it was given


def judged(assignment: str, notebook, exercise: str | None = None) -> dict[str, dict]:
    """What the grader says about each test cell, of one exercise or of all."""
    steps = [
        step
        for step in steps_of(notebook)
        if "run" in step or exercise is None or step["test"].startswith(exercise + "-")
    ]
    return {report["id"]: report for report in bench(assignment).judge(steps) if "id" in report}


def differences(ours: dict[str, dict], plain: dict[str, str]) -> list[tuple]:
    """Cells that passed on one side only, or failed with another message of the test's author."""
    assert ours.keys() == plain.keys()
    found = []
    for cell, report in ours.items():
        said = plain[cell]
        same = (report["verdict"] == "passed") == (said == "")
        if same and said.startswith("AssertionError") and not report["message"].endswith(OWN):
            same = DIGITS.sub("0", report["message"]) == DIGITS.sub("0", said.strip(": "))
        if not same:
            found.append((cell, report["verdict"], report["message"], said))
    return found


@pytest.mark.parametrize("assignment", assignments())
def test_the_reference_passes_every_cell(assignment):
    ours = judged(assignment, read_notebook(source_path(assignment)))
    assert {cell: report for cell, report in ours.items() if report["verdict"] != "passed"} == {}


@pytest.mark.parametrize("assignment", assignments())
def test_the_blank_release_is_not_attempted(assignment):
    released = {
        cell.id: cell.source for cell in read_notebook(ROOT / "assignments" / assignment / f"{assignment}.ipynb").cells
    }
    notebook = read_notebook(source_path(assignment))
    for cell in notebook.cells:
        if cell.id.endswith("-answer"):
            cell.source = released[cell.id]
    assert {report["verdict"] for report in judged(assignment, notebook).values()} == {"not_attempted"}


@pytest.mark.parametrize(
    "assignment, exercise",
    [(assignment, exercise) for assignment in assignments() for exercise in misconceptions(assignment)],
)
def test_a_known_mistake_gets_the_same_verdicts_and_messages_as_in_one_process(assignment, exercise):
    wrong = {}
    for mistake in misconceptions(assignment)[exercise]:
        notebook = read_notebook(source_path(assignment))
        answer = mistake_source(assignment, exercise, mistake.__name__)
        notebook = in_process.with_answers(notebook, {exercise: answer})
        plain = in_process.grade(notebook, only=lambda cell: cell.startswith(f"{exercise}-"))
        if found := differences(judged(assignment, notebook, exercise), plain):
            wrong[mistake.__name__] = found
    assert wrong == {}, wrong


@pytest.mark.parametrize(
    "assignment, exercise",
    [(assignment, exercise) for assignment in assignments() for exercise in in_process.exercises(assignment)],
)
def test_a_right_answer_in_another_form_is_accepted(assignment, exercise):
    refused = {}
    for answer in right_answers(assignment)[exercise]:
        notebook = read_notebook(source_path(assignment))
        notebook = in_process.with_answers(notebook, {exercise: source_as(exercise, answer)})
        may_fail = excused(assignment).get(answer.__name__, ())
        for cell, report in judged(assignment, notebook, exercise).items():
            if report["verdict"] != "passed" and cell not in may_fail:
                refused[answer.__name__, cell] = report["message"]
    assert refused == {}

"""Where grades, rows and files differ from plain nbgrader's, and that they differ nowhere else.

CONTRIBUTING.md has the list, with reasons and with the names of the tests that hold it. A little course of plain
Python is graded three ways: `grader plain`, `grader grade`, and `nbgrader autograde` with this course's configuration.
"""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader import course
from grader.__main__ import main
from grader.course import ROOT, nbgrader_api, read_notebook, step
from tests.grading import WALLS

NAME = "ps1"
DUE = "2025-01-10 12:00:00 UTC"
IN_TIME, LATE = "2025-01-10 11:59:59 UTC", "2025-01-11 12:00:00 UTC"
CONFIGURATION = """
c.LateSubmissionPlugin.penalty_method = "zero"
c.Execute.timeout = 4
"""
ANSWERS = {"double": "def double(x):\n    return 2 * x", "triple": "def triple(x):\n    return 3 * x"}
HIDDEN = (
    'assert double(5) == 10, "double(5)"\n### BEGIN HIDDEN TESTS\nassert double(-7) == -14, "-7"\n### END HIDDEN TESTS'
)


def cell(kind: str, name: str, source: str, **meta: object) -> nbformat.NotebookNode:
    """A source cell with nbgrader's metadata."""
    made = (nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell)(source, id=name)
    flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name}
    made.metadata.nbgrader = flags | meta
    return made


def source() -> nbformat.NotebookNode:
    """The source notebook: two exercises, a written answer, code that a person reads, and a task."""
    stub = "### BEGIN SOLUTION\n    {}\n    ### END SOLUTION"
    answers = {name: text.partition("\n    ") for name, text in ANSWERS.items()}
    hers = {name: f"{head}\n    {stub.format(body)}" for name, (head, _, body) in answers.items()}
    person = {"grade": True, "solution": True}
    cells = [
        cell("code", "setup", "import math", locked=True),
        cell("code", "double-answer", hers["double"], solution=True),
        cell("code", "double-visible", 'assert double(2) == 4, "double(2)"', grade=True, locked=True, points=2),
        cell("code", "double-hidden", HIDDEN, grade=True, locked=True, points=3),
        cell("code", "triple-answer", hers["triple"], solution=True),
        cell("code", "triple-visible", 'assert triple(3) == 9, "triple(3)"', grade=True, locked=True, points=1),
        cell("markdown", "essay", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", points=2, **person),
        cell("code", "sketch", "### BEGIN SOLUTION\nprint(6 * 7)\n### END SOLUTION", points=1, **person),
        cell("markdown", "task", "Draw something below.", task=True, locked=True, points=2),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


Change = Callable[[nbformat.NotebookNode], object]


def at(book: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """A cell by name."""
    return next(cell for cell in book.cells if cell.id == name)


def answer(name: str, text: str) -> Change:
    """Put another text into a cell."""
    return lambda book: at(book, name).update(source=text)


def behind(name: str, text: str) -> Change:
    """Add a line to a cell."""
    return lambda book: at(book, name).update(source=f"{at(book, name).source}\n{text}")


def copy_of(name: str) -> Change:
    """Copy a cell and put it above, as an editor does: with nbgrader's metadata and an id of its own."""

    def change(book: nbformat.NotebookNode) -> None:
        double = copy.deepcopy(at(book, name))
        double.id = "copy"
        book.cells.insert(book.cells.index(at(book, name)), double)

    return change


def blank(book: nbformat.NotebookNode) -> None:
    """Take the answers back."""
    for released in read_notebook(course.ROOT / "assignments" / NAME / f"{NAME}.ipynb").cells:
        at(book, released.id).source = released.source


def other_kernel(book: nbformat.NotebookNode) -> None:
    book.metadata.kernelspec = {"display_name": "R", "language": "R", "name": "ir"}


SAME: dict[str, Change] = {
    "right": lambda book: None,
    "blank": blank,
    "wrong": answer("double-answer", "def double(x):\n    return x + 2"),
    "essay": answer("essay", "Because of that."),
    "sketch": answer("sketch", "print('a drawing')"),
    "late": lambda book: None,
    "in_time": lambda book: None,
    "late_and_wrong": answer("double-answer", "def double(x):\n    return 4"),
    "kernel": other_kernel,
    "points": lambda book: at(book, "triple-visible").metadata.nbgrader.update(points=100),
    "stderr_in_answer": behind("double-answer", "import sys\nprint('careful', file=sys.stderr)"),
    "much_output": behind("double-answer", "for i in range(3000): print(i)"),
    "timeout": behind("triple-answer", "def triple(x):\n    while True: pass"),
    "changed_test": answer("double-visible", "pass"),
}
# What differs: student -> (change, {cell: (plain nbgrader's points, ours)}).
DIFFERENT: dict[str, tuple[Change, dict[str, tuple[float, float]]]] = {
    "stderr_in_call": (
        behind("double-answer", "def double(x):\n    import sys\n    print('old', file=sys.stderr)\n    return 2 * x"),
        {"double-visible": (0, 2), "double-hidden": (0, 3)},
    ),
    "deleted_test": (lambda book: book.cells.remove(at(book, "double-hidden")), {"double-hidden": (None, 3)}),
    # Plain nbgrader refuses the whole notebook, and tells the instructor to update its metadata.
    "copied_test": (
        copy_of("double-hidden"),
        {
            "double-visible": (None, 2),
            "double-hidden": (None, 3),
            "triple-visible": (None, 1),
            "essay": (None, 0),
            "sketch": (None, 0),
        },
    ),
}
TIMES = {"late": LATE, "late_and_wrong": LATE, "in_time": IN_TIME}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The little course, its class's submissions, and what the three ways make of them."""
    root = tmp_path_factory.mktemp("course")
    (root / "solutions" / NAME).mkdir(parents=True)
    (root / "solutions" / NAME / f"{NAME}.ipynb").write_text(nbformat.writes(source()))
    (root / "solutions" / NAME / "data.csv").write_text("1,2\n")
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text() + CONFIGURATION)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "ROOT", root)
        step(nbgrader_api(db_url=f"sqlite:///{root / 'first.db'}").generate_assignment(NAME))
        with Gradebook(f"sqlite:///{root / 'first.db'}") as book:
            book.update_or_create_assignment(NAME, duedate=DUE)
        for student, change in (SAME | {name: change for name, (change, _) in DIFFERENT.items()}).items():
            hand_in(root, student, change)
        for way in ("plain", "ours", "button"):
            (root / way).mkdir()
            shutil.copy(root / "first.db", root / way / "gradebook.db")
        assert main(["plain", *places(root, "plain")]) == 1  # one that it refuses
        assert main(["grade", *places(root, "ours"), *([] if WALLS else ["--no-sandbox"])]) == 0
        yield root


def hand_in(root: Path, student: str, change: Change) -> None:
    """Write a submission, with a file and perhaps a time beside it."""
    place = root / "submitted" / student / NAME
    place.mkdir(parents=True)
    book = read_notebook(root / "assignments" / NAME / f"{NAME}.ipynb")
    for name, text in ANSWERS.items():
        at(book, f"{name}-answer").source = text
    change(book)
    (place / f"{NAME}.ipynb").write_text(nbformat.writes(book))
    (place / "sub").mkdir()
    (place / "sub" / "mine.txt").write_text(student)
    (place / "data.csv").write_text("changed by the student\n")
    (place / "submission_secret.txt").write_text("secret")
    if student in TIMES:
        (place / "timestamp.txt").write_text(TIMES[student])


def places(root: Path, way: str, submitted: str = "submitted") -> list[str]:
    """Arguments that name folders."""
    return [NAME, "--submitted", str(root / submitted), "--autograded", str(root / way / "autograded"),
            "--gradebook", f"sqlite:///{root / way / 'gradebook.db'}"]  # fmt: skip


def rows(root: Path, way: str) -> dict[str, dict]:
    """All that the gradebook says, by student and cell."""
    found = {}
    with Gradebook(f"sqlite:///{root / way / 'gradebook.db'}") as book:
        for handed_in in book.find_assignment(NAME).submissions:
            (notebook,) = handed_in.notebooks
            found[handed_in.student.id] = {
                "cells": {
                    grade.name: (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade,
                                 grade.max_score)
                    for grade in notebook.grades
                },
                "comments": {comment.name: comment.auto_comment for comment in notebook.comments},
                "late": (handed_in.total_seconds_late, notebook.late_submission_penalty),
                "time": handed_in.timestamp,
                "max_score": notebook.max_score,
            }  # fmt: skip
    return found


def test_honest_submissions_leave_plain_nbgraders_rows(folder):
    plain, ours = rows(folder, "plain"), rows(folder, "ours")
    for student in SAME:
        assert ours[student] == plain[student], student
    assert plain["right"]["cells"]["double-hidden"][0] == 3 and plain["wrong"]["cells"]["double-hidden"][0] == 0


@pytest.mark.parametrize("student", DIFFERENT)
def test_what_is_in_the_list_differs_as_it_says(folder, student):
    plain, ours = rows(folder, "plain")[student]["cells"], rows(folder, "ours")[student]["cells"]
    differing = {name: (plain[name][0], ours[name][0]) for name in plain if plain[name] != ours[name]}
    assert differing == DIFFERENT[student][1]

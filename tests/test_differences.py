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
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

import grader.places
from grader.__main__ import main
from grader.course import nbgrader_api, read_notebook, step
from grader.places import ROOT
from grader.pool import Bench
from tests.grading import WALLS, steps_of

NAME = "ps1"
OPEN = [] if WALLS else ["--no-sandbox"]
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
    for released in read_notebook(grader.places.ROOT / "assignments" / NAME / f"{NAME}.ipynb").cells:
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
    "magic": answer("double-answer", f"%matplotlib inline\n{ANSWERS['double']}"),
    "rich_output": behind("double-answer", "from IPython.display import HTML\nHTML('<b>bold</b>')"),
}
# What differs: student -> (change, {cell: (plain nbgrader's points, ours)}).
DIFFERENT: dict[str, tuple[Change, dict[str, tuple[float, float]]]] = {
    "stderr_in_call": (
        behind("double-answer", "def double(x):\n    import sys\n    print('old', file=sys.stderr)\n    return 2 * x"),
        {"double-visible": (0, 2), "double-hidden": (0, 3)},
    ),
    "deleted_test": (lambda book: book.cells.remove(at(book, "double-hidden")), {"double-hidden": (None, 3)}),
    "reads_a_file": (
        answer("double-answer", f"text = open('data.csv').read()\n{ANSWERS['double']}"),
        {"double-visible": (2, 0), "double-hidden": (3, 0)},
    ),
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
        for module in ("grader.course", "grader.places"):
            patch.setattr(f"{module}.ROOT", root)
        step(nbgrader_api(db_url=f"sqlite:///{root / 'first.db'}").generate_assignment(NAME))
        with Gradebook(f"sqlite:///{root / 'first.db'}") as book:
            book.update_or_create_assignment(NAME, duedate=DUE)
        for student, change in (SAME | {name: change for name, (change, _) in DIFFERENT.items()}).items():
            hand_in(root, student, change)
        for way in ("plain", "ours", "button"):
            (root / way).mkdir()
            shutil.copy(root / "first.db", root / way / "gradebook.db")
        assert main(["plain", *places(root, "plain")]) == 1  # one that it refuses
        assert main(["grade", *places(root, "ours"), "--seconds", "4", *OPEN]) == 0
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


def outputs(root: Path, way: str, student: str, name: str) -> list[dict]:
    """What a cell of a graded notebook shows."""
    book = read_notebook(root / way / "autograded" / student / NAME / f"{NAME}.ipynb")
    return next(cell.outputs for cell in book.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_of_rich_output_text_and_pictures_are_kept(folder):
    (plain,) = outputs(folder, "plain", "rich_output", "double-answer")
    (ours,) = outputs(folder, "ours", "rich_output", "double-answer")
    assert plain["data"]["text/html"] == "<b>bold</b>" and list(ours["data"]) == ["text/plain"]


def beside(root: Path, way: str, student: str) -> dict[str, tuple[str, int]]:
    """Files of a graded submission: name -> content (but for the notebook) and permissions."""
    place = root / way / "autograded" / student / NAME
    return {
        str(path.relative_to(place)): ("" if path.suffix == ".ipynb" else path.read_text(), path.stat().st_mode)
        for path in place.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("student", ["right", "late"])
def test_the_same_files_lie_beside_the_graded_notebook(folder, student):
    assert beside(folder, "ours", student) == beside(folder, "plain", student)
    assert beside(folder, "ours", student)["data.csv"][0] == "1,2\n"


def test_feedback_has_what_nbgrader_needs_to_release_it(folder):
    assert main(["feedback", *places(folder, "ours"), "--feedback", str(folder / "ours" / "feedback")]) == 0
    found = {path.name for path in (folder / "ours" / "feedback" / "late" / NAME).iterdir()}
    assert {"timestamp.txt", "submission_secret.txt", f"{NAME}.html"} <= found


def test_graded_again_what_a_person_gave_stays_and_lateness_is_worked_out_anew(folder):
    """A written answer, a task and extra credit were graded by hand, and the due date was moved."""
    for student in ("essay", "late"):
        shutil.copytree(folder / "submitted" / student, folder / "again" / student)
    (folder / "ours" / ".grader" / NAME / "essay.json").unlink()  # this one is judged again, the other is not
    for way in ("plain", "ours"):
        with Gradebook(f"sqlite:///{folder / way / 'gradebook.db'}") as book:
            assert book.find_submission(NAME, "late").late_submission_penalty == 6
            book.update_or_create_assignment(NAME, duedate="2025-02-01 12:00:00 UTC")
            for name, points in (("essay", 1.5), ("task", 2.0)):
                grade = book.find_grade(name, NAME, NAME, "essay")
                grade.manual_score, grade.needs_manual_grade = points, False
            book.find_grade("double-visible", NAME, NAME, "essay").extra_credit = 0.5
            book.db.commit()
    assert main(["plain", *places(folder, "plain", "again")]) == 0
    assert main(["grade", *places(folder, "ours", "again"), *OPEN]) == 0
    plain, ours = rows(folder, "plain"), rows(folder, "ours")
    for student in ("essay", "late"):
        assert ours[student] == plain[student]
    assert ours["late"]["late"] == (0, None)
    assert ours["essay"]["cells"]["essay"][:2] == (None, 1.5) and ours["essay"]["cells"]["task"][:2] == (None, 2)


def test_a_time_that_is_none_and_a_link_beside_the_notebook_stop_nothing(folder, capsys):
    hand_in(folder, "odd", lambda book: None)
    shutil.move(folder / "submitted" / "odd", folder / "odd" / "odd")
    (folder / "odd" / "odd" / NAME / "timestamp.txt").write_text("yesterday, I think")
    (folder / "odd" / "odd" / NAME / "link.txt").symlink_to(folder / "solutions" / NAME / f"{NAME}.ipynb")
    assert main(["grade", *places(folder, "ours", "odd"), *OPEN]) == 1
    assert "odd: 6 of 11 (needs a person: When it was handed in is not known" in capsys.readouterr().out
    assert "link.txt" not in beside(folder, "ours", "odd")


def button(root: Path, submitted: str) -> Autograde:
    """`nbgrader autograde` on a folder, as this course configures it."""
    api = nbgrader_api(
        submitted_directory=root / submitted, autograded_directory=root / "button" / "autograded",
        db_url=f"sqlite:///{root / 'button' / 'gradebook.db'}",
    )  # fmt: skip
    api.config.SafeExecute.walls = WALLS
    api.coursedir.assignment_id = NAME
    return Autograde(coursedir=api.coursedir, config=api.config)


def test_nbgraders_own_command_leaves_the_rows_of_the_batch_command(folder):
    few = ("right", "stderr_in_call", "in_time", "sketch", "timeout", "changed_test", "blank")
    for student in few:
        shutil.copytree(folder / "submitted" / student, folder / "few" / student)
    button(folder, "few").start()
    ours, theirs = rows(folder, "ours"), rows(folder, "button")
    for student in few:
        assert theirs[student]["cells"] == ours[student]["cells"], student
        assert theirs[student]["comments"] == ours[student]["comments"], student
    assert outputs(folder, "button", "sketch", "sketch")[0]["text"] == "a drawing\n"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda path: path.rename(path.with_suffix(".away")), "needs the source notebook, and there is no"),
        (
            lambda path: path.write_text(nbformat.writes(without(read_notebook(path), "triple-visible"))),
            "lacks (triple-visible): run `nbgrader generate_assignment` again",
        ),
    ],
    ids=["no source", "an older gradebook"],
)
def test_without_a_fitting_source_nbgraders_command_gives_no_points_and_says_why(folder, caplog, change, sentence):
    path = folder / "solutions" / NAME / f"{NAME}.ipynb"
    whole = path.read_text()
    hand_in(folder, "nobody", lambda book: None)
    shutil.rmtree(folder / "alone", ignore_errors=True)
    shutil.move(folder / "submitted" / "nobody", folder / "alone" / "nobody")
    try:
        change(path)
        with pytest.raises(NbGraderException):
            button(folder, "alone").start()
    finally:
        path.write_text(whole)
    assert sentence in caplog.text
    assert not (folder / "button" / "autograded" / "nobody" / NAME).exists()
    assert rows(folder, "button")["nobody"]["cells"]["triple-visible"][0] is None


def without(book: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """A notebook without one of its cells."""
    book.cells.remove(at(book, name))
    return book


@pytest.mark.parametrize(
    ("setup", "test", "sentence"),
    [
        ("import math", "assert double(1) == 2\n0.5", "its last line gives 0.5, partial credit to nbgrader"),
        ("four = double(2)", "assert four == 4", "the source's `setup` does not run by itself: name 'double'"),
    ],
    ids=["partial credit", "locked code that needs an answer"],
)
def test_what_a_test_cell_cannot_do_here_goes_to_a_person(tmp_path, setup, test, sentence):
    cells = [cell("code", "setup", setup, locked=True), cell("code", "a-answer", ANSWERS["double"], solution=True),
             cell("code", "a-visible", test, grade=True, locked=True, points=1)]  # fmt: skip
    book = nbformat.v4.new_notebook(cells=cells)
    (tmp_path / "source.ipynb").write_text(nbformat.writes(book))
    with Bench(tmp_path / "source.ipynb", "made_up", walls=WALLS) as bench:
        (report,) = [report for report in bench.judge(steps_of(book)) if "id" in report]
    assert report["verdict"] == "grader_error" and sentence in report["message"]


def test_every_test_that_the_list_names_is_there():
    (listed,) = [
        part for part in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("\n\n")
        if part.startswith("| what | here | plain nbgrader |")
    ]  # fmt: skip
    rows = [line.strip("|").split("|") for line in listed.splitlines()[2:]]
    assert len(rows) > 20 and all(len(row) == 5 for row in rows)
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    assert [row[4] for row in rows if f"\ndef {row[4].strip(' `')}(" not in tests] == []

"""A class whose scores are known: made from the solution, graded from release to feedback.

Each student is described by what they did to each exercise; an exercise that is not named was answered as the
reference does. The expected automatic points stand beside it, worked out by hand from the points of the cells that
the mistake must fail.
"""

import ast
import copy
import importlib.util
import inspect
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import nbformat
from nbgrader.exchange.default import ExchangeSubmit

from grader import plain
from grader.course import ROOT, GraderError, nbgrader_api, read_notebook, source_path, step

ASSIGNMENT = "01_linear_regression"
FOLDER = ROOT / "class" / "sample"
BLANK = "blank"


@dataclass(frozen=True)
class Student:
    """One sample student.

    Args:
        expected: automatic points that the submission must get.
        answers: exercise -> `blank`, a misconception's name, or Python source to put into the answer cell.
        everything: what an exercise gets that `answers` does not name; None is the reference.
    """

    expected: float
    answers: dict[str, str] = field(default_factory=dict)
    everything: str | None = None


class UnknownMistake(GraderError):
    """A sample student makes a mistake that no misconception describes."""


def misconceptions(assignment: str) -> ModuleType:
    """Import an assignment's named wrong answers."""
    path = source_path(assignment).parent / "misconceptions.py"
    spec = importlib.util.spec_from_file_location(f"misconceptions_{assignment}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mistake_source(assignment: str, exercise: str, name: str) -> str:
    """Source of a named wrong answer, under the name of the exercise.

    Raises:
        UnknownMistake: the exercise has no misconception of that name; the message lists those it has.
    """
    known = {wrong.__name__: wrong for wrong in misconceptions(assignment).MISCONCEPTIONS.get(exercise, [])}
    if name not in known:
        raise UnknownMistake(f"`{exercise}` has no misconception {name!r}; it has {', '.join(known) or 'none'}.")
    return re.sub(rf"^(def|class) {name}\b", rf"\1 {exercise}", inspect.getsource(known[name]), flags=re.MULTILINE)


def submission(assignment: str, student: Student) -> nbformat.NotebookNode:
    """Fill the release in as the student would have."""
    released = read_notebook(ROOT / "assignments" / assignment / f"{assignment}.ipynb")
    reference = {cell.id: cell.source for cell in read_notebook(source_path(assignment)).cells}
    for cell in released.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        exercise = cell.id.removesuffix("-answer")
        answer = student.answers.get(exercise, student.everything)
        if answer is None:
            cell.source = reference[cell.id]
        elif answer != BLANK:
            cell.source = answer if is_code(answer) else mistake_source(assignment, exercise, answer)
    return released


def is_code(answer: str) -> bool:
    """Tell Python source from a misconception's name."""
    try:
        return not (len(tree := ast.parse(answer).body) == 1 and isinstance(getattr(tree[0], "value", None), ast.Name))
    except SyntaxError:
        return True


def run(students: dict[str, Student] | None = None, folder: Path = FOLDER) -> list[dict]:
    """Grade the sample class: release, submit, collect, autograde, feedback; return one record per student.

    Run again, it grades again into the same gradebook.

    Args:
        students: name -> what they did; the bundled class if None.
        folder: everything is written below it.
    """
    students = STUDENTS if students is None else students
    api = nbgrader_api(
        submitted_directory=folder / "submitted",
        autograded_directory=folder / "autograded",
        feedback_directory=folder / "feedback",
        release_directory=folder / "release",
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
        exchange=folder / "exchange",
    )
    step(api.generate_assignment(ASSIGNMENT))
    step(api.release_assignment(ASSIGNMENT))
    for name, student in students.items():
        submit(api, name, submission(ASSIGNMENT, copy.deepcopy(student)), folder / "homes" / name)
    step(api.collect(ASSIGNMENT, update=True))
    return plain.grade(api, ASSIGNMENT, sorted(students))


def submit(api, student: str, notebook: nbformat.NotebookNode, home: Path) -> None:
    """Hand a notebook in through nbgrader's exchange, as `nbgrader submit` does."""
    place = home / ASSIGNMENT
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{ASSIGNMENT}.ipynb")
    api.coursedir.student_id, api.coursedir.assignment_id = student, ASSIGNMENT
    app = ExchangeSubmit(coursedir=api.coursedir, authenticator=api.authenticator, parent=api)
    app.assignment_dir = str(home)
    app.start()
    api.coursedir.student_id, api.coursedir.assignment_id = "*", ""


def compare(records: list[dict], students: dict[str, Student] | None = None) -> int:
    """Print every score that is not the expected one; return 0 when there is none, else 1."""
    students = STUDENTS if students is None else students
    scores = {record["student"]: record["score"] for record in records}
    wrong = [name for name, student in students.items() if scores.get(name) != student.expected]
    for name in wrong:
        print(f"{name}: expected {students[name].expected:g}, got {scores.get(name)}")
    print(f"{len(students) - len(wrong)} of {len(students)} scores are the expected ones")
    return int(bool(wrong))


STUDENTS: dict[str, Student] = {}

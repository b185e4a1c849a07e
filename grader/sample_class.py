"""A class whose scores are known: made from the solution, graded from release to feedback and report.

Each student is described by what they did to each exercise; an exercise that is not named was answered as the
reference does. The expected automatic points stand beside it, worked out by hand from the points of the cells that
the mistake must fail.
"""

import ast
import copy
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.exchange.default import ExchangeSubmit

from grader.course import nbgrader_api, read_notebook, step
from grader.feedback import write_feedback
from grader.grade import grade
from grader.named import misconceptions, source_as
from grader.places import ROOT, GraderError, source_path
from grader.report_page import write_report

ASSIGNMENT = "01_linear_regression"
FOLDER = ROOT / "class" / "sample"
BLANK, REFERENCE = "blank", "reference"


@dataclass(frozen=True)
class Student:
    """One sample student.

    Args:
        expected: automatic points that the submission must get.
        answers: exercise -> `blank`, `reference`, a misconception's name, or Python source for the answer cell.
        everything: what an exercise gets that `answers` does not name.
    """

    expected: float
    answers: dict[str, str] = field(default_factory=dict)
    everything: str = REFERENCE


class UnknownMistake(GraderError):
    """A sample student makes a mistake that no misconception describes."""


def mistake_source(assignment: str, exercise: str, name: str) -> str:
    """Source of a named wrong answer, under the name of the exercise.

    Raises:
        UnknownMistake: the exercise has no misconception of that name; the message lists those it has.
    """
    known = {wrong.__name__: wrong for wrong in misconceptions(assignment).get(exercise, [])}
    if name not in known:
        raise UnknownMistake(f"`{exercise}` has no misconception {name!r}; it has {', '.join(known) or 'none'}.")
    return source_as(exercise, known[name])


def submission(assignment: str, student: Student) -> nbformat.NotebookNode:
    """Fill the release in as the student would have."""
    released = read_notebook(ROOT / "assignments" / assignment / f"{assignment}.ipynb")
    reference = {cell.id: cell.source for cell in read_notebook(source_path(assignment)).cells}
    for cell in released.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        exercise = cell.id.removesuffix("-answer")
        answer = student.answers.get(exercise, student.everything)
        if answer == REFERENCE:
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


def run(students: dict[str, Student] | None = None, folder: Path = FOLDER, *, walls: bool = True) -> list[dict]:
    """Grade the sample class: release, submit, collect, grade, feedback, report; return one record per student.

    Run again, it grades what has changed, into the same gradebook.

    Args:
        students: name -> what they did; the bundled class if None.
        folder: everything is written below it.
        walls: whether student code runs inside the sandbox.
    """
    students = STUDENTS if students is None else students
    api = collected(students, folder)
    records = grade(api, ASSIGNMENT, folder / "submitted", walls=walls)
    write_feedback(api, ASSIGNMENT, sorted(students))
    write_report(api, ASSIGNMENT)
    return [record for record in records if record["student"] in students]


def collected(students: dict[str, Student], folder: Path) -> NbGraderAPI:
    """Release the assignment, hand in for every student and collect; give nbgrader set up on these folders."""
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
    return api


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


# Other forms of right answers: a loop, einsum, the pseudo-inverse, printing on the way.
OTHER_FORMS = {
    "linreg": """
def linreg(X, w, b):
    print("shapes", X.shape, w.shape)
    return torch.einsum("nd,dk->nk", X, w) + b
""",
    "minibatches": """
def minibatches(X, y, batch_size, generator):
    order = torch.randperm(len(X), generator=generator).tolist()
    return [(X[order[i:i + batch_size]], y[order[i:i + batch_size]]) for i in range(0, len(X), batch_size)]
""",
    "sgd_step": """
def sgd_step(params, lr, batch_size):
    for p in params:
        with torch.no_grad():
            p.add_(p.grad, alpha=-lr / batch_size)
        p.grad = None
""",
    "least_squares": """
def least_squares(X, y):
    A = torch.hstack([torch.ones(len(X), 1, dtype=X.dtype), X])
    answer = torch.linalg.pinv(A) @ y
    return answer[1:], answer[0]
""",
}
STUDENTS = {
    "ada": Student(40),
    "blank": Student(0, everything=BLANK),
    "bola": Student(36, {"fit_temperature": BLANK}),
    "chen": Student(37, {"squared_loss": "labels_broadcast"}),
    "dina": Student(37, {"minibatches": "last_batch_dropped"}),
    "emil": Student(38, {"sgd_step": "gradients_kept"}),
    "fatou": Student(38, {"fit": "short_batch_divided_by_nominal_size"}),
    "goran": Student(35, {"least_squares": "intercept_left_out", "mean_lr": "divided_instead"}),
    "hana": Student(35, {"huber_loss": "linear_branch_too_high", "estimate_resistance": "mean_of_ratios"}),
    "ines": Student(6, dict.fromkeys(["linreg", "squared_loss"], REFERENCE), everything=BLANK),
    "jun": Student(
        15, dict.fromkeys(["linreg", "squared_loss", "minibatches", "sgd_step"], REFERENCE), everything=BLANK
    ),
    "kofi": Student(
        29,
        {
            "linreg": "bias_left_out",
            "sgd_step": "not_divided",
            "fit": "sum_for_mean",
            "loss_curvature": "hessian_row_sums",
        },
    ),
    "lea": Student(38, {"linreg": "def linreg(X, w, b)\n    return X @ w + b"}),
    "nils": Student(40, OTHER_FORMS),
}

"""Graded again, only what has changed is judged, and the results are those of judging everything."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from grader.places import ROOT, source_path
from grader.reuse import RAN, fingerprint, keys_of, known_of
from grader.sample_class import Student, submission
from grader.submissions import Submission
from grader.suite import read_suite
from tests.attack_corpus import hand_in
from tests.grading import WALLS, Course, grade_line, timeless

ASSIGNMENT = "01_linear_regression"
CHANGED = "mean_lr-hidden"
CLASS = {
    "ada": Student(0),
    "chen": Student(0, {"squared_loss": "labels_broadcast", "fit_temperature": "blank"}),
    "dina": Student(0, {"linreg": "bias_left_out", "mean_lr": "unchanged"}),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """A copy of the course, and a class that has handed in."""
    course = Course.copied(tmp_path_factory.mktemp("course"), ASSIGNMENT)
    hand_in({name: submission(ASSIGNMENT, who) for name, who in CLASS.items()}, course.root / "class" / "submitted")
    return course


def graded(course: Course, *options: str) -> tuple[list[dict], str]:
    """Run the command line on the copy; give the records and what it said."""
    made = course.root / "class"
    command = [sys.executable, "-W", "ignore", "-m", "grader", *grade_line(ASSIGNMENT, made, *options)]
    environment = dict(os.environ) | {"PYTHONPATH": str(course.root)}
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [timeless(record) for record in json.loads((made / "results.json").read_text())], done.stdout


def kept(course: Course, student: str) -> dict:
    """What grading kept beside a student's record."""
    return json.loads((course.root / "class" / ".grader" / ASSIGNMENT / f"{student}.json").read_text())


def test_one_changed_test_is_one_column_judged_anew(course):
    first, _ = graded(course)
    again, said = graded(course)
    assert said.count("(graded before)") == len(CLASS) and again == first
    receipt = kept(course, "ada")["receipt"]
    assert receipt["taken_over"] == []

    course.change(CHANGED, "assert False, 'nobody is right any more'")
    column, said = graded(course)
    tests = {cell.id for cell in read_suite(course.notebook, ASSIGNMENT).tests}
    for record in column:
        taken = set(kept(course, record["student"])["receipt"]["taken_over"])
        twice = {cell["id"] for cell in record["cells"] if cell["served"]}
        assert taken == tests - {CHANGED} - twice, record["student"]
        assert f"({len(taken)} of {len(tests)} tests as before)" in said
        assert next(cell["points"] for cell in record["cells"] if cell["id"] == CHANGED) == 0
    assert [one["score"] - other["score"] for one, other in zip(first, column, strict=True)] == [1, 1, 0]
    notebooks = {path: path.read_bytes() for path in (course.root / "class").glob("autograded/**/*.ipynb")}

    fresh, said = graded(course, "--fresh")
    assert "before" not in said and fresh == column
    assert {path: path.read_bytes() for path in notebooks} == notebooks
    assert {cell["misconception"] for record in fresh for cell in record["cells"]} - {None} == {
        "labels_broadcast", "bias_left_out", "unchanged",
    }  # fmt: skip


def test_a_receipt_says_what_a_grade_follows_from(course):
    receipt = kept(course, "ada")["receipt"]
    handed_in = course.root / "class" / "submitted" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    assert receipt["submission"] == hashlib.sha256(handed_in.read_bytes()).hexdigest()
    with create_engine(f"sqlite:///{course.root / 'class' / 'gradebook.db'}").connect() as connection:
        assert receipt["seed"] == connection.execute(text("select seed from grader_seeds")).scalar()
    assert receipt["limits"]["cell_seconds"] == 20 and receipt["limits"]["sandbox"] is WALLS
    assert receipt["versions"].keys() == {"python", "torch", "numpy", "ipython", "nbgrader"}
    assert all(len(receipt[name]) == 64 for name in ("source", "grader", "lock"))


SUITE = read_suite(source_path(ASSIGNMENT), ASSIGNMENT)
LINREG = ("linreg-visible", "linreg-hidden")


def laid(**changed: str) -> Submission:
    """The reference as a submission, with some answer cells replaced."""
    cells = submission(ASSIGNMENT, Student(0, changed)).cells
    return Submission("ada", Path("ada.ipynb"), b"{}", cells)


LIMITS = {"cell_seconds": 20.0, "sandbox": True}


def keys(work: Submission, suite=SUITE, **limits) -> dict[str, str]:
    """The keys of a submission."""
    return keys_of(work, suite, LIMITS | limits, dict.fromkeys(suite.exercises, "traces"))


def earlier(work: Submission, **verdicts: str) -> dict:
    """What an earlier run kept that passed everything but what is named."""
    reports = [
        {"id": cell.id, "verdict": verdicts.get(cell.exercise, "passed"), "message": "", "seconds": 0.0, "outputs": []}
        for cell in SUITE.tests
    ]
    return {"keys": keys(work), "reports": [{"ran": 1, "seconds": 0.0, "outputs": []}, *reports]}


def test_where_nothing_has_changed_nothing_is_left():
    work = laid()
    known = known_of(earlier(work), keys(work), SUITE)
    assert not known.left and set(known.cells) == {cell.id for cell in SUITE.tests}
    assert any("ran" in report for report in known.reports)
    assert known_of({}, keys(work), SUITE).left


@pytest.mark.parametrize("verdict", ["timed_out", "crashed", "grader_error"])
def test_what_may_not_come_again_is_tried_again(verdict):
    known = known_of(earlier(laid(), linreg=verdict), keys(laid()), SUITE)
    assert known.left and not set(LINREG) & set(known.cells)
    assert not any("ran" in report for report in known.reports)


def test_of_two_results_none_is_taken_over():
    before = earlier(laid())
    before["reports"][1]["served"] = {"names": ["linreg"]}
    assert before["reports"][1]["id"] not in known_of(before, keys(laid()), SUITE).cells


def test_a_failed_exercise_is_diagnosed_unless_it_was():
    before = earlier(laid(), linreg="failed")
    assert known_of(before, keys(laid()), SUITE).left
    before["reports"].append({"exercise": "linreg", "misconception": None})
    assert not known_of(before, keys(laid()), SUITE).left


def test_a_changed_answer_reaches_what_stands_behind_it():
    changed = keys(laid(mean_lr="def mean_lr(a, b):\n    return a"))
    same = {name for name, key in keys(laid()).items() if changed[name] == key}
    order = [cell.id for cell in SUITE.tests]
    assert same == set(order[: order.index("mean_lr-visible")])
    assert set(known_of(earlier(laid()), changed, SUITE).cells) == same


def test_another_seed_reaches_hidden_tests_only():
    changed = keys(laid(), dataclasses.replace(SUITE, shift=7))
    hidden = {cell.id for cell in SUITE.tests if cell.hidden}
    assert {name for name, key in keys(laid()).items() if changed[name] != key} == hidden


@pytest.mark.parametrize(
    "change",
    [
        lambda suite: {"cell_seconds": 30.0},
        lambda suite: {"sandbox": False},
        lambda suite: {"suite": dataclasses.replace(suite, imports="import math")},
        lambda suite: {"suite": dataclasses.replace(suite, answers=suite.answers | {"more"})},
    ],
    ids=["limit", "no walls", "setup", "names"],
)
def test_what_concerns_all_reaches_all(change):
    changed = keys(laid(), **change(SUITE))
    assert not {name for name, key in keys(laid()).items() if changed[name] == key}
    assert RAN in changed


def test_a_fingerprint_is_the_same_in_every_process():
    source = "from tests.test_regrade import *; print(fingerprint(laid(), SUITE, LIMITS))"
    made = set()
    for seed in ("1", "2"):
        environment = dict(os.environ) | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore", "-c", source]
        made.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(made) == 1
    assert fingerprint(laid(), SUITE, LIMITS) != fingerprint(laid(), SUITE, LIMITS | {"sandbox": False})

"""The sample class from release to feedback, with the expected scores, on our grader and on plain nbgrader."""

import csv
import json
import os
import re
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader import plain, sample_class
from grader.__main__ import main, parser
from grader.course import NoSubmissions, nbgrader_api
from grader.grade import grade
from grader.places import GraderError
from grader.report import by_cell, table
from grader.sample_class import STUDENTS, Student
from tests.grading import WALLS, timeless

# Plain nbgrader takes its time: all right, a mistake, no Python; `make bench` compares 180.
COMPARED = sorted(STUDENTS) if os.environ.get("GRADER_PLAIN") == "all" else ["ada", "chen", "lea"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the class is graded."""
    return tmp_path_factory.mktemp("class")


@pytest.fixture(scope="module")
def records(folder) -> list[dict]:
    """The whole class, graded once."""
    return sample_class.run(folder=folder, walls=WALLS)


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory) -> Path:
    """Where plain nbgrader grades the same class."""
    return tmp_path_factory.mktemp("plain")


@pytest.fixture(scope="module")
def plain_records(records, folder, plain_folder) -> list[dict]:
    """The same submissions, or one of each kind, graded on nbgrader as it comes."""
    api = nbgrader_api(
        submitted_directory=folder / "submitted",
        autograded_directory=plain_folder / "autograded",
        feedback_directory=plain_folder / "feedback",
        release_directory=plain_folder / "release",
        db_url=f"sqlite:///{plain_folder / 'gradebook.db'}",
    )
    return plain.grade(api, sample_class.ASSIGNMENT, COMPARED)


def rows(folder: Path) -> list[tuple]:
    """What the gradebook says, without identifiers and times."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return sorted(
            (submission.student.id, grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for submission in gradebook.find_assignment(sample_class.ASSIGNMENT).submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        )


def test_the_sample_class_gets_the_expected_scores(records):
    assert len(STUDENTS) >= 12
    assert {record["student"]: record["score"] for record in records} == {
        name: student.expected for name, student in STUDENTS.items()
    }
    assert {record["max_score"] for record in records} == {44}
    assert sample_class.compare(records) == 0


def test_a_wrong_score_is_noticed(records, capsys):
    assert sample_class.compare([records[0] | {"score": 39}, *records[1:]]) == 1
    assert "ada: expected 40, got 39" in capsys.readouterr().out


def test_every_record_has_the_fields_of_the_contract(records):
    for record in records:
        assert {
            "student",
            "assignment",
            "notebook",
            "outcome",
            "reason",
            "score",
            "max_score",
            "seconds",
            "cells",
        } <= set(record)
        assert record["score"] == sum(cell["points"] for cell in record["cells"])
        for cell in record["cells"]:
            said = {"verdict", "message", "misconception", "served"}
            assert {"id", "points", "max_points", "seconds"} | said == set(cell)
    assert json.loads(json.dumps(records)) == records


def test_each_cell_gets_a_verdict(records):
    verdicts = {record["student"]: {cell["id"]: cell for cell in record["cells"]} for record in records}
    assert verdicts["ada"]["linreg-hidden"]["verdict"] == "passed"
    assert verdicts["ada"]["zero_starts-answer"]["verdict"] == "manual"
    assert verdicts["blank"]["linreg-visible"]["verdict"] == "not_attempted"
    assert verdicts["blank"]["zero_starts-answer"]["verdict"] == "not_attempted"
    chen = verdicts["chen"]["squared_loss-visible"]
    assert chen["verdict"] == "failed" and "labels of shape (3,)" in chen["message"]


def test_everybody_gets_feedback(folder, records):
    for record in records:
        page = folder / "feedback" / record["student"] / sample_class.ASSIGNMENT / f"{sample_class.ASSIGNMENT}.html"
        assert page.stat().st_size > 10_000


def test_an_instructor_gets_a_report(folder, records):
    """Of 14: `blank`, `ines` and `jun` left the written answers as they were, and these three left most else."""
    page = (folder / "report" / f"{sample_class.ASSIGNMENT}.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "14 submissions, 14 judged 22 answers to mark" in words
    assert "zero_starts-answer: 11 of 14" in words and "Nobody: every submission was judged." in words
    assert "The shape trap, section 3 of notebooks/01_linear_regression/1_from_scratch.ipynb: met 1 time" in words
    assert "1 × squared_loss: Labels of shape (n,) are paired with every prediction" in words
    with (folder / "report" / f"{sample_class.ASSIGNMENT}.csv").open(encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert [rows["linreg"][key] for key in ("tried", "full", "nothing", "not_tried")] == ["13", "11", "2", "1"]


def test_the_table_shows_student_score_and_maximum(records):
    lines = table(records).splitlines()
    assert lines[0].split() == ["student", "score", "maximum"]
    assert lines[1].split() == ["ada", "40", "44"] and len(lines) == 1 + len(STUDENTS)


def test_grading_again_gives_the_same_gradebook(folder, records):
    before = rows(folder)
    few = {name: STUDENTS[name] for name in ("ada", "kofi")}
    again = sample_class.run(few, folder=folder, walls=WALLS)
    assert rows(folder) == before
    assert [record["score"] for record in again] == [40, 29]


def test_plain_nbgrader_gives_every_cell_the_same_points_and_verdict(records, plain_records):
    """Messages differ in one way: what a student's code raises in a hidden test is not repeated."""
    compared = [record for record in records if record["student"] in COMPARED]
    for ours, theirs in zip(compared, plain_records, strict=True):
        assert ours["score"] == theirs["score"] and ours["max_score"] == theirs["max_score"]
        for one, other in zip(ours["cells"], theirs["cells"], strict=True):
            same = [one[key] == other[key] for key in ("id", "points", "max_points")]
            assert all(same) and one["verdict"] == other["verdict"], (ours["student"], one, other)


def test_both_leave_the_same_rows(folder, records, plain_folder, plain_records):
    compared = [row for row in rows(folder) if row[0] in COMPARED]
    assert compared == rows(plain_folder)


def test_a_second_run_finds_everything_done(folder, records, capsys):
    """On the same files: collected again they have new times, and are graded again."""
    api = nbgrader_api(
        submitted_directory=folder / "submitted", autograded_directory=folder / "autograded",
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip
    again = grade(api, sample_class.ASSIGNMENT, folder / "submitted", walls=WALLS)
    said = capsys.readouterr().out
    assert said.count("(graded before)") == len(STUDENTS)
    assert [record["score"] for record in again] == [record["score"] for record in records]


def test_the_same_submissions_give_the_same_results(records, folder, tmp_path):
    """Graded afresh elsewhere: the same records and the same notebooks, times apart."""
    again = sample_class.run({name: STUDENTS[name] for name in COMPARED}, folder=tmp_path, walls=WALLS)
    before = [record for record in records if record["student"] in COMPARED]
    assert [timeless(record) for record in again] == [timeless(record) for record in before]
    for record in before:
        name = f"autograded/{record['student']}/{sample_class.ASSIGNMENT}/{sample_class.ASSIGNMENT}.ipynb"
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_report_counts_verdicts_by_cell(records):
    lines = by_cell(records).splitlines()
    assert lines[0].split() == ["cell", "failed", "manual", "not_attempted", "passed"]
    linreg = next(line.split() for line in lines if line.startswith("linreg-hidden"))
    assert linreg[1:] == ["2", "0", "1", "11"]


def test_a_real_class_is_graded_from_its_folder(folder, records, tmp_path):
    """As `make grade ASSIGNMENT=... SUBMITTED=...` does; one submission is not even a notebook."""
    assignment = sample_class.ASSIGNMENT
    for student in ("ada", "zoe"):
        (tmp_path / "in" / student / assignment).mkdir(parents=True)
    source = folder / "submitted" / "ada" / assignment / f"{assignment}.ipynb"
    (tmp_path / "in" / "ada" / assignment / source.name).write_bytes(source.read_bytes())
    (tmp_path / "in" / "zoe" / assignment / source.name).write_text("not a notebook")
    arguments = ["grade", assignment, "--submitted", str(tmp_path / "in"), "--autograded", str(tmp_path / "out")]
    arguments += ["--gradebook", f"sqlite:///{tmp_path / 'gradebook.db'}", "--json", str(tmp_path / "results.json")]
    assert main(arguments + ([] if WALLS else ["--no-sandbox"])) == 1
    graded = json.loads((tmp_path / "results.json").read_text())
    assert [(record["student"], record["outcome"], record["score"]) for record in graded] == [
        ("ada", "graded", 40), ("zoe", "needs_person", 0)
    ]  # fmt: skip
    assert "not valid JSON" in graded[1]["reason"]


def test_the_readmes_grading_commands_work(folder, records, tmp_path, capsys):
    """`grade`, `report`, `feedback`, and the arguments of `plain`, on one submission."""
    assignment = sample_class.ASSIGNMENT
    place = tmp_path / "in" / "nils" / assignment
    place.mkdir(parents=True)
    notebook = place / f"{assignment}.ipynb"
    notebook.write_bytes((folder / "submitted" / "nils" / assignment / notebook.name).read_bytes())
    class_folder = [assignment, "--submitted", str(tmp_path / "in"), "--autograded", str(tmp_path / "graded"),
                    "--gradebook", f"sqlite:///{tmp_path / 'gradebook.db'}"]  # fmt: skip
    results = str(tmp_path / "results.json")
    walls = [] if WALLS else ["--no-sandbox"]
    assert main(["grade", *class_folder, "--workers", "2", "--json", results, *walls]) == 0
    assert main(["report", *class_folder[:1], *class_folder[3:]]) == 0
    assert "nils" in capsys.readouterr().out
    assert (tmp_path / "report" / f"{assignment}.html").is_file()
    assert main(["feedback", *class_folder, "--feedback", str(tmp_path / "back")]) == 0
    assert (tmp_path / "back" / "nils" / assignment / f"{assignment}.html").is_file()
    assert parser().parse_args(["plain", *class_folder]).verb == "plain"


def test_wrong_usage_is_answered_in_words(tmp_path, capsys):
    assert main(["grade", "99_nothing", "--submitted", str(tmp_path)]) == 2
    assert "`assignment` must name a folder of solutions/: got '99_nothing'" in capsys.readouterr().err
    assert main(["grade", sample_class.ASSIGNMENT, "--submitted", str(tmp_path)]) == 2
    assert "`submitted` must hold STUDENT/" in capsys.readouterr().err
    with pytest.raises(NoSubmissions):
        grade(nbgrader_api(db_url=f"sqlite:///{tmp_path / 'g.db'}"), sample_class.ASSIGNMENT, tmp_path)
    with pytest.raises(NoSubmissions):
        plain.students_in(tmp_path, sample_class.ASSIGNMENT)


def test_a_student_with_an_unknown_mistake_is_refused():
    with pytest.raises(GraderError, match="`linreg` has no misconception 'typo'; it has bias_left_out"):
        sample_class.submission(sample_class.ASSIGNMENT, Student(0, {"linreg": "typo"}))

"""The sample class on plain nbgrader: release, submit, collect, autograde, feedback, with the expected scores."""

import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader import sample_class
from grader.__main__ import main
from grader.course import GraderError, nbgrader_api, step
from grader.plain import NoSubmissions, grade, students_in, table
from grader.sample_class import STUDENTS, Student


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the class is graded."""
    return tmp_path_factory.mktemp("class")


@pytest.fixture(scope="module")
def records(folder) -> list[dict]:
    """The whole class, graded once."""
    return sample_class.run(folder=folder)


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
            assert {"id", "points", "max_points", "verdict", "message", "misconception", "seconds"} == set(cell)
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


def test_the_table_shows_student_score_and_maximum(records):
    lines = table(records).splitlines()
    assert lines[0].split() == ["student", "score", "maximum"]
    assert lines[1].split() == ["ada", "40", "44"] and len(lines) == 1 + len(STUDENTS)


def test_grading_again_gives_the_same_gradebook(folder, records):
    before = rows(folder)
    few = {name: STUDENTS[name] for name in ("ada", "kofi")}
    again = sample_class.run(few, folder=folder)
    assert rows(folder) == before
    assert [record["score"] for record in again] == [40, 29]


def test_a_real_class_is_graded_from_its_folder(folder, records, tmp_path, capsys):
    """As `make grade ASSIGNMENT=... SUBMITTED=...` does; one submission is not even a notebook."""
    assignment = sample_class.ASSIGNMENT
    for student in ("ada", "zoe"):
        (tmp_path / "in" / student / assignment).mkdir(parents=True)
    source = folder / "submitted" / "ada" / assignment / f"{assignment}.ipynb"
    (tmp_path / "in" / "ada" / assignment / source.name).write_bytes(source.read_bytes())
    (tmp_path / "in" / "zoe" / assignment / source.name).write_text("not a notebook")
    api = nbgrader_api(
        submitted_directory=tmp_path / "in",
        autograded_directory=tmp_path / "out",
        feedback_directory=tmp_path / "back",
        release_directory=tmp_path / "release",
        db_url=f"sqlite:///{tmp_path / 'gradebook.db'}",
    )
    step(api.generate_assignment(assignment))
    graded = grade(api, assignment, students_in(tmp_path / "in", assignment))
    assert [(record["student"], record["outcome"], record["score"]) for record in graded] == [
        ("ada", "graded", 40), ("zoe", "needs_person", 0)
    ]  # fmt: skip
    assert graded[1]["reason"]


def test_wrong_usage_is_answered_in_words(tmp_path, capsys):
    assert main(["grade", "99_nothing", "--submitted", str(tmp_path)]) == 2
    assert "`assignment` must name a folder of solutions/: got '99_nothing'" in capsys.readouterr().err
    assert main(["grade", sample_class.ASSIGNMENT, "--submitted", str(tmp_path)]) == 2
    assert "`submitted` must hold STUDENT/" in capsys.readouterr().err
    with pytest.raises(NoSubmissions):
        students_in(tmp_path, sample_class.ASSIGNMENT)


def test_a_student_with_an_unknown_mistake_is_refused():
    with pytest.raises(GraderError, match="`linreg` has no misconception 'typo'; it has bias_left_out"):
        sample_class.submission(sample_class.ASSIGNMENT, Student(0, {"linreg": "typo"}))

"""What a class got: the records that grading keeps, brought up to date from nbgrader's gradebook."""

import json
from pathlib import Path

from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps import NbGraderAPI
from sqlalchemy import make_url
from sqlalchemy.orm import contains_eager

from grader.course import read_notebook
from grader.gradebook import beside_autograded, opened
from grader.named import sentences
from grader.places import GraderError
from grader.suite import Suite
from grader.summary import criterion


class NothingGraded(GraderError):
    """The gradebook knows no graded submission of an assignment."""

    def __init__(self, db_url: str, assignment: str) -> None:
        where = make_url(db_url).render_as_string(hide_password=True)
        super().__init__(
            f"`gradebook` must hold graded submissions of {assignment}: {where} has none. "
            f"Run `grader grade {assignment}` first, or name another gradebook."
        )


def read_results(api: NbGraderAPI, suite: Suite) -> list[dict]:
    """Records of all who handed in, as results.json has them, by student.

    The gradebook has the last word: `score` is its score, with what a person gave and before anything is taken off
    for lateness; points of cells that a person marks are its points, and `waiting` lists those still to be marked.
    Whoever was graded by nbgrader's own command has no record, or one that no longer fits, and is read from the
    graded notebook; `seconds` is None then. `taken_over` counts the results that an earlier run had found.

    Raises:
        NothingGraded: there is no submission.
    """
    kept = kept_records(beside_autograded(api) / ".grader" / suite.assignment)
    grades = grades_by_student(api, suite)
    unread = {student: kept[student] for student in kept.keys() - grades.keys() if not kept[student]["cells"]}
    found = unread | {
        student: up_to_date(api, suite, student, kept.get(student), grades[student]) for student in grades
    }
    if not found:
        raise NothingGraded(api.coursedir.db_url, suite.assignment)
    return [{"waiting": [], "taken_over": 0} | found[student] for student in sorted(found)]


def kept_records(folder: Path) -> dict[str, dict]:
    """Student -> the record that grading wrote; a file that cannot be read is none."""
    found = {}
    for path in folder.glob("*.json"):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            record = kept["record"] | {"taken_over": len(kept.get("receipt", {}).get("taken_over", []))}
        except (OSError, ValueError, KeyError):
            continue
        found[record["student"]] = record
    return found


def grades_by_student(api: NbGraderAPI, suite: Suite) -> dict[str, list[Grade]]:
    """Student -> the gradebook's rows for the source's cells."""
    with opened(api) as gradebook:
        query = (
            gradebook.db.query(SubmittedAssignment.student_id, Grade)
            .join(SubmittedAssignment.assignment)
            .join(SubmittedAssignment.notebooks)
            .join(SubmittedNotebook.grades)
            .join(Grade.cell)
            .filter(Assignment.name == suite.assignment, BaseCell.name.in_(suite.cells))
            .options(contains_eager(Grade.cell))
        )
        found: dict[str, list[Grade]] = {}
        for student, grade in query:
            found.setdefault(student, []).append(grade)
    return found


def up_to_date(api: NbGraderAPI, suite: Suite, student: str, record: dict | None, grades: list[Grade]) -> dict:
    """A student's record as the gradebook stands now."""
    automatic = {grade.name: grade.auto_score for grade in grades if grade.auto_score is not None}
    if record is None or automatic != {
        cell["id"]: cell["points"] for cell in record["cells"] if cell["verdict"] != "manual"
    }:
        unread = record is not None and not record["cells"]
        said = {"outcome": record["outcome"], "reason": record["reason"]} if unread else {}
        folder = api.coursedir.format_path(api.coursedir.autograded_directory, student, suite.assignment)
        record = from_notebook(suite, student, automatic, Path(folder) / f"{suite.assignment}.ipynb") | said
    scores = {grade.name: float(grade.score) for grade in grades}
    cells = [
        cell | {"points": scores[cell["id"]]} if cell["id"] in scores and suite.cells[cell["id"]].manual else cell
        for cell in record["cells"]
        if cell["id"] in suite.cells
    ]
    waiting = [grade.name for grade in grades if grade.needs_manual_grade]
    score = {"score": sum(scores.values()), "max_score": suite.max_score}
    return record | {"cells": cells, "waiting": waiting} | score


def from_notebook(suite: Suite, student: str, automatic: dict[str, float], path: Path) -> dict:
    """The record of a submission that nbgrader's own command graded."""
    base = {"student": student, "assignment": suite.assignment, "notebook": suite.assignment, "seconds": None}
    if not path.is_file():
        reason = "The gradebook has a grade, but the graded notebook is gone: grade again."
        return base | {"outcome": "needs_person", "reason": reason, "cells": []}
    told = {sentence: name for name, sentence in sentences(suite.assignment).items()}
    cells = []
    for cell in read_notebook(path).cells:
        source = suite.cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if source is None or not (source.graded or source.task):
            continue
        item = criterion(cell, source.id, source.exercise, source.points, manual=source.manual)
        points, verdict = automatic.get(source.id, 0.0), item.verdict
        if source.manual and source.id in automatic:
            verdict = "not_attempted"  # nbgrader gives an untouched answer no points by itself
        elif verdict == "passed" and points < source.points:
            verdict = "failed"
        cells.append(
            {
                "id": source.id, "points": points, "max_points": source.points, "verdict": verdict,
                "message": item.message, "seconds": None, "misconception": told.get(item.told), "served": None,
            }
        )  # fmt: skip
    return base | {"outcome": "graded", "reason": None, "cells": cells}

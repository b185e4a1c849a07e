"""Grading on nbgrader as it comes: one kernel per submission, student's cells and tests in one process.

It trusts the submissions. It is the path that every faster or safer one is compared with.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI

from grader.course import NoSubmissions, read_notebook, step
from grader.places import GraderError, source_path


def students_in(submitted: Path, assignment: str) -> list[str]:
    """Students whose folder holds a submission, in order.

    Raises:
        NoSubmissions: nobody has.
    """
    students = sorted(path.parent.parent.name for path in submitted.glob(f"*/{assignment}/*.ipynb"))
    if not students:
        raise NoSubmissions(submitted, assignment)
    return list(dict.fromkeys(students))


def grade(
    api: NbGraderAPI, assignment: str, students: Iterable[str], *, said: Callable[[str], None] = print
) -> list[dict]:
    """Autograde and write feedback, student by student; return one record per submission.

    Args:
        api: nbgrader, set up by `course.nbgrader_api`.
        assignment: its name.
        students: whose submissions to grade.
        said: called with a line of progress per student.

    Returns:
        Records as DESIGN.md fixes them for results.json. A submission that nbgrader could not grade is
        `needs_person` and gets no points; it stops nobody else's.
    """
    source_path(assignment)
    for section in ("Autograde", "GenerateFeedback"):  # nbgrader's own preprocessors, not ours
        api.config.pop(section, None)
    with Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
        known = any(found.name == assignment for found in gradebook.assignments)
    if not known:
        step(api.generate_assignment(assignment))
    records = []
    for student in students:
        start = time.perf_counter()
        answer = api.autograde(assignment, student)
        if answer["success"]:
            answer = api.generate_feedback(assignment, student)
        seconds = round(time.perf_counter() - start, 3)
        reason = None if answer["success"] else last_line(answer.get("error") or answer.get("log", ""))
        records.append(record(api, assignment, student, seconds=seconds, reason=reason))
        said(
            f"{student}: {records[-1]['score']:g} of {records[-1]['max_score']:g}" + (f" ({reason})" if reason else "")
        )
    return records


def last_line(text: str) -> str:
    """Last line of a log that says anything."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "nbgrader gave no reason")


def record(api: NbGraderAPI, assignment: str, student: str, *, seconds: float, reason: str | None) -> dict:
    """Read one submission's record out of the gradebook and the autograded notebook."""
    with Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
        notebook = gradebook.find_assignment(assignment).notebooks[0].name
        base = {"student": student, "assignment": assignment, "notebook": notebook}
        if reason:
            maximum = gradebook.find_assignment(assignment).max_score
            return base | {"outcome": "needs_person", "reason": reason, "score": 0.0, "max_score": maximum,
                           "cells": [], "seconds": seconds}  # fmt: skip
        try:
            submission = gradebook.find_submission_notebook(notebook, assignment, student)
        except MissingEntry as missing:
            raise GraderError(f"nbgrader graded {student} but left no row in the gradebook.") from missing
        graded = Path(api.coursedir.format_path(api.coursedir.autograded_directory, student, assignment))
        messages = error_messages(graded / f"{notebook}.ipynb")
        order = {cell.metadata.get("nbgrader", {}).get("grade_id"): i for i, cell in
                 enumerate(read_notebook(source_path(assignment)).cells)}  # fmt: skip
        cells = [
            {
                "id": grade.name,
                "points": float(grade.score),
                "max_points": float(grade.max_score),
                "verdict": verdict(grade, messages),
                "message": messages.get(grade.name, ""),
                "misconception": None,
                "seconds": None,
                "served": None,
            }
            for grade in sorted(submission.grades, key=lambda grade: order[grade.name])
        ]
        return base | {
            "outcome": "graded",
            "reason": None,
            "score": float(submission.score),
            "max_score": float(submission.max_score),
            "cells": cells,
            "seconds": seconds,
        }


def verdict(grade, messages: dict[str, str]) -> str:
    """Say in one word what became of a graded cell."""
    if grade.cell.cell_type == "markdown":
        return "manual" if grade.auto_score is None else "not_attempted"
    if grade.auto_score == grade.max_score:
        return "passed"
    message = messages.get(grade.name, "")
    if message.startswith("NotImplementedError"):
        return "not_attempted"
    return "timed_out" if message.startswith("CellTimeoutError") else "failed"


def error_messages(path: Path) -> dict[str, str]:
    """Map the id of each cell that failed to what the student reads: exception name and message."""
    messages = {}
    for cell in read_notebook(path).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                messages.setdefault(name, f"{output.ename}: {output.evalue}".strip(": "))
    return messages

"""The orchestrator: reads submissions, has them judged side by side, and lets one writer save the results.

It runs no student code and no test.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI

from grader import gradebook
from grader.course import NoSubmissions, read_notebook
from grader.named import sentences
from grader.places import GraderError, source_path
from grader.pool import Bench
from grader.reuse import Known, fingerprint, keys_of, known_of, receipt
from grader.submissions import Submission, answered, find, load
from grader.suite import Suite, read_suite

CELL_SECONDS = 20.0
WORDS = {"graded": "", "needs_person": "needs a person: "}


def grade(
    api: NbGraderAPI,
    assignment: str,
    submitted: Path,
    *,
    workers: int = 2,
    walls: bool = True,
    seconds: float = CELL_SECONDS,
    new_seed: bool = False,
    fresh: bool = False,
    scheduler: str = "",
    said: Callable[[str], None] = print,
) -> list[dict]:
    """Grade every submission in a folder; return one record each, as DESIGN.md fixes them for results.json.

    Args:
        api: nbgrader, set up by `course.nbgrader_api`.
        assignment: its name.
        submitted: holds STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb.
        workers: how many submissions are judged at a time.
        walls: whether student code runs inside the sandbox.
        seconds: limit of a cell.
        new_seed: whether hidden tests draw other numbers from now on; all are then graded again.
        fresh: whether everything is judged again, whatever earlier runs found.
        scheduler: address of a Dask scheduler, whose cluster then judges; `workers` is not used.
        said: called with a line of progress per submission.

    Raises:
        NoSubmissions: there is none.
        NotStarted, NoSandbox, NoCluster: grading cannot begin; the message says why.
    """
    suite = read_suite(source_path(assignment), assignment)
    found = find(submitted, assignment) if submitted.is_dir() else []
    if not found:
        raise NoSubmissions(submitted, assignment)
    if scheduler:
        from grader.cluster import Cluster  # few have Dask

        bench = Cluster(scheduler, assignment, walls=walls, seconds=seconds)
        workers = bench.workers
    else:
        bench = Bench(source_path(assignment), assignment, walls=walls, seconds=seconds)  # warms up meanwhile
    try:
        return graded(api, suite, found, bench, workers, said, new_seed=new_seed, fresh=fresh)
    finally:
        bench.close()


def graded(
    api: NbGraderAPI,
    suite: Suite,
    found: list[tuple[str, Path]],
    bench: Bench,
    workers: int,
    said: Callable,
    *,
    new_seed: bool = False,
    fresh: bool = False,
) -> list[dict]:
    """Grade the submissions in some folders on a bench; give their records."""
    for line in bench.notes():
        said(line)
    released = gradebook.prepare(api, suite)
    bench.shift = gradebook.seed_of(api.coursedir.db_url, suite.assignment, new=new_seed)
    bench.kept.suite = suite  # it would read the same again
    suite = dataclasses.replace(suite, shift=bench.shift)
    metadata = notebook_metadata(suite.assignment)
    records: dict[str, dict] = {}

    def done(record: dict, how: str = "") -> None:
        records[record["student"]] = record
        reason = WORDS[record["outcome"]] + (record["reason"] or "")
        line = f"[{len(records)}/{len(found)}] {record['student']}: {record['score']:g} of {record['max_score']:g}"
        said(" ".join(filter(None, (line, how, reason and f"({reason})"))))

    with contextlib.ExitStack() as stack:
        book = stack.enter_context(gradebook.opened(api))
        writer = gradebook.Writer(api, suite, book)
        todo = pending(writer, suite, found, released, done, bench, fresh=fresh)
        for work, reports, took in judged(bench, todo, workers):
            submission = work.submission
            record, notebook = made(submission, suite, metadata, reports, took)
            kept = {"key": work.key, "keys": work.keys, "reports": reports}
            kept["receipt"] = receipt(submission, suite, work.known, bench.limits)
            try:
                record = writer.write(submission, record, notebook, kept)
            except GraderError:  # nothing can be written any more
                raise
            except Exception as error:  # one bad row must not stop the class
                reason = f"The gradebook did not take it ({type(error).__name__}: {str(error)[:200]})."
                record = record | {"outcome": "needs_person", "reason": reason}
            taken, tests = len(work.known.cells), len(suite.tests)
            done(record, f"({taken} of {tests} tests as before)" if taken else "")
    for line in bench.undiagnosed:
        said(line)
    return [records[student] for student, _ in found]


@dataclasses.dataclass(frozen=True)
class Work:
    """A submission that an earlier run has not finished.

    Args:
        submission: laid out.
        key: hash of all that its record follows from.
        keys: hashes of what its single results follow from, see `grader.reuse`.
        known: the results of an earlier run that still hold.
    """

    submission: Submission
    key: str
    keys: dict[str, str]
    known: Known


def pending(
    writer: gradebook.Writer,
    suite: Suite,
    found: list[tuple[str, Path]],
    released: dict[str, str],
    done: Callable,
    bench: Bench,
    *,
    fresh: bool,
) -> Iterator[Work]:
    """Yield the submissions that an earlier run has not finished."""
    traces = {name: bench.kept.key(name) for name in suite.exercises}
    for student, folder in found:
        submission = load(student, folder, suite, released)
        earlier = {} if fresh else writer.earlier(student)
        key = fingerprint(submission, suite, bench.limits)
        if record := writer.finished(submission, earlier, key):
            done(record, "(graded before)")
            continue
        keys = keys_of(submission, suite, bench.limits, traces)
        yield Work(submission, key, keys, known_of(earlier, keys, suite))


def judged(bench: Bench, todo: Iterator[Work], workers: int) -> Iterator[tuple[Work, list[dict], float]]:
    """Have submissions judged, several at a time; yield each with its reports and seconds when it is done."""
    running: dict[Future, Work] = {}
    with ThreadPoolExecutor(workers) as pool:
        for work in todo:
            if work.submission.unread:
                yield work, [], 0.0
                continue
            if not work.known.left:
                yield work, work.known.reports, 0.0
                continue
            bench.ready()
            running[pool.submit(bench.timed, work.submission.steps(), work.known.reports)] = work
            if len(running) >= workers + 2:
                yield from collected(running)
        while running:
            yield from collected(running)


def collected(running: dict[Future, Work]) -> Iterator[tuple[Work, list[dict], float]]:
    """Wait for one submission at least; yield those that are done."""
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        work = running.pop(future)
        reports, took = future.result()
        anew = {report["id"] for report in reports if "id" in report}
        yield work, [*(report for report in work.known.reports if report.get("id") not in anew), *reports], took


def made(
    submission: Submission, suite: Suite, metadata: dict, reports: list[dict], took: float
) -> tuple[dict, nbformat.NotebookNode | None]:  # fmt: skip
    """Make the record and the autograded notebook of a judged submission."""
    base = {"student": submission.student, "assignment": suite.assignment, "notebook": suite.assignment}
    base["seconds"] = round(took, 3)
    if submission.unread:
        nothing = {"score": 0.0, "max_score": suite.max_score, "cells": []}
        return base | {"outcome": "needs_person", "reason": " ".join(submission.reasons)} | nothing, None
    verdicts = {report["id"]: report for report in reports if "id" in report}
    named = {report["exercise"]: report["misconception"] for report in reports if report.get("misconception")}
    notebook = nbformat.v4.new_notebook(cells=submission.cells, metadata=metadata)
    cells, reasons = [], list(submission.reasons)
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if not (meta.get("grade") or meta.get("task")):
            continue
        source = suite.cells[meta.grade_id]
        if source.manual:
            left = not source.solution or answered(cell)  # nbgrader gives an untouched answer no points by itself
            verdict, message, seconds = ("manual" if left else "not_attempted"), "", None
            served = None
        else:
            report = verdicts[source.id]
            verdict, message, seconds = report["verdict"], report["message"], report["seconds"]
            served = report.get("served")
        cells.append(
            {
                "id": source.id, "points": source.points if verdict == "passed" else 0.0, "max_points": source.points,
                "verdict": verdict, "message": message, "seconds": seconds,
                "misconception": named.get(source.exercise) if verdict == "failed" else None,
                "served": served,
            }
        )  # fmt: skip
        if verdict == "grader_error":
            reasons.append(f"`{source.id}` could not be judged: {message}.")
    absent = sorted({suite.cells[cell["id"]].exercise for cell in cells if cell["verdict"] == "missing"})
    reasons += [f"Nothing in the notebook defines `{name}`: was its cell deleted or renamed?" for name in absent]
    order = {name: index for index, name in enumerate(suite.cells)}
    cells.sort(key=lambda cell: order[cell["id"]])
    store_outputs(notebook, suite, reports, verdicts)
    outcome = {"outcome": "needs_person" if reasons else "graded", "reason": " ".join(reasons) or None}
    score = {"score": float(sum(cell["points"] for cell in cells)), "max_score": suite.max_score}
    return base | outcome | score | {"cells": cells}, notebook


def notebook_metadata(assignment: str) -> dict:
    """Kernel and language as the source has them."""
    return {
        key: value for key, value in read_notebook(source_path(assignment)).metadata.items() if key != "celltoolbar"
    }


def store_outputs(
    notebook: nbformat.NotebookNode, suite: Suite, reports: list[dict], verdicts: dict[str, dict]
) -> None:
    """Put into the notebook what its cells printed, how its tests ended, and what a known mistake's student reads."""
    named = {report["exercise"]: report["misconception"] for report in reports if report.get("misconception")}
    known = sentences(suite.assignment) if named else {}
    for report in reports:
        if "ran" in report:
            notebook.cells[report["ran"]].outputs = nbformat.from_dict(report["outputs"])
    for cell in notebook.cells:
        verdict = verdicts.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if verdict is None or cell.cell_type != "code":
            continue
        cell.outputs = nbformat.from_dict(verdict["outputs"])
        if verdict["verdict"] != "passed":
            name, _, message = verdict["message"].partition(": ")
            name, message = (name, message) if name.isidentifier() else (verdict["verdict"], verdict["message"])
            shown = f"{name}: {message}".strip(": ")
            error = {"output_type": "error", "ename": name, "evalue": message, "traceback": [shown]}
            cell.outputs.append(nbformat.from_dict(error))
            if verdict["verdict"] == "failed" and (name := named.pop(suite.cells[verdict["id"]].exercise, None)):
                told = {"output_type": "display_data", "data": {"text/plain": known[name]}, "metadata": {}}
                cell.outputs.insert(-1, nbformat.from_dict(told))

"""The report on a class: one page with pictures, one CSV of the same numbers, and nbgrader's own export of grades."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin

from grader import analysis
from grader.analysis import Estimate, Item, Mistake, bins
from grader.feedback import inline
from grader.gradebook import beside_autograded, replace
from grader.named import sentences
from grader.places import ROOT, source_path
from grader.results import read_results
from grader.suite import Suite, read_suite

TEMPLATES = Path(__file__).parent / "templates"
REREAD = re.compile(r' ?Reread "(.+?)" \(chapter (\d+), notebook (\d+), section (\d+)\)\.?')
COLUMNS = [
    *("kind", "name", "exercise", "points", "students", "tried", "full", "part", "nothing", "not_tried", "not_judged"),
    *("share", "share_low", "share_high", "discrimination", "discrimination_low", "discrimination_high"),
    *("strong_failed", "strong", "weak_failed", "weak", "chance", "suspicion"),
]


@dataclass(frozen=True)
class Section:
    """A section of a chapter with the mistakes that it treats.

    Args:
        title, number: its heading and number; empty where a sentence names none.
        path: its notebook's, below the course's root.
        met: misconception and its sentence, commonest first.
    """

    title: str
    number: str
    path: str
    met: list[tuple[Mistake, str]]

    @property
    def times(self) -> int:
        """Exercises of students in which one of them was met."""
        return sum(mistake.students for mistake, _ in self.met)


def write_report(api: NbGraderAPI, assignment: str, folder: Path | None = None) -> tuple[list[dict], list[Path]]:
    """Write the report on a graded class.

    Args:
        api: nbgrader, set up by `course.nbgrader_api`.
        assignment: its name.
        folder: where to; `report` beside the autograded folder if None.

    Returns:
        The class's records, and the paths of the page, its CSV and nbgrader's.

    Raises:
        NothingGraded: nobody was graded yet.
    """
    suite = read_suite(source_path(assignment), assignment)
    records = read_results(api, suite)
    folder = beside_autograded(api) / "report" if folder is None else folder
    paths = [folder / f"{assignment}{end}" for end in (".html", ".csv", "-grades.csv")]
    replace(paths[0], page(records, suite))
    replace(paths[1], table_of_items(records, suite))
    with Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
        CsvExportPlugin(config=api.config, to=str(paths[2]), assignment=[assignment]).export(gradebook)
    return records, paths


def page(records: list[dict], suite: Suite) -> str:
    """The page as HTML. Names and reasons come from students: all text is escaped."""
    loader = FileSystemLoader([TEMPLATES / "report", TEMPLATES / "page"])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["code"] = inline
    text = environment.get_template("report.html.j2").render(contents(records, suite))
    return text.strip().encode("utf-8", "backslashreplace").decode()  # a folder's name need not be text


def contents(records: list[dict], suite: Suite) -> dict:
    """All that the page shows, by the names that its template uses."""
    judged = [record for record in records if record["cells"]]
    tests, exercises = analysis.items_of_tests(judged, suite), analysis.items_of_exercises(judged, suite)
    suspects = sorted((test for test in tests if test.suspicion), key=by_suspicion)
    met, unnamed = analysis.mistakes(judged, suite)
    scores, seconds = [record["score"] for record in judged], times(judged)
    waiting = Counter(name for record in judged for name in record["waiting"])
    people = [record for record in records if record["outcome"] == "needs_person"]
    return {
        "assignment": suite.assignment, "records": records, "judged": judged, "max_score": suite.max_score,
        "people": people, "reasons": by_reason(people),
        "waiting": [(cell, waiting[cell.id]) for cell in suite.cells.values() if waiting[cell.id]],
        "scores": bins(scores, suite.max_score), "score_quartiles": quartiles(scores),
        "tests": tests, "exercises": exercises,
        "written": {cell.exercise for cell in suite.cells.values() if cell.manual},
        "clear": [test for test in suspects if test.suspicion == "clear"],
        "possible": [test for test in suspects if test.suspicion == "possible"],
        "never_failed": [test for test in tests if test.tried and test.full == test.tried],
        "never_passed": [test for test in tests if test.tried and not test.full],
        "sections": sections(met, suite.assignment), "named": sum(mistake.students for mistake in met),
        "unnamed": unnamed, "slowest": sorted(judged, key=slowness)[:3], "seconds": seconds,
        "taken_over": sum(record.get("taken_over", 0) for record in judged),
        "times": bins(seconds, max(seconds, default=0.0)), "time_quartiles": quartiles(seconds),
        "nine_of_ten": float(np.quantile(seconds, 0.9)) if seconds else None,
        "FEW": analysis.FEW, "SIDE": analysis.SIDE, "CHANCE": analysis.CHANCE,
    }  # fmt: skip


def by_reason(people: list[dict]) -> list[list[dict]]:
    """Records that need a person, those together of whom the same is said; what is said of one alone comes first."""
    groups: dict[tuple, list[dict]] = {}
    for record in people:
        groups.setdefault((record["reason"], bool(record["cells"])), []).append(record)
    return sorted(groups.values(), key=len)


def by_suspicion(test: Item) -> float:
    """Sorts suspected tests: what chance explains least first."""
    return test.thirds.chance if test.thirds else 0.0


def times(records: list[dict]) -> list[float]:
    """Seconds of the submissions whose time is known."""
    return [record["seconds"] for record in records if record["seconds"] is not None]


def slowness(record: dict) -> float:
    """Sorts records: slowest first."""
    return -(record["seconds"] or 0.0)


def quartiles(values: list[float]) -> list[float] | None:
    """Lower quartile, median, upper quartile; None of nothing."""
    return np.quantile(values, [0.25, 0.5, 0.75]).tolist() if values else None


def sections(met: list[Mistake], assignment: str) -> list[Section]:
    """The sections that treat the mistakes which were met, the most needed first."""
    known, found = sentences(assignment), {}
    for mistake in met:
        sentence = known.get(mistake.name, "")
        where = REREAD.search(sentence)
        key = where.groups() if where else ("", "", "", "")
        found.setdefault(key, []).append((mistake, REREAD.sub("", sentence)))
    made = [section(*key, met) for key, met in found.items()]
    return sorted(made, key=lambda section: -section.times)


def section(title: str, chapter: str, notebook: str, number: str, met: list[tuple[Mistake, str]]) -> Section:
    """A section by what a sentence says of it."""
    paths = sorted((ROOT / "notebooks").glob(f"{int(chapter):02d}_*/{notebook}_*.ipynb")) if title else []
    path = paths[0].relative_to(ROOT).as_posix() if paths else f"notebook {notebook} of chapter {chapter}"
    return Section(title, number, path, met)


def table_of_items(records: list[dict], suite: Suite) -> str:
    """The numbers on exercises and tests as CSV: names of the source's cells and numbers, nothing of a student's."""
    judged = [record for record in records if record["cells"]]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for kind, items in (
        ("exercise", analysis.items_of_exercises(judged, suite)),
        ("test", analysis.items_of_tests(judged, suite)),
    ):
        writer.writerows(row(kind, item, len(judged)) for item in items)
    return out.getvalue()


def row(kind: str, item: Item, students: int) -> dict:
    """One line of the CSV; what cannot be said is empty."""
    same = ("name", "exercise", "points", "tried", "full", "part", "nothing", "not_tried", "not_judged", "suspicion")
    thirds = {name: getattr(item.thirds, name, "") for name in ("strong_failed", "strong", "weak_failed", "weak")}
    return (
        {"kind": kind, "students": students} | {name: getattr(item, name) for name in same} | thirds
        | estimate("share", item.share) | estimate("discrimination", item.discrimination)
        | {"chance": round(item.thirds.chance, 4) if item.thirds else ""}
    )  # fmt: skip


def estimate(name: str, found: Estimate | None) -> dict:
    """Three columns of an estimate."""
    values = [round(number, 4) for number in (found.value, found.low, found.high)] if found else [""] * 3
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))

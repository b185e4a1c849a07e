"""What of an earlier grading still holds: each result is kept under the hash of all that it follows from.

A test cell's result follows from the student's code before it, the test, the source's locked code, the seed, the
limits and walls, this grader and its environment. Change one test, and one column of a class is judged again. What
student code remembers of earlier tests' calls is not in the hash; `--fresh` judges everything.
"""

import functools
import hashlib
import json
import platform
from dataclasses import dataclass
from importlib.metadata import version

from grader.places import ROOT
from grader.submissions import Submission
from grader.suite import Suite, to_diagnose

LASTING = {"passed", "failed", "not_attempted", "missing"}  # a time-out or a death may not come again
PACKAGES = ("torch", "numpy", "ipython", "nbgrader")
RAN = "cells"


def digest(*parts: object) -> str:
    """SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@functools.cache
def versions() -> dict[str, str]:
    """Versions of what a result follows from beside files."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


@functools.cache
def files() -> dict[str, str]:
    """Hashes of the grader's own source and of the lock."""
    own = sorted((ROOT / "grader").glob("*.py"))
    parts = {"grader": own, "lock": list(ROOT.glob("requirements.lock"))}
    return {name: digest([path.read_text(encoding="utf-8") for path in found]) for name, found in parts.items()}


def of_source(suite: Suite) -> str:
    """Hash of all that a source notebook says about grading."""
    cells = [[repr(cell), cell.source] for cell in suite.cells.values()]
    return digest(suite.assignment, cells, sorted(suite.answers), sorted(suite.loose), suite.imports)


def fingerprint(submission: Submission, suite: Suite, limits: dict) -> str:
    """Hash of all that a submission's record follows from; the arguments are those of `keys_of`."""
    content = hashlib.sha256(submission.content).hexdigest()
    return digest(
        content, submission.timestamp, submission.reasons, of_source(suite), suite.shift, limits, versions(), files()
    )


def keys_of(submission: Submission, suite: Suite, limits: dict, traces: dict[str, str]) -> dict[str, str]:
    """Test cell, exercise or `RAN` -> hash of what its result, its diagnosis or the cells' outputs follow from.

    Args:
        submission: laid out.
        suite: the assignment's tests, with the seed.
        limits: of time and memory, and whether there were walls: what was found without them is worth less.
        traces: exercise -> key of its traces, see `grader.kept`.
    """
    setup = [cell.source for cell in suite.setup]
    so_far = digest(setup, sorted(suite.answers | suite.loose), limits, versions(), files())
    keys, places = {}, []
    for step in submission.steps():
        if "run" in step:
            so_far = digest(so_far, step["id"], step["run"])
            places.append(step["index"])
        elif cell := suite.cells.get(step["test"]):
            keys[cell.id] = digest(so_far, cell.source, suite.shift if cell.hidden else 0)
    return keys | {name: digest(so_far, key) for name, key in traces.items()} | {RAN: digest(so_far, places)}


@dataclass(frozen=True)
class Known:
    """What an earlier run found out about a submission and still holds.

    Args:
        reports: of test cells and diagnoses; of the cells that were run too where nothing is left to judge.
        left: whether something is.
    """

    reports: list[dict]
    left: bool

    @property
    def cells(self) -> list[str]:
        """The test cells whose results are taken over."""
        return [report["id"] for report in self.reports if "id" in report]


def known_of(earlier: dict, keys: dict[str, str], suite: Suite) -> Known:
    """Choose what of an earlier run's reports still holds.

    Args:
        earlier: what `receipt` and the gradebook's writer kept, `keys` and `reports` among it; may be empty.
        keys: as `keys_of` gives them now.
        suite: the assignment's tests.
    """
    before = earlier.get("keys", {})
    good = [report for report in earlier.get("reports", []) if holds(report, before, keys)]
    verdicts = {report["id"]: report["verdict"] for report in good if "id" in report}
    tests = {cell.id for cell in suite.tests} & keys.keys()
    named = {report["exercise"] for report in good if "exercise" in report}
    ran = [report for report in good if "ran" in report]
    left = bool(tests - verdicts.keys() or set(to_diagnose(verdicts, suite)) - named or before.get(RAN) != keys[RAN])
    return Known([report for report in good if not (left and report in ran)], left)


def holds(report: dict, before: dict[str, str], keys: dict[str, str]) -> bool:
    """Tell whether one report still holds; of two results of one cell neither is taken over."""
    name = report.get("id") or report.get("exercise") or RAN
    lasting = "id" not in report or (report["verdict"] in LASTING and "served" not in report)
    return lasting and name in keys and before.get(name) == keys[name]


def receipt(submission: Submission, suite: Suite, known: Known, limits: dict) -> dict:
    """What a person needs to explain a grade, and to give it again.

    Args:
        submission, suite: what was graded, and by which tests, with the seed.
        known: what was taken over.
        limits: of time and place.
    """
    return {
        "submission": hashlib.sha256(submission.content).hexdigest(),
        "source": of_source(suite),
        "seed": suite.shift,
        "limits": limits,
        "versions": versions(),
        **files(),
        "taken_over": known.cells,
    }

"""What tests of the grader share: judging a notebook that we wrote, and skipping where there are no walls."""

import os
import shutil

import nbformat
import pytest

from grader.places import source_path
from grader.pool import Bench

WALLS = shutil.which("bwrap") is not None
REASON = "bubblewrap is not installed: `make system-packages` installs it"
OPEN: dict[str, Bench] = {}


def bench(assignment: str) -> Bench:
    """A bench with an assignment's tests, started when first asked for; the fixture `benches` ends it."""
    if assignment not in OPEN:
        OPEN[assignment] = Bench(source_path(assignment), assignment, walls=WALLS, seconds=60).__enter__()
    return OPEN[assignment]


def need_walls() -> None:
    """Skip without bubblewrap; under CI=true fail instead."""
    if WALLS:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(REASON)
    pytest.skip(REASON)


def steps_of(notebook: nbformat.NotebookNode) -> list[dict]:
    """Steps of the checker for a notebook whose cells stand as in the source."""
    steps = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("grade"):
            steps.append({"test": meta.grade_id})
        else:
            steps.append({"run": cell.source, "index": index, "id": meta.get("grade_id", "")})
    return steps

"""What tests of the grader share: judging a notebook that we wrote, and skipping where there are no walls."""

import os
import shutil
import sys
from pathlib import Path

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


def closed(path: Path) -> Path | None:
    """The outermost folder on the way to a path that only its owner may enter."""
    return next((folder for folder in [*reversed(path.parents), path] if not folder.stat().st_mode & 0o001), None)


def shown(*folders: Path) -> list[str]:
    """Arguments for bubblewrap that let everybody come to Python, and to these folders.

    Where one lies in a folder of root's own, that folder is shown with nothing else in it.
    """
    arguments: list[str] = []
    for place in dict.fromkeys(Path(path).resolve() for path in (sys.prefix, sys.base_prefix, *folders)):
        if shut := closed(place):
            arguments += ["--perms", "0755", "--tmpfs", str(shut)] if str(shut) not in arguments else []
            between = [parent for parent in reversed(place.parents) if parent.is_relative_to(shut) and parent != shut]
            arguments += [part for parent in between for part in ("--perms", "0755", "--dir", str(parent))]
            arguments += ["--ro-bind", str(place), str(place)]
    return arguments


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

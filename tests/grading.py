"""What tests of the grader share: judging a notebook that we wrote, and skipping where there are no walls."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func, text

from grader.database import engine_of
from grader.gradebook import SEEDS, make_tables, seed_of
from grader.places import ROOT, source_path
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


def timeless(record: dict) -> dict:
    """A record without its times."""
    cells = [{key: value for key, value in cell.items() if key != "seconds"} for cell in record["cells"]]
    return {key: value for key, value in record.items() if key != "seconds"} | {"cells": cells}


def grade_line(assignment: str, folder: Path, *options: str, url: str = "") -> list[str]:
    """Arguments that grade the class in a folder's `submitted`, all that is written beside it."""
    places = ["--submitted", str(folder / "submitted"), "--autograded", str(folder / "autograded")]
    places += ["--gradebook", url or f"sqlite:///{folder / 'gradebook.db'}", "--json", str(folder / "results.json")]
    return ["grade", assignment, *places, *([] if WALLS else ["--no-sandbox"]), *options]


def draw_as_plain(url: str, assignment: str) -> None:
    """Let a new gradebook's hidden tests draw the source's own numbers, as they do on plain nbgrader."""
    make_tables(url)
    seed_of(url, assignment)
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(SEEDS.update().where(SEEDS.c.assignment == assignment).values(seed=0))
    engine.dispose()
    assert seed_of(url, assignment) == 0


@dataclass(frozen=True)
class Course:
    """A copy of all that grading needs.

    Args:
        root: its folder.
        assignment: whose tests change.
    """

    root: Path
    assignment: str

    @classmethod
    def copied(cls, root: Path, assignment: str) -> "Course":
        """Make it."""
        leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        for name in ("grader", "helpers", "solutions"):
            shutil.copytree(ROOT / name, root / name, ignore=leave)
        for name in ("nbgrader_config.py", "requirements.lock"):
            shutil.copy(ROOT / name, root / name)
        return cls(root, assignment)

    @property
    def notebook(self) -> Path:
        """The source notebook."""
        return self.root / "solutions" / self.assignment / f"{self.assignment}.ipynb"

    def change(self, name: str, addition: str) -> None:
        """Add a line to a cell of the source notebook."""
        notebook = nbformat.read(self.notebook, as_version=4)
        (cell,) = (cell for cell in notebook.cells if cell.id == name)
        cell.source += f"\n{addition}"
        nbformat.write(notebook, self.notebook)


def check_gradebook(url: str, assignment: str, records: list[dict]) -> None:
    """Assert that a gradebook is whole: its file, one row for each graded cell of each student, points as recorded."""
    with Gradebook(url) as gradebook:
        if url.startswith("sqlite"):
            assert gradebook.db.execute(text("pragma integrity_check")).scalars().all() == ["ok"]
            assert gradebook.db.execute(text("pragma foreign_key_check")).all() == []
        query = (
            gradebook.db.query(Student.id, BaseCell.name, Grade.auto_score, func.coalesce(Grade.manual_score, 0))
            .select_from(Grade)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(Student, Student.id == SubmittedAssignment.student_id)
            .filter(Assignment.name == assignment)
        )
        rows = sorted((student, cell, (auto or 0) + manual) for student, cell, auto, manual in query)
        assert gradebook.db.query(Grade).filter(~Grade.notebook.has()).count() == 0
    expected = sorted((record["student"], cell["id"], cell["points"]) for record in records for cell in record["cells"])
    assert rows == expected

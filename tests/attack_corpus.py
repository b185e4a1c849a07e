"""The corpus of attacks: each file in tests/attacks/ tries one thing, which its first line names.

A file is the text of an answer cell, or, named cells_..., has a function `tamper` that changes the notebook. Files
marked `walls only` would harm the machine outside the sandbox and are never run there. They are data: nothing here
imports them but for `tamper`.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader.course import read_notebook
from grader.places import ROOT

ASSIGNMENT = "01_linear_regression"
FOLDER = Path(__file__).resolve().parent / "attacks"
CANARIES = ("/tmp", "/dev/shm", "/var/tmp", sys.prefix, "/usr/lib", "/etc", "/root", "/")


@dataclass(frozen=True)
class Attack:
    """One attack."""

    name: str
    tries: str
    source: str
    exercise: str = "linreg"
    walls_only: bool = False

    def notebook(self) -> nbformat.NotebookNode:
        """A blank submission with the attack in it: without the attack it gets no point."""
        notebook = read_notebook(ROOT / "assignments" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
        if self.name.startswith("cells_"):
            space: dict = {}
            exec(compile(self.source, self.name, "exec"), space)
            space["tamper"](notebook)
            return notebook
        (cell,) = [cell for cell in notebook.cells if cell.id == f"{self.exercise}-answer"]
        cell.source = self.source
        return notebook


def attacks() -> list[Attack]:
    """The whole corpus, by name."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        head = [line for line in source.splitlines()[:3] if line.startswith("# ")]
        assert head[0].startswith("# Tries to "), path.name
        exercise = next((line.split()[-1] for line in head if line.startswith("# exercise: ")), "linreg")
        found.append(Attack(path.stem, head[0][2:], source, exercise, "# walls only" in head))
    return found


def canaries() -> list[Path]:
    """What attacks that reach this machine leave on it."""
    return [path for folder in CANARIES for path in Path(folder).glob("attack-canary*")]


def clear_canaries() -> list[Path]:
    """Remove what attacks on plain nbgrader have left, so that ours do not answer for it; give what there was."""
    found = canaries()
    for path in found:
        path.unlink()
    return found


def hand_in(notebooks: dict[str, nbformat.NotebookNode], folder: Path, assignment: str = ASSIGNMENT) -> Path:
    """Write notebooks as submissions of students; give the folder."""
    for student, notebook in notebooks.items():
        place = folder / student / assignment
        place.mkdir(parents=True)
        (place / f"{assignment}.ipynb").write_text(nbformat.v4.writes(notebook), encoding="utf-8", errors="replace")
    return folder

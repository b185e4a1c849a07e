"""Traces of misconceptions on disk: they follow from files alone, so they serve every class until one changes."""

import contextlib
import functools
import hashlib
import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

from grader.places import ROOT
from grader.suite import read_suite

FOLDER = ROOT / "build" / "traces"


def beside(assignment: str) -> list[Path]:
    """The file with an assignment's misconceptions; none for another course's assignment."""
    return list((ROOT / "solutions" / assignment).glob("misconceptions.py"))


class KeptTraces:
    """What `grader.traces.make` gave for an assignment's exercises, one file each.

    Args:
        source: its source notebook, or a copy of it elsewhere.
        assignment: its name.
    """

    def __init__(self, source: Path, assignment: str) -> None:
        self.source, self.assignment = source, assignment

    @functools.cached_property
    def key(self) -> bytes:
        """Hash of all that traces follow from; numbers may be rounded otherwise on another machine."""
        suite = read_suite(self.source, self.assignment)
        cells = [(cell.id, cell.kind, cell.source) for cell in suite.cells.values()]
        versions = [platform.python_version(), platform.node(), version("torch"), version("numpy")]
        parts = [json.dumps([cells, suite.imports, versions]).encode()]
        parts += [path.read_bytes() for path in [*sorted((ROOT / "grader").glob("*.py")), *beside(self.assignment)]]
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()

    def path(self, exercise: str) -> Path:
        """Where an exercise's traces lie."""
        return FOLDER / self.assignment / exercise

    def load(self, exercise: str) -> bytes:
        """The traces of an exercise; empty where there are none, or they are of other files."""
        try:
            kept = self.path(exercise).read_bytes()
        except OSError:
            return b""
        size = len(self.key)
        return kept[size:] if kept[:size] == self.key else b""

    def save(self, exercise: str, traces: bytes) -> None:
        """Keep traces; where nothing can be written they are made again by the next run."""
        if not traces:
            return
        place = self.path(exercise)
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
                file.write(self.key + traces)
            Path(file.name).replace(place)

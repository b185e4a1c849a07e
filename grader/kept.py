"""Traces of misconceptions on disk: they follow from files alone, so they serve every class until one changes."""

import contextlib
import functools
import platform
import tempfile
from pathlib import Path

from grader.places import ROOT
from grader.reuse import digest, files, versions
from grader.suite import Suite, read_suite

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
    def suite(self) -> Suite:
        """What the source notebook says."""
        return read_suite(self.source, self.assignment)

    def key(self, exercise: str) -> str:
        """Hash of all that an exercise's traces follow from; numbers may be rounded otherwise on another machine."""
        cells = self.suite.cells.values()
        used = [cell.source for cell in cells if not cell.test or cell.exercise == exercise]
        texts = [path.read_text(encoding="utf-8") for path in beside(self.assignment)]
        return digest(used, self.suite.imports, texts, platform.node(), versions(), files())

    def path(self, exercise: str) -> Path:
        """Where an exercise's traces lie."""
        return FOLDER / self.assignment / exercise

    def load(self, exercise: str) -> bytes:
        """The traces of an exercise; empty where there are none, or they are of other files."""
        try:
            kept = self.path(exercise).read_bytes()
        except OSError:
            return b""
        key = self.key(exercise).encode()
        return kept.removeprefix(key) if kept.startswith(key) else b""

    def save(self, exercise: str, traces: bytes) -> None:
        """Keep traces; where nothing can be written they are made again by the next run."""
        if not traces:
            return
        place = self.path(exercise)
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
                file.write(self.key(exercise).encode() + traces)
            Path(file.name).replace(place)

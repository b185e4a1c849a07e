"""Where things are. It imports nothing, so that the checkers start without nbgrader."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class GraderError(Exception):
    """Something an instructor has to put right before grading can go on."""


class UnknownAssignment(GraderError):
    """No assignment of that name has a source notebook."""


def assignments() -> list[str]:
    """Names of all assignments that have a source notebook, in order."""
    return sorted(path.stem for path in (ROOT / "solutions").glob("*/*.ipynb") if path.stem == path.parent.name)


def source_path(assignment: str) -> Path:
    """Path of an assignment's source notebook.

    Raises:
        UnknownAssignment: there is none of that name; the message lists those there are.
    """
    if assignment not in assignments():
        raise UnknownAssignment(
            f"`assignment` must name a folder of solutions/: got {assignment!r}; "
            f"there are {', '.join(assignments()) or 'none'}."
        )
    return ROOT / "solutions" / assignment / f"{assignment}.ipynb"

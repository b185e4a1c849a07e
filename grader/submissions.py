"""Reads what students handed in, whatever it is, and lays it out for grading.

Nothing of a submission is trusted but the text of its own cells: test cells, points, ids and the kernel come from
the source. A submission that cannot be read goes to a person, with a sentence that says why.
"""

import ast
import contextlib
import functools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils

from grader.suite import NOT_PARSED, Cell, Suite, parsed

MAX_BYTES = 64 * 2**20
MAX_CELLS = 2000
MAX_TIMESTAMP = 1000
MISSING_ANSWER = "*The cell for this answer is missing from the submission.*"
EXERCISE_OPTIMISERS = "`torch.optim` is used where the exercise asks for code of one's own"


class Unreadable(Exception):
    """A submission that nothing can be made of; the message is a sentence for a person."""


@dataclass
class Submission:
    """One student's work, laid out for grading.

    Args:
        student: their folder's name.
        path: the notebook's file, or where it should be.
        content: its bytes.
        cells: cells of the notebook to be graded; test cells are the source's own.
        reasons: sentences that say why a person has to look; none for most.
        unread: whether nothing could be made of it, so that there is nothing to grade.
        timestamp: when it was handed in, as `timestamp.txt` beside it says; "" if there is none.
    """

    student: str
    path: Path
    content: bytes = b""
    cells: list[nbformat.NotebookNode] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    unread: bool = False
    timestamp: str = ""

    def steps(self) -> list[dict]:
        """What the checker has to do, in the notebook's order."""
        steps = []
        for index, cell in enumerate(self.cells):
            meta = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
                steps.append({"test": meta["grade_id"]})
            elif cell.cell_type == "code":
                steps.append({"run": cell.source, "index": index, "id": meta.get("grade_id", "")})
        return steps


def find(submitted: Path, assignment: str) -> list[tuple[str, Path]]:
    """Students who handed something in, and their folders, in order."""
    folders = sorted(path for path in submitted.iterdir() if not path.name.startswith("."))
    return [(path.name, path / assignment) for path in folders if os.path.lexists(path / assignment)]


def load(student: str, folder: Path, suite: Suite, released: dict[str, str]) -> Submission:
    """Read a student's folder and lay its notebook out.

    Args:
        student: the folder's name.
        folder: holds the notebook.
        suite: the assignment's source cells.
        released: checksum of each released cell by id.
    """
    submission = Submission(student, folder / f"{suite.assignment}.ipynb")
    try:
        student.encode()
        submission.path, submission.content = read_file(folder, suite.assignment)
        raw = read_cells(submission.content)
    except Unreadable as problem:
        submission.reasons.append(str(problem))
        submission.unread = True
        return submission
    except UnicodeEncodeError:
        submission.reasons.append("The student's folder has a name that is not text; rename it.")
        submission.unread = True
        return submission
    try:
        submission.timestamp = read_timestamp(folder / "timestamp.txt")
    except ValueError as problem:
        submission.reasons.append(f"When it was handed in is not known: {problem}.")
    submission.cells, lost = lay_out(raw, suite, released)
    submission.reasons += [f"The cell `{name}` is missing from the submission." for name in lost]
    if not any(known_id(cell) in suite.cells for cell in raw):
        submission.reasons.append(f"No cell of the notebook belongs to {suite.assignment}: is it another notebook?")
    sources = [cell["source"] for cell in raw if cell["cell_type"] == "code" and "optim" in cell["source"]]
    if used := {name for source in sources for name in optimisers(source)}:
        used -= {name for cell in suite.cells.values() if cell.solution for name in optimisers(cell.source)}
    if used:
        submission.reasons.append(f"{EXERCISE_OPTIMISERS}: {', '.join(sorted(used))[:200]}.")
    return submission


def read_file(folder: Path, assignment: str) -> tuple[Path, bytes]:
    """Find and read the notebook in a folder; links are not followed."""
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Unreadable("The submission's folder is a link; links are not followed.")
    if not folder.is_dir():
        raise Unreadable("The submission is a file where a folder is expected.")
    path = folder / f"{assignment}.ipynb"
    if not os.path.lexists(path):
        others = sorted(other for other in folder.glob("*.ipynb"))
        if len(others) != 1:
            found = ", ".join(repr(other.name) for other in others[:5]) or "no notebook"
            raise Unreadable(f"The folder should hold {path.name}; it holds {found}.")
        (path,) = others
    if path.is_symlink() or not path.is_file():
        raise Unreadable(f"{path.name!r} is a link or no ordinary file; links are not followed.")
    if path.stat().st_size > MAX_BYTES:
        size = path.stat().st_size / 2**20
        raise Unreadable(f"{path.name!r} has {size:.0f} MiB, over the limit of {MAX_BYTES / 2**20:.0f}: clear outputs.")
    return path, path.read_bytes()


def read_timestamp(path: Path) -> str:
    """The time in a file that `nbgrader collect` wrote; "" if there is none.

    Raises:
        ValueError: there is one, and it holds no time.
    """
    if path.is_symlink():
        raise ValueError(f"{path.name} is a link, and links are not followed")
    if not path.is_file():
        return ""
    text = path.read_bytes()[:MAX_TIMESTAMP].decode("utf-8", "replace").strip()
    if text:
        try:
            utils.parse_utc(text)
        except (ValueError, OverflowError):
            raise ValueError(f"{path.name} holds no time ({text[:100]!r})") from None
    return text


def read_cells(content: bytes) -> list[dict[str, Any]]:
    """Take the cells out of a notebook's bytes: type, text, nbgrader's metadata, and nothing else."""
    if not content.strip():
        raise Unreadable("The notebook is an empty file.")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The notebook cannot be read: it is not valid JSON ({str(error)[:100]}).") from None
    if type(data) is not dict:
        raise Unreadable("The file is JSON, but no notebook.")
    if type(data.get("nbformat")) is int and data["nbformat"] < 4:
        try:
            data = nbformat.convert(nbformat.from_dict(data), 4)
        except Exception as error:
            raise Unreadable(f"The notebook is in an old format that cannot be converted ({error}).") from None
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise Unreadable("The file is JSON, but it has no list of cells.")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(cells)} cells; the limit is {MAX_CELLS}.")
    found = [cell for cell in map(read_cell, cells) if cell]
    if not found:
        raise Unreadable("The notebook has no cells.")
    return found


def read_cell(cell: Any) -> dict[str, Any] | None:
    """Take the parts of one cell that count; None if it is no cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    meta = cell.get("metadata")
    meta = meta.get("nbgrader") if isinstance(meta, dict) else None
    grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
    source = source.encode("utf-8", "replace").decode()
    return {"cell_type": cell["cell_type"], "source": source, "id": grade_id if isinstance(grade_id, str) else None}


def known_id(cell: dict[str, Any]) -> str | None:
    """nbgrader's id of a raw cell."""
    return cell["id"]


def lay_out(
    raw: list[dict], suite: Suite, released: dict[str, str]
) -> tuple[list[nbformat.NotebookNode], list[str]]:  # fmt: skip
    """Put the source's cells where the student's copies stand; give the notebook's cells and the answers that are lost.

    Of two cells with one id the last one counts, as in nbgrader; the other stays as code of the student's. Test cells
    that are missing come back behind the cell that they follow in the source, or at the end where the answer is not
    in its place either: some other cell may define what they test.
    """
    last = {cell["id"]: index for index, cell in enumerate(raw) if cell["id"] in suite.cells}
    laid: list[tuple[str | None, nbformat.NotebookNode]] = []
    for index, cell in enumerate(raw):
        source = suite.cells.get(cell["id"]) if last.get(cell["id"]) == index else None
        laid.append((source.id if source else None, node(cell, source, released, index)))
    lost, previous = [], None
    for source in suite.cells.values():
        if source.id not in last:
            at = next((i for i, (name, _) in enumerate(laid) if name == previous), -1) + 1 if previous else 0
            if source.test and not any(suite.cells[name].exercise == source.exercise for name in last):
                at = len(laid)
            text = MISSING_ANSWER if source.kind == "markdown" and not source.locked else ""
            blank = {"cell_type": source.kind, "source": text, "id": source.id}
            laid.insert(at, (source.id, node(blank, source, released, -len(laid))))
            lost += [source.id] if source.manual else []
        previous = source.id
    return [cell for _, cell in laid], lost


def node(cell: dict, source: Cell | None, released: dict[str, str], index: int) -> nbformat.NotebookNode:
    """A cell of the notebook to be graded: the student's text, or the source's where that is locked."""
    kind = source.kind if source else cell["cell_type"]
    text = source.source if source and source.locked else cell["source"]
    # Made by hand: nbformat's own functions validate each cell, which takes longer than all else here.
    made = {
        "cell_type": kind,
        "id": f"cell-{index}" if index >= 0 else f"added-{-index}",
        "metadata": {"nbgrader": metadata(source, released)} if source else {},
        "source": text,
    } | ({"execution_count": None, "outputs": []} if kind == "code" else {})
    return nbformat.from_dict(made)


def metadata(source: Cell, released: dict[str, str]) -> dict:
    """nbgrader's metadata of a source cell."""
    found = {
        "grade_id": source.id, "grade": source.graded, "solution": source.solution, "locked": source.locked,
        "task": source.task, "schema_version": 3, "cell_type": source.kind, "checksum": released.get(source.id, ""),
    }  # fmt: skip
    return found | ({"points": source.points} if source.graded or source.task else {})


def answered(cell: nbformat.NotebookNode) -> bool:
    """Tell whether a written answer differs from what was released."""
    return cell.metadata.nbgrader.checksum != utils.compute_checksum(cell)


@functools.lru_cache(maxsize=1000)
def optimisers(source: str) -> frozenset[str]:
    """Names under `torch.optim` that code uses, by attribute, import or text; none where the code does not parse."""
    with contextlib.suppress(*NOT_PARSED):
        return frozenset(name for item in ast.walk(parsed(source)) for name in optimisers_in(item))
    return frozenset()


def optimisers_in(item: ast.AST) -> Iterator[str]:
    """Names under `torch.optim` that one node of a syntax tree uses."""
    if isinstance(item, ast.Attribute):
        if isinstance(item.value, ast.Attribute) and item.value.attr == "optim":
            yield f"torch.optim.{item.attr}"
    elif isinstance(item, ast.Import):
        yield from (alias.name for alias in item.names if "optim" in alias.name.split("."))
    elif isinstance(item, ast.ImportFrom) and "optim" in (item.module or "").split("."):
        yield from (f"torch.optim.{alias.name}" for alias in item.names)
    elif isinstance(item, ast.ImportFrom):
        yield from ("torch.optim" for alias in item.names if alias.name == "optim")
    elif isinstance(item, ast.Call) and getattr(item.func, "id", getattr(item.func, "attr", "")) in IMPORTERS:
        texts = [part.value for part in item.args if isinstance(part, ast.Constant)]
        yield from ("torch.optim" for text in texts if isinstance(text, str) and "optim" in text.split("."))


IMPORTERS = {"getattr", "import_module", "__import__"}

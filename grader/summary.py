"""What a graded notebook lost points for: criteria, what they say, and which of them fail because of another."""

import ast
import re
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode

from grader.suite import Suite

STOPPED = "your answer cell stopped"
MAKES = re.compile(r"\bimport (\w+)|\bas (\w+)|^(?:def|class) (\w+)|^(\w+) *=", re.MULTILINE)
WORDS = {
    "passed": "passed", "failed": "failed", "not_attempted": "not attempted", "manual": "marked by a person",
    "timed_out": "took too long", "crashed": "crashed", "missing": "not found", "grader_error": "not judged",
}  # fmt: skip


@dataclass
class Criterion:
    """One graded cell.

    Args:
        id, exercise, points, score: the cell's.
        verdict: a key of `WORDS`.
        message: what its test says; when it passed, with which right earlier part if it needed one.
        told: the sentence of the misconception that its exercise behaves like, at the first cell that fails.
        because: the cause, where this is a consequence.
    """

    id: str
    exercise: str
    points: float
    score: float
    verdict: str
    message: str = ""
    told: str = ""
    because: "Cause | None" = None

    @property
    def lost(self) -> float:
        """Points that it did not give."""
        return self.points - self.score


@dataclass
class Cause:
    """A thing to put right, with all that it costs, in the notebook's order.

    Args:
        at: index of its cell.
        anchor: id of its place in the page.
        title: an exercise's name, or a cell in words.
        cell: whether a cell of the student's stopped, and tests only failed for that.
        message: what its error says.
        criteria: those that fail for it.
    """

    at: int
    anchor: str
    title: str
    cell: bool = False
    message: str = ""
    criteria: list[Criterion] = field(default_factory=list)

    @property
    def lost(self) -> float:
        """Points that it costs."""
        return sum(item.lost for item in self.criteria)

    @property
    def told(self) -> str:
        """The sentence of the misconception behind it, or nothing."""
        return next((item.told for item in self.criteria if item.told), "")


@dataclass
class Summary:
    """What the top of a page says."""

    causes: list[Cause]
    not_attempted: list[Cause]
    waiting: list[Criterion]
    criteria: dict[str, Criterion]

    @property
    def started(self) -> bool:
        """Whether any test found something to test."""
        return any(item.verdict not in ("not_attempted", "manual") for item in self.criteria.values())


def summarised(notebook: NotebookNode, suite: Suite) -> Summary:
    """Sum a graded notebook up; its cells' metadata must hold the scores."""
    criteria, causes, broken = {}, {}, []
    for index, cell in enumerate(notebook.cells):
        meta = cell.metadata.get("nbgrader", {})
        source = suite.cells.get(meta.get("grade_id"))
        if source is None or not (source.graded or source.task):
            if cell.cell_type == "code" and (error := error_of(cell)):
                broken.append((index, cell.source, error, meta.get("grade_id") or f"cell-{index}"))
            continue
        item = criterion(cell, source.id, source.exercise, source.points, manual=source.manual)
        criteria[item.id] = item
        if item.verdict in ("passed", "manual"):
            continue
        cause = cause_of(item, index, broken, criteria)
        known = causes.setdefault(cause.anchor if cause.cell else cause.title, cause)
        if known.cell or (known.criteria and same_error(known.criteria[0].message, item.message)):
            item.because = known
        known.criteria.append(item)
    ordered = sorted(causes.values(), key=lambda cause: cause.at)
    tried = [cause for cause in ordered if any(item.verdict != "not_attempted" for item in cause.criteria)]
    return Summary(
        tried,
        [cause for cause in ordered if cause not in tried],
        [item for item in criteria.values() if item.verdict == "manual" and item.lost],
        criteria,
    )


def same_error(first: str, later: str) -> bool:
    """Tell whether a test says what an earlier one of its exercise says; of a hidden test only the class is known."""
    raised, hidden, _ = later.partition(", in a hidden test: your code raised it")
    return later == first or (hidden != "" and first.startswith((f"{raised}:", f"{raised},")))


def criterion(cell: NotebookNode, name: str, exercise: str, points: float, *, manual: bool) -> Criterion:
    """Read how a graded cell ended from its outputs and its score."""
    score = float(cell.metadata.nbgrader.get("score") or 0)
    made = Criterion(name, exercise, points, score, "manual" if manual else "passed")
    notes = [output.data.get("text/plain", "") for output in cell.get("outputs", []) if "data" in output]
    if manual:
        return made
    if not (error := error_of(cell)):
        made.message = notes[0] if notes else ""
        return made
    kind, made.message = error.ename, f"{error.ename}: {error.evalue}".strip(": ")
    made.verdict = kind if kind in WORDS else "failed"
    if kind in WORDS:
        made.message = error.evalue
    if kind == "NotImplementedError" and "not started" in error.evalue:
        made.verdict = "not_attempted"
    made.message = made.message.removeprefix("AssertionError: ")
    made.told = notes[0] if notes else ""
    return made


def error_of(cell: NotebookNode) -> NotebookNode | None:
    """What a cell raised."""
    return next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)


def cause_of(item: Criterion, index: int, broken: list[tuple], criteria: dict[str, Criterion]) -> Cause:
    """Find what a criterion failed for: a cell that stopped, or the exercise itself."""
    if item.message.startswith(STOPPED):
        for at, source, error, anchor in broken:
            if anchor == f"{item.exercise}-answer":
                if found := unknown_name(f"{error.ename}: {error.evalue}", broken, before=anchor):
                    return found
                return stopped(at, source, error, anchor, f"the answer cell of {item.exercise}")
    if found := unknown_name(item.message, broken):
        return found
    if item.message.startswith("NameError, in a hidden test"):
        for other in criteria.values():
            if other.exercise == item.exercise and other.because is not None and other.because.cell:
                return other.because
    return Cause(index, item.id, item.exercise)


def unknown_name(message: str, broken: list[tuple], before: str = "") -> Cause | None:
    """The cell that stopped and would have defined the name which a NameError misses."""
    missing = re.search(r"NameError: name '(\w+)' is not defined", message)
    for at, source, error, anchor in broken:
        if anchor == before:
            break
        if missing and missing[1] in names_made(source):
            return stopped(at, source, error, anchor)
    return None


def stopped(at: int, source: str, error: NotebookNode, anchor: str, title: str = "") -> Cause:
    """A cell that stopped, as a cause."""
    first = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return Cause(at, anchor, title or f"the cell that begins “{first[:60]}”", True, f"{error.ename}: {error.evalue}")


def names_made(source: str) -> set[str]:
    """Names that a cell imports, defines or assigns; by its text where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {name for parts in MAKES.findall(source) for name in parts if name}
    names = set()
    for item in ast.walk(tree):
        if isinstance(item, ast.alias):
            names.add((item.asname or item.name).split(".")[0])
        elif isinstance(item, ast.FunctionDef | ast.ClassDef):
            names.add(item.name)
        elif isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            names.add(item.id)
    return names

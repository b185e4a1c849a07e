"""What a source notebook says about grading: its cells, points and tests, and which names a test may take."""

import ast
import functools
import json
import re
import types
from dataclasses import dataclass, field
from pathlib import Path

SHIFT = "_seed_shift"
NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
TEST = re.compile(r"(.+)-(visible|hidden)(-\d+)?")


@dataclass(frozen=True)
class Cell:
    """A source cell that nbgrader knows by id."""

    id: str
    kind: str
    source: str
    points: float = 0.0
    graded: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False

    @property
    def test(self) -> bool:
        """Whether its points are given by running it."""
        return self.graded and not self.solution and self.kind == "code"

    @property
    def manual(self) -> bool:
        """Whether a person gives its points."""
        return (self.graded and self.solution) or self.task

    @property
    def exercise(self) -> str:
        """Name of the exercise that it belongs to."""
        found = TEST.fullmatch(self.id)
        return found[1] if found else self.id.removesuffix("-answer")

    @property
    def hidden(self) -> bool:
        """Whether students must not see what it says."""
        return "BEGIN HIDDEN TESTS" in self.source


@dataclass(frozen=True)
class Suite:
    """An assignment's source cells in order, and what follows from them.

    `shift` is added to every seed in a hidden test: see `shifted`.
    """

    assignment: str
    cells: dict[str, Cell]
    answers: frozenset[str] = field(default_factory=frozenset)
    shift: int = 0

    @property
    def tests(self) -> list[Cell]:
        """Cells whose points are given by running them."""
        return [cell for cell in self.cells.values() if cell.test]

    @property
    def exercises(self) -> dict[str, list[Cell]]:
        """Exercise -> the cells of code that answer it, in order."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells.values():
            if cell.solution and cell.kind == "code":
                found.setdefault(cell.exercise, []).append(cell)
        return found

    @property
    def setup(self) -> list[Cell]:
        """Locked code that is neither answer nor test: imports and constants, the same for everybody."""
        return [cell for cell in self.cells.values() if cell.kind == "code" and cell.locked and not cell.graded]

    @property
    def max_score(self) -> float:
        """All points, the manual ones included."""
        return sum(cell.points for cell in self.cells.values() if cell.graded or cell.task)


def read_suite(path: Path, assignment: str) -> Suite:
    """Read an assignment's source notebook, of nbformat 4; nbformat and nbgrader would take two seconds to import."""
    cells = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if "grade_id" in meta:
            graded, solution = meta.get("grade", False), meta.get("solution", False)
            cells[meta["grade_id"]] = Cell(
                *(meta["grade_id"], cell["cell_type"], "".join(cell["source"]), float(meta.get("points", 0))),
                graded=graded, solution=solution, locked=not solution and (graded or meta.get("locked", False)),
                task=meta.get("task", False),
            )  # fmt: skip
    named = {name for cell in cells.values() if cell.solution and cell.kind == "code" for name in bound(cell.source)}
    return Suite(assignment, cells, frozenset(named))


def parsed(source: str) -> ast.Module:
    """A student's cell, its magics taken out where it has some; raises one of NOT_PARSED where it is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager  # few need it, and it is slow to import

        return ast.parse(TransformerManager().transform_cell(source))


def bound(source: str | ast.stmt) -> set[str]:
    """Names that the top level of a cell, or one statement of it, defines."""
    names, todo = set(), ast.parse(source).body if isinstance(source, str) else [source]
    while todo:
        item = todo.pop()
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(item.name)
        elif not isinstance(item, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
                names.add(item.id)
            todo += ast.iter_child_nodes(item)
    return names


class Shift(ast.NodeTransformer):
    """Turns `manual_seed(n)` into `manual_seed(n + SHIFT)`: equal seeds stay equal, others stay different."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Add the name that will hold the shift to the seed of a generator."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "manual_seed" and node.args:
            node.args[0] = ast.BinOp(node.args[0], ast.Add(), ast.Name(SHIFT, ast.Load()))
        return node


def shifted(cell: Cell) -> ast.Module:
    """A cell's code; a hidden test's draws other random numbers, so that a memorised answer is worth nothing.

    The number that is added to each seed is what the name SHIFT holds where the code runs.
    """
    tree = ast.parse(cell.source)
    return ast.fix_missing_locations(Shift().visit(tree)) if cell.hidden else tree


@functools.cache
def compiled(cell: Cell) -> types.CodeType:
    """Compile a source cell once; the template does it for all before it forks."""
    return compile(shifted(cell), f"<{cell.id}>", "exec")


@functools.cache
def names_in(code: types.CodeType) -> frozenset[str]:
    """Every name that compiled code, or a function inside it, may look up."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return frozenset(code.co_names).union(*(names_in(part) for part in inner))

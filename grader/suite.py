"""What a source notebook says about grading: its cells, points and tests, and which names a test may take."""

import ast
import builtins
import functools
import json
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.places import GraderError

SHIFT, LAST = "_seed_shift", "_last_value"
NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
TEST = re.compile(r"(.+)-(visible|hidden)(-\d+)?")
IMPORTS = ast.Import | ast.ImportFrom


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
        return self.task or (self.graded and not self.test)

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
    """A source notebook's cells in order, and what follows from them.

    Args:
        assignment: its name.
        cells: those that nbgrader knows by id.
        answers: names that the source's answers define.
        shift: what is added to every seed in a hidden test: see `shifted`.
        imports: the import statements of cells that have no id: tests may rely on them, so the checker runs its own.
        loose: names that tests use and that neither they nor any other locked cell defines; the student's notebook
            must. The lint allows none in this course's assignments.
    """

    assignment: str
    cells: dict[str, Cell]
    answers: frozenset[str] = field(default_factory=frozenset)
    shift: int = 0
    imports: str = ""
    loose: frozenset[str] = field(default_factory=frozenset)

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
        locked = [cell for cell in self.cells.values() if cell.kind == "code" and cell.locked and not cell.graded]
        return [*([Cell("imports", "code", self.imports)] if self.imports else []), *locked]

    @property
    def max_score(self) -> float:
        """All points, the manual ones included."""
        return sum(cell.points for cell in self.cells.values() if cell.graded or cell.task)


def to_diagnose(verdicts: dict[str, str], suite: Suite) -> Iterator[str]:
    """Exercises that failed, and in which nothing was left out, timed out or died."""
    said: dict[str, set[str]] = {}
    for name, verdict in verdicts.items():
        said.setdefault(suite.cells[name].exercise, set()).add(verdict)
    return (name for name, own in said.items() if "failed" in own <= {"failed", "passed"})


class BadSource(GraderError):
    """A source notebook that cannot be graded by; the message says why."""


def read_suite(path: Path, assignment: str) -> Suite:
    """Read an assignment's source notebook; nbformat and nbgrader would take two seconds to import.

    Raises:
        BadSource: it is no notebook of format 4, or a code cell is no Python.
    """
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
        if source.get("nbformat") != 4:
            raise BadSource(f"The source notebook {path} is not in format 4: open it in JupyterLab and save it.")
        return suite_of(source, assignment)
    except SyntaxError as error:
        raise BadSource(f"The source notebook {path} has a code cell that is no Python: {error}.") from None


def suite_of(source: dict, assignment: str) -> Suite:
    """Take what grading needs out of a source notebook."""
    cells, imports = {}, []
    for cell in source["cells"]:
        meta, text = cell["metadata"].get("nbgrader", {}), "".join(cell["source"])
        if meta.get("grade_id"):
            graded, solution = meta.get("grade", False), meta.get("solution", False)
            cells[meta["grade_id"]] = Cell(
                *(meta["grade_id"], cell["cell_type"], text, float(meta.get("points", 0))),
                graded=graded, solution=solution, locked=not solution and (graded or meta.get("locked", False)),
                task=meta.get("task", False),
            )  # fmt: skip
        elif cell["cell_type"] == "code":
            imports += [ast.unparse(item) for item in parsed(text).body if isinstance(item, IMPORTS)]
    named = {name for cell in cells.values() if cell.solution and cell.kind == "code" for name in bound(cell.source)}
    suite = Suite(assignment, cells, frozenset(named), imports="\n".join(imports))
    return replace(suite, loose=frozenset(loose_names(suite)))


def loose_names(suite: Suite) -> set[str]:
    """Names that tests use and that no answer, test, locked cell or import of the source defines."""
    locked = [parsed(cell.source) for cell in [*suite.setup, *suite.tests]]
    used = {item.id for tree in locked for item in ast.walk(tree) if isinstance(item, ast.Name)}
    return used - suite.answers - set(dir(builtins)) - {name for tree in locked for name in defined(tree)}


def parsed(source: str) -> ast.Module:
    """A cell's code, its magics taken out where it has some; raises one of NOT_PARSED where it is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager  # few need it, and it is slow to import

        return ast.parse(TransformerManager().transform_cell(source))


def defined(tree: ast.AST) -> Iterator[str]:
    """Every name that code defines anywhere: by assignment, import, definition, argument or `except`."""
    for item in ast.walk(tree):
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            yield item.id
        elif isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
            yield from [item.name] if item.name else []
        elif isinstance(item, ast.alias):
            yield (item.asname or item.name).partition(".")[0]
        elif isinstance(item, ast.arg):
            yield item.arg


def bound(source: str | ast.stmt) -> set[str]:
    """Names that the top level of a cell, or one statement of it, defines."""
    names, todo = set(), parsed(source).body if isinstance(source, str) else [source]
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
    """Compile a source cell once; the template does it for all before it forks. `LAST` gets its last line's value."""
    tree = shifted(cell)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Assign([ast.Name(LAST, ast.Store())], tree.body[-1].value)
        tree.body[-1] = ast.fix_missing_locations(ast.copy_location(last, tree.body[-1]))
    return compile(tree, f"<{cell.id}>", "exec")


@functools.cache
def names_in(code: types.CodeType) -> frozenset[str]:
    """Every name that compiled code, or a function inside it, may look up."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return frozenset(code.co_names).union(*(names_in(part) for part in inner))

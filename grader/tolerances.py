"""What error each comparison of the hidden tests grants, what right answers need of it, and what mistakes make there.

Right answers differ from a test's expectation by rounding alone. How much that is, is measured: by every right answer
as it stands, by the reference on other draws of the inputs, and by the reference when the whole cell computes in
float32, whose rounding errors are 2**29 times those of float64. A mistake that a comparison rejects differs by more
than is granted; the one that comes nearest says how much more could be granted.
"""

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
import torch

from grader.inprocess import grade, graded_code, with_answers
from grader.suite import SHIFT, Shift

DRAWS = 20
Sources = dict[str, dict[str, str]]  # exercise -> name -> source of the answer cell
SMALL = 0.06  # a bound up to this size is a tolerance; a larger one says something else
ROUNDING = 2.0**-29  # float64's rounding error over float32's


@dataclass
class Comparison:
    """One comparison of a test cell. All but `granted` are shares of what is granted.

    Args:
        cell: id of its cell.
        line: its line in the cell.
        granted: the smallest error granted in any run.
        right: the largest error of a right answer.
        single: the largest error of the reference in float32.
        wrong: the smallest error of a misconception that is rejected here.
    """

    cell: str
    line: int
    granted: float = float("inf")
    right: float = 0.0
    single: float = 0.0
    wrong: float = float("inf")

    @property
    def needed(self) -> float:
        """The share that right answers need, as far as is known."""
        return max(self.right, self.single * ROUNDING)


class Watched(ast.NodeTransformer):
    """Rewrites a cell so that its comparisons are recorded, in another dtype if wanted."""

    def __init__(self, cell: str, single: bool = False):
        self.cell, self.single = cell, single

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "allclose":
            return ast.Call(ast.Name("_close", ast.Load()), [*self.place(node), *node.args], node.keywords)
        if name == "double" and self.single:
            node.func.attr = "float"
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Lt) and is_tolerance(node.comparators[0]):
            return ast.Call(ast.Name("_below", ast.Load()), [*self.place(node), node.left, *node.comparators], [])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self.single and node.attr == "float64":
            node.attr = "float32"
        return node

    def place(self, node: ast.expr) -> list[ast.expr]:
        return [ast.Constant(self.cell), ast.Constant(node.lineno)]


def is_tolerance(bound: ast.expr) -> bool:
    """Whether a bound has a small number in it, or the name of a tolerance."""
    parts = list(ast.walk(bound))
    small = any(
        isinstance(part, ast.Constant) and isinstance(part.value, float) and 0 < part.value <= SMALL for part in parts
    )
    return small or any(isinstance(part, ast.Name) and "tolerance" in part.id for part in parts)


class Record(dict):
    """(cell, line) -> its comparison; the functions that the rewritten cells call."""

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.functions = "right", {"_close": self.close, "_below": self.below}

    def met(self, cell: str, line: int, error: float, granted: float) -> bool:
        """Note one comparison; in float32 it is no verdict."""
        row = self.setdefault((cell, line), Comparison(cell, line))
        share = error / granted if granted > 0 else float(error > 0)
        if self.kind == "wrong":
            row.wrong = min(row.wrong, share if share >= 1 else float("inf"))
        else:
            setattr(row, self.kind, max(getattr(row, self.kind), share))
        if self.kind == "right":
            row.granted = min(row.granted, granted)
        return self.kind == "single" or error <= granted

    def close(
        self, cell: str, line: int, a: torch.Tensor, b: torch.Tensor, rtol: float = 1e-5, atol: float = 1e-8
    ) -> bool:
        """In the place of torch.allclose; the entry counts that comes nearest to what is granted."""
        if a.isnan().any() or b.isnan().any() or not a.numel():
            return torch.allclose(a, b, rtol=rtol, atol=atol)
        error, granted = (a - b).detach().abs().double(), (atol + rtol * b.detach().abs()).double()
        worst = torch.where(error > 0, error / granted, 0.0).argmax()
        return self.met(cell, line, error.flatten()[worst].item(), granted.flatten()[worst].item())

    def below(self, cell: str, line: int, error: float | torch.Tensor, granted: float) -> bool:
        """In the place of `error < granted`."""
        return self.met(cell, line, abs(float(error)), float(granted))


def measure(
    notebook: nbformat.NotebookNode, right: Sources, mistakes: Sources, draws: int = DRAWS
) -> tuple[list[Comparison], list[str]]:
    """Measure all comparisons; give them and a sentence for each cell that refuses the reference on another draw."""
    record, refused, threads = Record(), [], torch.get_num_threads()
    torch.set_num_threads(1)
    for draw in range(draws):
        verdicts = grade(watched(notebook), given=record.functions | {SHIFT: 1000 * draw})
        refused += [
            f"{cell} refuses the reference on other inputs (draw {draw}): {said}"
            for cell, said in verdicts.items()
            if said
        ]
    record.kind = "single"
    for draw in range(draws):
        grade(watched(notebook, single=True), given=record.functions | {SHIFT: 1000 * draw})
    for record.kind, sources in (("right", right), ("wrong", mistakes)):
        for exercise, answers in sources.items():
            for source in answers.values():
                answered = with_answers(watched(notebook), {exercise: source})
                grade(answered, only=own_cells(exercise), given=record.functions | {SHIFT: 0})
                torch.set_grad_enabled(True)  # a mistake may have left it off
    torch.set_num_threads(threads)
    return sorted(record.values(), key=lambda row: (row.cell, row.line)), refused


def table(rows: list[Comparison]) -> str:
    """The measurements, for a person."""
    lines = [f"  {'comparison':42} {'granted':>9} {'right answers need':>20} {'nearest mistake':>17}"]
    for row in rows:
        place, need = f"{row.cell}, line {row.line}", f"{row.needed:.0e} of it" if row.needed else "nothing"
        wrong = "none here" if row.wrong == float("inf") else f"{row.wrong:.0e} times it"
        lines.append(f"  {place:42} {row.granted:9.0e} {need:>20} {wrong:>17}")
    return "\n".join(lines)


def own_cells(exercise: str) -> Callable[[str], bool]:
    """Tells an exercise's cells from the others by id."""
    return lambda cell: cell.startswith(f"{exercise}-")


def watched(notebook: nbformat.NotebookNode, *, single: bool = False) -> nbformat.NotebookNode:
    """A copy of a notebook whose hidden tests record their comparisons; the name SHIFT has to be given."""
    notebook = copy.deepcopy(notebook)
    for cell in (cell for cell in graded_code(notebook) if "-hidden" in cell.id):
        tree = Watched(cell.id, single).visit(Shift().visit(ast.parse(cell.source)))
        cell.source = ast.unparse(ast.fix_missing_locations(tree))
    return notebook

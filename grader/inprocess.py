"""Grade an assignment's notebook in this process: fast, and good enough for notebooks that we wrote ourselves."""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator

import nbformat

from grader.course import read_notebook
from grader.places import source_path


def graded_code(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    """Yield the automatically graded cells."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            yield cell


def exercises(assignment: str) -> list[str]:
    """Names of an assignment's automatically graded exercises, in order."""
    cells = read_notebook(source_path(assignment)).cells
    return [
        cell.id.removesuffix("-answer") for cell in cells if cell.id.endswith("-answer") and cell.cell_type == "code"
    ]


def maximum(assignment: str) -> float:
    """Automatic points of an assignment, bonus included."""
    return sum(cell.metadata.nbgrader.points for cell in graded_code(read_notebook(source_path(assignment))))


def with_answers(notebook: nbformat.NotebookNode, answers: dict[str, str]) -> nbformat.NotebookNode:
    """Replace the answer cells of the exercises named; change nothing else."""
    wanted = {f"{exercise}-answer": source for exercise, source in answers.items()}
    assert wanted.keys() <= {cell.id for cell in notebook.cells}
    for cell in notebook.cells:
        cell.source = wanted.get(cell.id, cell.source)
    return notebook


def grade(
    notebook: nbformat.NotebookNode,
    *,
    only: Callable[[str], bool] = lambda cell_id: True,
    before: Callable[[], None] = lambda: None,
    given: dict[str, object] | None = None,
) -> dict[str, str]:
    """Run a notebook's cells in one namespace, as a kernel would.

    Args:
        notebook: with answers, visible and hidden tests.
        only: which graded cells to run, by id; all other cells run always.
        before: called before each graded cell.
        given: names that the cells find beside the usual ones.

    Returns:
        Id of each graded cell -> "" when it passed, else the exception as text.
    """
    namespace, verdicts = {"__name__": "__main__", **(given or {})}, {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        graded = cell.metadata.get("nbgrader", {}).get("grade", False)
        if graded and not only(cell.id):
            continue
        if graded:
            before()
        error = ""
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("error")
                exec(compile(cell.source, cell.id, "exec"), namespace)
        except Exception as exception:
            error = f"{type(exception).__name__}: {exception}"
        if graded:
            verdicts[cell.id] = error
    return verdicts


def points(notebook: nbformat.NotebookNode, verdicts: dict[str, str]) -> float:
    """Points of the cells that passed."""
    return sum(cell.metadata.nbgrader.points for cell in graded_code(notebook) if verdicts.get(cell.id) == "")

"""What a chapter notebook must be like, as far as a machine can tell.

python -m tests.notebook_rules     prints every broken rule; exit code 1 if there is one
"""

import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
# Anybody's home, and what is this machine's alone: where the project, its user's home and scratch files lie.
OWN_FOLDERS = "|".join(re.escape(str(path)) for path in (ROOT, Path.home(), tempfile.gettempdir()))
MACHINE_PATH = re.compile(rf"(?:/(?:home|Users)|[A-Z]:\\+Users|{OWN_FOLDERS})[/\\]\w")
ORDINARY_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}|[0-9a-f]{12,}")

Rule = Callable[[nbformat.NotebookNode], Iterator[str]]


def chapters() -> list[Path]:
    """Every chapter notebook, in reading order."""
    found = (ROOT / "notebooks").rglob("*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The notebook's code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    """Yield (cell id, output)."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield cell.id, output


def cell_ids_are_names(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """A cell id says what the cell is about, so that it stays the same when the notebook is saved."""
    for cell in notebook.cells:
        name = cell.get("id", "")
        if not ORDINARY_ID.fullmatch(name) or RANDOM_ID.fullmatch(name):
            yield f"cell id {name!r} is not a name in lower case"


def no_machine_paths(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Nothing names a place on somebody's machine."""
    for line in nbformat.writes(notebook).splitlines():
        if "image/png" not in line and (path := MACHINE_PATH.search(line)):
            yield f"a path of one machine: {line.strip()[:80]} ({path.group()})"


def no_widget_state(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """A saved widget is dead without its kernel: neither its state nor its view is stored."""
    if "widgets" in notebook.metadata:
        yield "widget state is saved in the notebook's metadata"
    for name, output in outputs(notebook):
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            yield f"cell {name} stores a widget's view"


def errors_only_where_marked(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """An error is stored only in a cell tagged `raises-exception`."""
    marked = {cell.id for cell in notebook.cells if "raises-exception" in cell.metadata.get("tags", [])}
    for name, output in outputs(notebook):
        if output.output_type == "error" and name not in marked:
            yield f"cell {name} stores an error ({output.ename}) and is not tagged raises-exception"


def nothing_on_stderr(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """No warning is stored: a reader would think that something is wrong."""
    for name, output in outputs(notebook):
        if output.get("name") == "stderr":
            yield f"cell {name} wrote to stderr: {output.text[:80]}"


def figures_have_alternative_text(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Every picture says its finding in words, in the output's metadata."""
    for name, output in outputs(notebook):
        for kind in output.get("data", {}):
            if kind.startswith("image/"):
                alt = output.metadata.get(kind, {}).get("alt", "")
                if len(alt.split()) < 6:
                    yield f"cell {name} shows a picture without alternative text; use helpers.show(fig, alt)"


def cells_are_short(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """No code cell over 25 lines, the median at most 8; no prose cell over 120 words."""
    lengths = {cell.id: len(cell.source.splitlines()) for cell in code_cells(notebook)}
    for name, lines in lengths.items():
        if lines > 25:
            yield f"cell {name} has {lines} lines; 25 is the limit"
    if lengths and statistics.median(lengths.values()) > 8:
        yield f"the median code cell has {statistics.median(lengths.values()):g} lines; 8 is the limit"
    for cell in notebook.cells:
        text = re.sub(r"\$[^$]+\$|\|[-|]*", " ", cell.source)  # neither a formula nor a table's lines are words
        if cell.cell_type == "markdown" and (words := len(text.split())) > 120:
            yield f"cell {cell.id} has {words} words; 120 is the limit"


def prose_between_code(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Never two code cells in a row: a sentence stands between them."""
    for first, second in pairwise(notebook.cells):
        if first.cell_type == second.cell_type == "code":
            yield f"cells {first.id} and {second.id} are code without a sentence between them"


def starts_and_ends_like_a_chapter(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """A header with a title, three promises and minutes; at the end take-aways and references."""
    head = "\n".join(cell.source for cell in notebook.cells[:2])
    tail = "\n".join(cell.source for cell in notebook.cells[-4:])
    if not head.startswith("# "):
        yield "the first cell is not a title"
    if "minutes" not in head:
        yield "the header does not say how many minutes it takes"
    if head.count("\n- ") < 3 or "will be able to" not in head:
        yield 'the header lacks "you will be able to" with three promises'
    for word in ("Take-aways", "References"):
        if word not in tail:
            yield f"the end lacks {word!r}"


RULES: tuple[Rule, ...] = (
    cell_ids_are_names,
    no_machine_paths,
    no_widget_state,
    errors_only_where_marked,
    nothing_on_stderr,
    figures_have_alternative_text,
    cells_are_short,
    prose_between_code,
    starts_and_ends_like_a_chapter,
)


def broken_rules(path: Path) -> list[str]:
    """Every broken rule of one notebook file, a sentence each."""
    notebook = nbformat.read(path, as_version=4)
    broken = [sentence for rule in RULES for sentence in rule(notebook)]
    if path.stat().st_size > 1_000_000:
        broken.append(f"the file has {path.stat().st_size / 1e6:.1f} MB; 1 MB is the limit")
    return broken


def main() -> int:
    """Print every broken rule of every chapter; return 1 if there is one."""
    found = [f"{path.relative_to(ROOT)}: {rule}" for path in chapters() for rule in broken_rules(path)]
    print("\n".join(found) or f"{len(chapters())} chapter notebooks keep {len(RULES) + 1} rules")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

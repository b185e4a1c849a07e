"""Small accidents cost what they must and nothing more: each is graded, or sent to a person with a sentence."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from grader.course import nbgrader_api, read_notebook
from grader.grade import grade
from grader.places import ROOT
from grader.sample_class import Student, submission
from tests.attack_corpus import ASSIGNMENT
from tests.grading import WALLS

NAME = f"{ASSIGNMENT}.ipynb"


def notebook() -> nbformat.NotebookNode:
    """A right submission."""
    return submission(ASSIGNMENT, Student(40))


def cell_of(book: nbformat.NotebookNode, cell_id: str) -> nbformat.NotebookNode:
    """A cell by id."""
    return next(cell for cell in book.cells if cell.id == cell_id)


def write(place: Path, book: nbformat.NotebookNode, name: str = NAME) -> None:
    """Write a notebook."""
    (place / name).write_text(nbformat.writes(book), encoding="utf-8")


def changed(change: Callable[[nbformat.NotebookNode], object]) -> Callable[[Path], None]:
    """A right submission with one change."""

    def make(place: Path) -> None:
        book = notebook()
        change(book)
        write(place, book)

    return make


def in_cell(source: str, cell_id: str = "linreg-answer", *, keep: bool = True) -> Callable[[Path], None]:
    """A right submission with a text put behind, or in place of, an answer."""

    def change(book: nbformat.NotebookNode) -> None:
        cell = cell_of(book, cell_id)
        cell.source = f"{cell.source}\n{source}" if keep else source

    return changed(change)


def copied_test_cell(book: nbformat.NotebookNode) -> None:
    place = book.cells.index(cell_of(book, "linreg-visible"))
    double = copy.deepcopy(book.cells[place])
    double.id = "copy"
    book.cells.insert(place, double)


def remove(book: nbformat.NotebookNode, cell_id: str) -> None:
    book.cells.remove(cell_of(book, cell_id))


def older_release(book: nbformat.NotebookNode) -> None:
    """As released before there were hidden tests, under nbgrader's first metadata."""
    book.cells = [cell for cell in book.cells if "-hidden" not in cell.id]
    for cell in book.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.pop("task", None)
            cell.metadata.nbgrader.schema_version = 1
    cell_of(book, "linreg-visible").source = "assert linreg(1, 2, 3) == 5"


def link(place: Path) -> None:
    write(place.parent, notebook(), "elsewhere.ipynb")
    (place / NAME).symlink_to(place.parent / "elsewhere.ipynb")


def linked_folder(place: Path) -> None:
    write(place, notebook())
    place.rename(place.parent / "real")
    place.symlink_to(place.parent / "real")


def old_format(place: Path) -> None:
    (place / NAME).write_text(json.dumps(nbformat.v3.downgrade(notebook())), encoding="utf-8")


def two_notebooks(place: Path) -> None:
    write(place, notebook(), "one.ipynb")
    write(place, notebook(), "two.ipynb")


def big_line(place: Path) -> None:
    """An output of 100 MB on one line, stored in the file."""
    book = notebook()
    cell_of(book, "linreg-answer").outputs = [nbformat.v4.new_output("stream", text="x" * 100_000_000)]
    write(place, book)


def text(content: str | bytes) -> Callable[[Path], object]:
    """A file of that content."""
    return lambda place: (place / NAME).write_bytes(content if isinstance(content, bytes) else content.encode())


# accident -> (what was handed in, score, part of the sentence for a person or None)
ACCIDENTS: dict[str, tuple[Callable[[Path], object], float, str | None]] = {
    "copied test cell": (changed(copied_test_cell), 40, None),
    "deleted test cell": (changed(lambda book: remove(book, "linreg-hidden")), 40, None),
    "deleted answer cell": (changed(lambda book: remove(book, "linreg-answer")), 38, "defines `linreg`"),
    "deleted written answer": (
        changed(lambda book: remove(book, "zero_starts-answer")), 40, "The cell `zero_starts-answer` is missing"
    ),
    "cells without metadata": (
        changed(lambda book: [cell.metadata.clear() for cell in book.cells]), 40, "No cell of the notebook belongs"
    ),
    "answers in one cell": (
        changed(lambda book: (book.cells.insert(0, nbformat.v4.new_code_cell(
            "\n".join(cell.source for cell in book.cells if cell.id == "setup" or (cell.id.endswith("-answer")
                      and cell.cell_type == "code")))), remove(book, "linreg-answer"))), 40, None
    ),
    "corrupt JSON": (text('{"cells": [{"cell_type": "code", "source": '), 0, "not valid JSON"),
    "not text": (text(b"\xff\xfe\x00garbage"), 0, "not valid JSON"),
    "empty file": (text(""), 0, "empty file"),
    "a list": (text("[1, 2]"), 0, "no notebook"),
    "no cells": (text('{"nbformat": 4, "metadata": {}, "cells": []}'), 0, "no cells"),
    "cells of odd types": (text('{"nbformat": 4, "cells": [1, null, {"cell_type": 3}, []]}'), 0, "no cells"),
    "deeply nested JSON": (text("[" * 100_000), 0, "not valid JSON"),
    "renamed file": (lambda place: write(place, notebook(), "my solution (2).ipynb"), 40, None),
    "two notebooks": (two_notebooks, 0, "it holds 'one.ipynb', 'two.ipynb'"),
    "no notebook": (lambda place: (place / "answer.txt").write_text("see attached"), 0, "it holds no notebook"),
    "a link": (link, 0, "links are not followed"),
    "a linked folder": (linked_folder, 0, "links are not followed"),
    "a notebook of another assignment": (
        lambda place: write(place, nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])),
        0, "is it another notebook?",
    ),
    "notebook format 3": (old_format, 40, None),
    "older release": (changed(older_release), 40, None),
    "dead process": (in_cell("import os; os._exit(1)"), 38, None),
    "dead process in a call": (in_cell("def linreg(X, w, b):\n    import os; os._exit(1)"), 38, None),
    "segmentation fault": (in_cell("import ctypes; ctypes.string_at(0)"), 38, None),
    "endless loop": (in_cell("while True: pass"), 40, None),
    "endless loop that swallows interrupts": (
        in_cell("while True:\n    try:\n        while True:\n            n = len('a')\n"
                "    except BaseException:\n        n = 1"), 38, None
    ),
    "endless loop in a call": (in_cell("def linreg(X, w, b):\n    while True: pass"), 38, None),
    "100 MB on one line": (in_cell("print('x' * 100_000_000)"), 40, None),
    "100 MB on one line in the file": (big_line, 0, "clear outputs"),
    "warnings on stderr": (in_cell("import warnings; warnings.warn('careful')"), 40, None),
    "warning from a call": (
        in_cell("_linreg = linreg\ndef linreg(X, w, b):\n    import sys; print('hm', file=sys.stderr)\n"
                "    return _linreg(X, w, b)"), 40, None,
    ),
    "missing import": (in_cell("def linreg(X, w, b):\n    return np.array(1)"), 38, None),
    "module that is not installed": (in_cell("import tensorflow"), 40, None),
    "deleted name": (in_cell("del linreg"), 38, "defines `linreg`"),
    "deleted torch": (in_cell("del torch"), 10, None),
    "syntax error": (in_cell("def linreg(X, w, b)\n    return 1", keep=False), 38, None),
    "exception in the imports cell": (in_cell("raise RuntimeError('oops')", "setup"), 40, None),
    "exception at the top": (
        changed(lambda book: book.cells.insert(0, nbformat.v4.new_code_cell("raise ValueError"))), 40, None
    ),
    "shell command and magics": (in_cell("%matplotlib inline\n!ls\n%timeit -n1 -r1 1"), 40, None),
    "default dtype changed": (in_cell("torch.set_default_dtype(torch.float64)"), 40, None),
    "own torch.optim": (
        in_cell("def mean_lr(sum_lr, batch_size):\n    torch.optim.SGD\n    return sum_lr * batch_size",
                "mean_lr-answer"),
        40, "torch.optim.SGD",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> tuple[Path, dict[str, dict]]:
    """All accidents in one class."""
    folder = tmp_path_factory.mktemp("a folder with spaces – ä")
    for student, (make, _, _) in ACCIDENTS.items():
        place = folder / "submitted" / student / ASSIGNMENT
        place.mkdir(parents=True)
        make(place)
    (folder / "submitted" / "a file").write_text("not a student")
    (folder / "submitted" / "Žofie Ängström (2)" / ASSIGNMENT).mkdir(parents=True)
    write(folder / "submitted" / "Žofie Ängström (2)" / ASSIGNMENT, notebook())
    api = nbgrader_api(
        submitted_directory=folder / "submitted", autograded_directory=folder / "autograded",
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip
    records = grade(api, ASSIGNMENT, folder / "submitted", walls=WALLS, seconds=3)
    return folder, {record["student"]: record for record in records}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_costs_what_it_must_and_says_why(graded, accident):
    _, score, sentence = ACCIDENTS[accident]
    record = graded[1][accident]
    lost = {cell["id"]: cell["message"] for cell in record["cells"] if cell["verdict"] not in ("passed", "manual")}
    assert record["score"] == score, (record["reason"], lost)
    assert record["outcome"] == ("needs_person" if sentence else "graded"), record["reason"]
    assert sentence is None or sentence in record["reason"]
    assert all(lost.values()), "a cell lost its points without a word"


def test_no_submission_is_lost(graded):
    assert set(graded[1]) == set(ACCIDENTS) | {"Žofie Ängström (2)"}


def test_spaces_and_other_letters_in_names_are_names(graded):
    assert graded[1]["Žofie Ängström (2)"]["score"] == 40
    assert (graded[0] / "autograded" / "Žofie Ängström (2)" / ASSIGNMENT / NAME).is_file()


def test_the_release_itself_is_never_a_submission_in_disguise():
    assert (ROOT / "assignments" / ASSIGNMENT / NAME).is_file()
    assert read_notebook(ROOT / "assignments" / ASSIGNMENT / NAME).cells

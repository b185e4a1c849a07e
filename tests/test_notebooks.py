"""The chapters: hygiene that a machine can hold, and stored outputs that are fresh."""

import copy
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import notebook_rules, stored_outputs
from tests.notebook_rules import broken_rules, chapters

IDS = [path.stem for path in chapters()]


def write(path: Path, *cells, **metadata) -> Path:
    """Write a notebook that keeps every rule but for the cells given."""
    head = "# A title\n\nYou will be able to\n- a\n- b\n- c\n\nThis takes 5 minutes."
    frame = [new_markdown_cell(head, id="title"), *cells, new_markdown_cell("Take-aways. References.", id="end")]
    nbformat.write(new_notebook(cells=frame, metadata=metadata), path)
    return path


def picture(**metadata):
    """An output that holds a picture."""
    return new_output("display_data", data={"image/png": "iVBORw0KGgo="}, metadata=metadata)


ALT = "The loss falls to the noise floor within three epochs."

BROKEN = {
    "cell id": [new_code_cell("1", id="1f3a9c02")],
    "a path of one machine": [new_code_cell("open('/home/somebody/data.csv')", id="read")],
    "stores a widget's view": [
        new_code_cell(
            "w", id="w", outputs=[new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}})]
        )
    ],
    "not tagged raises-exception": [
        new_code_cell("1/0", id="boom", outputs=[new_output("error", ename="Boom", evalue="", traceback=[])])
    ],
    "wrote to stderr": [new_code_cell("f()", id="f", outputs=[new_output("stream", name="stderr", text="Warning")])],
    "without alternative text": [new_code_cell("plot()", id="plot", outputs=[picture()])],
    "26 lines": [
        new_code_cell("\n".join(["x = 1"] * 26), id="long"),
        new_markdown_cell("Then", id="then"),
        new_code_cell("x", id="short"),
        new_markdown_cell("And", id="and"),
        new_code_cell("x", id="shorter"),
    ],
    "130 words": [new_markdown_cell("word " * 130, id="wall")],
    "the median code cell": [new_code_cell("\n".join(["x = 1"] * 12), id="long")],
    "without a sentence between": [new_code_cell("x = 1", id="one"), new_code_cell("x = 2", id="two")],
}  # fmt: skip


@pytest.mark.parametrize("path", chapters(), ids=IDS)
def test_a_chapter_keeps_every_rule(path):
    assert broken_rules(path) == []


def test_a_clean_notebook_breaks_no_rule(tmp_path):
    good = new_code_cell("plot()", id="plot", outputs=[picture(**{"image/png": {"alt": ALT}})])
    assert broken_rules(write(tmp_path / "good.ipynb", good)) == []


@pytest.mark.parametrize("complaint", BROKEN)
def test_each_rule_is_seen_to_fail(complaint, tmp_path):
    found = broken_rules(write(tmp_path / "bad.ipynb", *BROKEN[complaint]))
    assert len(found) == 1 and complaint in found[0]


def test_saved_widget_state_is_seen(tmp_path):
    assert "widget state" in broken_rules(write(tmp_path / "bad.ipynb", widgets={"state": {}}))[0]


def test_a_notebook_of_more_than_a_megabyte_is_seen(tmp_path):
    big = new_code_cell("x", id="x", outputs=[new_output("stream", text="x" * 1_000_001)])
    assert "1 MB is the limit" in broken_rules(write(tmp_path / "big.ipynb", big))[0]


def test_a_notebook_without_header_and_end_is_seen(tmp_path):
    bare = tmp_path / "bare.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("Hello", id="hello")]), bare)
    assert len(broken_rules(bare)) == 5


def test_every_rule_is_among_those_seen_to_fail():
    seen = set()
    for cells in BROKEN.values():
        notebook = new_notebook(cells=cells)
        seen |= {rule for rule in notebook_rules.RULES if any(True for _ in rule(notebook))}
    assert seen == set(notebook_rules.RULES)


@pytest.mark.parametrize("path", chapters(), ids=IDS)
def test_stored_outputs_are_fresh(path):
    notebook = nbformat.read(path, as_version=4)
    stored = notebook.metadata.get("course", {})
    assert stored.get("inputs") == stored_outputs.inputs_fingerprint(notebook), "run `make notebooks`"
    assert stored.get("outputs") == stored_outputs.outputs_fingerprint(notebook), "outputs were edited by hand"


def test_freshness_notices_a_changed_cell_and_an_edited_output():
    notebook = nbformat.read(chapters()[0], as_version=4)
    edited = copy.deepcopy(notebook)
    cell = next(cell for cell in notebook_rules.code_cells(edited) if cell.outputs)
    cell.source += "\n# changed"
    assert stored_outputs.inputs_fingerprint(edited) != stored_outputs.inputs_fingerprint(notebook)
    cell.outputs[0]["text"] = "a better number"
    assert stored_outputs.outputs_fingerprint(edited) != stored_outputs.outputs_fingerprint(notebook)


@pytest.mark.parametrize("path", chapters(), ids=IDS)
def test_every_code_cell_was_run_in_order(path):
    counts = [cell.execution_count for cell in notebook_rules.code_cells(nbformat.read(path, as_version=4))]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("path", chapters(), ids=IDS)
def test_what_a_cell_prints_is_stored_in_one_piece(path):
    """In how many pieces it arrives depends on the machine's load."""
    for cell in notebook_rules.code_cells(nbformat.read(path, as_version=4)):
        for before, output in pairwise(cell.outputs):
            assert "name" not in output or output.get("name") != before.get("name"), cell.id


@pytest.mark.parametrize("path", chapters(), ids=IDS)
def test_a_widget_has_a_static_picture_before_it(path):
    cells = notebook_rules.code_cells(nbformat.read(path, as_version=4))
    for before, cell in pairwise(cells):
        if "explore(" in cell.source:
            assert any("image/png" in output.get("data", {}) for output in before.outputs), cell.id

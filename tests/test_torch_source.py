"""The lines of torch that chapter 3 quotes and explains are still the installed torch's."""

import importlib
import inspect
import re

import nbformat
import pytest
import torch

from grader.places import ROOT

CHAPTER = ROOT / "notebooks" / "03_adam_internals" / "2_inside_torch.ipynb"


def quotations() -> dict[str, list[str]]:
    """Id of each cell that quotes -> the lines of torch that its stored output shows, without indentation."""
    found = {}
    for cell in nbformat.read(CHAPTER, as_version=4).cells:
        if cell.cell_type == "code" and re.search(r"^quote\(", cell.source, flags=re.MULTILINE):
            text = "".join(output.get("text", "") for output in cell.outputs)
            found[cell.id] = [line.strip() for line in text.splitlines() if line.strip()]
    return found


def gone(lines: list[str], source: str) -> list[str]:
    """Lines that the source does not have."""
    installed = {line.strip() for line in source.splitlines()}
    return [line for line in lines if line not in installed]


@pytest.mark.parametrize("cell", quotations())
def test_a_quoted_line_is_in_the_installed_torch(cell):
    source = inspect.getsource(importlib.import_module("torch.optim.adam"))
    lines = quotations()[cell]
    assert lines
    missing = gone(lines, source)
    assert not missing, (
        f"torch {torch.__version__} changed what chapter 3, notebook 2, cell {cell} explains: {missing} "
        "is gone. Reread torch/optim/adam.py, mend the text, then run `make notebooks`."
    )


def test_the_whole_update_is_quoted():
    quoted = "\n".join(line for lines in quotations().values() for line in lines)
    for operation in ("step_t += 1", "lerp_", "addcmul_", "addcdiv_", "bias_correction2", "add_(eps)", "torch.maximum"):
        assert operation in quoted


def test_a_changed_line_is_noticed():
    source = inspect.getsource(importlib.import_module("torch.optim.adam"))
    lines = quotations()["lines-moments"]
    assert gone(lines, source) == []
    assert gone(lines, source.replace("exp_avg.lerp_(grad", "exp_avg.mul_(beta1).add_(grad")) == lines[:1]

"""The rooms and who may enter which, as DESIGN fixes them."""

import ast
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]

TOP_LEVEL = {
    *("README.md", "Makefile", "environment.yml", "pyproject.toml", "requirements.lock", "nbgrader_config.py"),
    *("CONTRIBUTING.md", "LICENSE", ".ci", ".gitignore"),
    *("notebooks", "helpers", "solutions", "assignments", "grader", "tests"),
}

# Who may import which of our rooms, and for two of them: from outside nothing but these.
OURS = {
    "notebooks": {"helpers"},
    "assignments": {"helpers"},
    "solutions": {"helpers"},
    "helpers": {"helpers"},
    "grader": {"grader"},
    "tests": {"helpers", "grader", "tests"},
}
OUTSIDE = {
    "helpers": {"torch", "numpy", "matplotlib", "ipywidgets", "IPython", "sklearn"},
    "grader": {
        *("nbgrader", "nbconvert", "nbformat", "IPython", "sqlalchemy", "alembic", "torch", "numpy", "traitlets"),
        *("jinja2", "distributed"),
    },
}
ROOMS = {"notebooks", "assignments", "solutions", "helpers", "grader", "tests"}


def sources(room: str):
    """Yield (path, Python source) for everything in a room."""
    for path in sorted((ROOT / room).rglob("*.py")):
        yield path, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / room).rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            cells = nbformat.read(path, as_version=4).cells
            yield path, "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def imported(source: str) -> set[str]:
    """Top-level names of the packages that a source imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_the_rooms_that_it_may(room):
    for path, source in sources(room):
        forbidden = (imported(source) & ROOMS) - OURS[room]
        assert not forbidden, f"{path.relative_to(ROOT)} imports {forbidden}; {room} may import {OURS[room]}"


@pytest.mark.parametrize("room", sorted(OUTSIDE))
def test_a_room_imports_only_the_packages_that_it_may(room):
    for path, source in sources(room):
        foreign = imported(source) - ROOMS - OUTSIDE[room] - sys.stdlib_module_names
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}; {room} may import {OUTSIDE[room]}"


def test_the_one_who_grades_has_neither_torch_nor_dask():
    """It reads and writes: torch takes as long to start as all else of it, and few have Dask."""
    source = "import sys, grader.__main__; sys.exit(bool({'torch', 'distributed', 'dask'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", source], cwd=ROOT).returncode == 0


def test_helpers_take_only_data_sets_from_scikit_learn():
    for path, source in sources("helpers"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
                assert node.module == "sklearn.datasets", f"{path.name} imports {node.module}"
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("sklearn") for alias in node.names), path.name


def test_nothing_stands_at_the_top_that_the_design_does_not_name(tracked_files):
    assert {name.split("/")[0] for name in tracked_files} <= TOP_LEVEL


def test_an_assignment_has_the_same_name_in_every_room():
    names = {path.name for path in (ROOT / "solutions").iterdir() if path.is_dir()}
    assert names == {path.name for path in (ROOT / "assignments").iterdir() if path.is_dir()}
    assert names <= {path.name for path in (ROOT / "notebooks").iterdir() if path.is_dir()}

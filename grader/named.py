"""The named answers that stand beside a source notebook: misconceptions and right answers."""

import ast
import functools
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable
from types import ModuleType

from grader.places import source_path


@functools.cache
def module_beside(assignment: str, name: str) -> ModuleType:
    """Import `name`.py from beside an assignment's source notebook."""
    path = source_path(assignment).parent / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{name}_{assignment}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # inspect finds the source of a class only there
    spec.loader.exec_module(module)
    return module


def misconceptions(assignment: str) -> dict[str, list[Callable]]:
    """Exercise -> its named wrong answers."""
    return module_beside(assignment, "misconceptions").MISCONCEPTIONS


def right_answers(assignment: str) -> dict[str, list[Callable]]:
    """Exercise -> right answers in other forms than the reference's."""
    return module_beside(assignment, "right_answers").RIGHT_ANSWERS


def excused(assignment: str) -> dict[str, tuple[str, ...]]:
    """Name of a right answer -> ids of the graded cells that it may fail."""
    return getattr(module_beside(assignment, "right_answers"), "ALL_BUT", {})


def probes(assignment: str) -> dict[str, str]:
    """Exercise -> a cell that the diagnosis alone runs, to tell apart what the exercise's tests cannot."""
    return getattr(module_beside(assignment, "misconceptions"), "PROBES", {})


@functools.cache
def sentences(assignment: str) -> dict[str, str]:
    """Name of a misconception -> what its student reads; the module is read, not run."""
    tree = ast.parse((source_path(assignment).parent / "misconceptions.py").read_text(encoding="utf-8"))
    named = (item for item in tree.body if isinstance(item, ast.FunctionDef | ast.ClassDef))
    return {item.name: ast.get_docstring(item) or "" for item in named}


def source_as(exercise: str, answer: Callable) -> str:
    """Source of a named answer under the name of the exercise."""
    pattern = rf"^(def|class) {answer.__name__}\b"
    return re.sub(pattern, rf"\1 {exercise}", inspect.getsource(answer), flags=re.MULTILINE)

"""nbgrader's own tests of `autograde` and `validate`, as they come in its wheel, under this course's configuration.

`autograde` runs with `grader.execute.SafeExecute` in place of nbgrader's `Execute`. In `validate` there is nothing of
ours: students press it in their own kernel. Its tests run to hold that our configuration and environment leave it be.
A shipped test passes, or stands below with the reason why it cannot; one that stands below and passes is wrong too.

All of them take 8 minutes on two cores, most of it nbgrader's; `make test` runs those that show what a grade follows
from. The rest: NBGRADER_OWN=all .venv/bin/python -m pytest tests/test_nbgrader_own.py
"""

import ast
import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from grader.execute import NO_SANDBOX
from grader.places import ROOT
from tests.grading import WALLS

FILES = {name: f"nbgrader.tests.apps.test_nbgrader_{name}" for name in ("autograde", "validate")}
ALL = os.environ.get("NBGRADER_OWN") == "all"
SOME = {
    "autograde": {
        "test_grade_complex_autotest",
        "test_showtraceback_exploit",
        "test_side_effects",
        "test_hidden_tests_single_notebook",
        "test_handle_failure",
        "test_incorrect_source_kernelspec",
    },
    "validate": {"test_validate_unchanged", "test_validate_changed", "test_validate_with_validating_envvar"},
}
# name -> (what its failure must say, why it cannot pass)
DIFFERENT = {
    "test_side_effects": (
        "side-effect.txt",
        "It wants a file that a cell writes to lie beside the graded notebook. Student code runs in a sandbox whose "
        "files vanish with it, so that nothing it writes reaches the course.",
    ),
    "test_hidden_tests_single_notebook": (
        "assert 1.0 == 1.5",
        "One of its test cells deletes the student's function `squares` to see whether another one misses it. Test "
        "cells run apart from the student's namespace: a name deleted there is still there for the student's code.",
    ),
}
SKIPPED = {
    "test_many_students": "nbgrader skips it: it needs a PostgreSQL server set up by hand.",
    "test_infinite_loop_with_output": "nbgrader skips it: under its own execution it takes too much time and memory.",
}
# The sections that say how to grade. The others say where this course's folders are and what its stubs look like,
# while the tests bring their own course.
CONFIGURATION = """
from traitlets.config.loader import PyFileConfigLoader
course = PyFileConfigLoader("nbgrader_config.py", path={root!r}).load_config()
c = get_config()
c.Autograde = course.Autograde
c.Execute = course.Execute
"""


def shipped(file: str) -> list[str]:
    """Names of the tests in one of nbgrader's files."""
    tree = ast.parse(Path(importlib.util.find_spec(FILES[file]).origin).read_text(encoding="utf-8"))
    return [item.name for item in ast.walk(tree) if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")]


def chosen(file: str) -> list[str]:
    """Names of the tests that run."""
    return [name for name in shipped(file) if ALL or name in SOME[file]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, dict[str, tuple[str, str]]]:
    """What became of each test, by file and name: a word and what pytest said."""
    folder = tmp_path_factory.mktemp("nbgrader")
    (folder / "nbgrader_config.py").write_text(CONFIGURATION.format(root=str(ROOT)))
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "none")}
    environment |= {"PYTHONPATH": str(ROOT)} | ({} if WALLS else {NO_SANDBOX: "1"})
    found = {}
    for file, module in FILES.items():
        (name,) = [item.name for item in ast.parse(Path(importlib.util.find_spec(module).origin).read_text()).body
                   if isinstance(item, ast.ClassDef)]  # fmt: skip
        wanted = [f"{module}::{name}::{test}" for test in chosen(file)]
        report = folder / f"{file}.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", "--rootdir"]
        command += [str(folder), f"--junitxml={report}", "--pyargs", *wanted]
        ran = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
        assert ran.returncode in (0, 1) and report.exists(), ran.stdout[-3000:] + ran.stderr[-3000:]
        found[file] = {}
        for case in ElementTree.parse(report).iter("testcase"):
            words = {part.tag: part.get("message", "") + (part.text or "")[-2000:] for part in case}
            word = next((word for word in ("error", "failure", "skipped") if word in words), "passed")
            test = case.get("name").partition("[")[0]
            if found[file].get(test, ("passed",))[0] == "passed":  # of several parameters the worst counts
                found[file][test] = word, words.get(word, "")
    return found


@pytest.mark.parametrize(("file", "name"), [(file, name) for file in FILES for name in chosen(file)])
def test_nbgraders_own_tests_hold(outcomes, file, name):
    word, said = outcomes[file][name]
    part, reason = DIFFERENT.get(name, ("", ""))
    assert word == ("failure" if reason else "skipped" if name in SKIPPED else "passed"), f"{reason} {said}"
    assert part in said


def test_every_name_here_is_one_of_nbgraders():
    for file in FILES:
        assert set(shipped(file)) >= SOME[file]
    assert set(shipped("autograde")) >= set(DIFFERENT) | set(SKIPPED)


def test_what_differs_is_always_run():
    assert set(DIFFERENT) <= set(chosen("autograde"))

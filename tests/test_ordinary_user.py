"""Grading as an ordinary user: the same records as root gets; and student code is never root, whoever grades."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import sandbox
from grader.__main__ import main
from grader.places import ROOT
from grader.sample_class import ASSIGNMENT, Student, submission
from tests.attack_corpus import hand_in
from tests.grading import need_walls, shown, timeless

USER = 54321
SAY = "import os; print('uid', os.getuid())"
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="this whole suite runs as an ordinary user already")


def become(folder: Path, *command: str) -> list[str]:
    """A command line that runs as an ordinary user, in a folder of theirs."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    variables = {"HOME": folder / "home", "PATH": path, "PYTHONPATH": folder, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    rights = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--bounding-set=-all"]
    setting = [f"{name}={value}" for name, value in variables.items()]
    return ["bwrap", "--dev-bind", "/", "/", *shown(), "--", *rights, "env", "-i", *setting, *command]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the course and two submissions, the ordinary user's own."""
    need_walls()
    folder = tmp_path_factory.mktemp("user")
    for room in ("grader", "helpers", "solutions", "assignments"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    class_of_two = {"ada": submission(ASSIGNMENT, Student(40)),
                    "chen": submission(ASSIGNMENT, Student(37, {"squared_loss": "labels_broadcast"}))}  # fmt: skip
    for notebook in class_of_two.values():
        answer = next(cell for cell in notebook.cells if cell.id == "linreg-answer")
        answer.source += f"\n{SAY}\n_linreg = linreg\ndef linreg(X, w, b):\n    {SAY}\n    return _linreg(X, w, b)"
    hand_in(class_of_two, folder / "in")
    (folder / "home").mkdir()
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, USER, USER)
    for parent in folder.parents:  # pytest keeps its folders to itself
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder


def arguments(folder: Path, out: str) -> list[str]:
    """What to grade, and where to."""
    places = ["--submitted", str(folder / "in"), "--autograded", str(folder / out / "autograded")]
    places += ["--gradebook", f"sqlite:///{folder / out / 'gradebook.db'}"]
    return ["grade", ASSIGNMENT, *places, "--json", str(folder / out / "results.json")]


def users_of(folder: Path) -> set[str]:
    """Whom student code saw itself as, while its cells ran and while tests called it."""
    found = [re.findall(r"uid (\d+)", path.read_text()) for path in folder.rglob("*.ipynb")]
    assert len(found) == 2 and all(len(numbers) > 1 for numbers in found)
    return {number for numbers in found for number in numbers}


@pytest.fixture(scope="module")
def as_root(folder) -> Path:
    """What root's grading leaves."""
    assert main(arguments(folder, "root")) == 0
    return folder / "root"


def test_an_ordinary_user_gets_the_records_that_root_gets(folder, as_root):
    done = subprocess.run(
        become(folder, "python", "-m", "grader", *arguments(folder, "user")),
        capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    theirs, roots = (json.loads((folder / out / "results.json").read_text()) for out in ("user", "root"))
    assert [timeless(record) for record in theirs] == [timeless(record) for record in roots]
    assert [record["score"] for record in theirs] == [40, 37]
    assert users_of(folder / "user" / "autograded") == {str(USER)}
    assert {path.stat().st_uid for path in (folder / "user").rglob("*")} == {USER}


def test_student_code_is_never_root(as_root):
    assert users_of(as_root / "autograded") == {str(sandbox.NOBODY)}


def test_where_user_namespaces_are_forbidden_grading_refuses_and_says_what_to_do(folder, as_root):
    for path in ((folder / "forbidden"), folder / "forbidden" / "gradebook.db"):
        path.mkdir() if path.suffix == "" else shutil.copy(as_root / path.name, path)
        os.chown(path, USER, USER)
    forbidden = ["bwrap", "--unshare-user", "--disable-userns", "--dev-bind", "/", "/", "--"]
    done = subprocess.run(
        become(folder, *forbidden, "python", "-m", "grader", *arguments(folder, "forbidden")),
        capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "namespace" in done.stderr and "sysctl user.max_user_namespaces" in done.stderr
    assert not (folder / "forbidden" / "autograded").exists()

"""Killed at any moment and run again, the gradebook and the files equal an undisturbed run's."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook

from grader.places import ROOT
from grader.sample_class import STUDENTS, submission
from tests.attack_corpus import ASSIGNMENT, hand_in
from tests.grading import check_gradebook, grade_line, timeless

FEW = ("ada", "blank", "chen", "kofi")
# Runs the command line with a process that kills itself at the Nth write boundary.
KILLER = """
import os, signal, sys
from grader import gradebook
from sqlalchemy import event

left = int(sys.argv.pop(1))

def boundary(*args, **kwargs):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

for name in ("commit", "after_cursor_execute"):
    from sqlalchemy import Engine
    event.listen(Engine, name, boundary)
replace = gradebook.replace

def watched(path, content):
    boundary()
    replace(path, content)
    boundary()

gradebook.replace = watched
from grader.__main__ import main
status = main(sys.argv[1:])
print("LEFT", left, file=sys.stderr)
sys.exit(status)
"""


def command(folder: Path, at: int = 10**9, url: str = "", disturbing: str = KILLER, scheduler: str = "") -> list[str]:
    """The command line that grades a folder's class, to be killed or disturbed at a write boundary."""
    options = ["--scheduler", scheduler] if scheduler else []
    grade = grade_line(ASSIGNMENT, folder, *options, url=url)
    return [sys.executable, "-W", "ignore", "-c", disturbing, str(at), *grade]


def run(folder: Path, at: int = 10**9, url: str = "", disturbing: str = KILLER) -> subprocess.CompletedProcess:
    """Grade, perhaps to be killed or disturbed on the way."""
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    line = command(folder, at, url, disturbing)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120)


def state(folder: Path, url: str = "") -> dict:
    """All that grading leaves behind, without times and database keys."""
    with Gradebook(url or f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        rows = sorted(
            (entry.student.id, grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for entry in gradebook.find_assignment(ASSIGNMENT).submissions
            for notebook in entry.notebooks
            for grade in notebook.grades
        )
        comments = sorted(
            (entry.student.id, comment.name, comment.auto_comment or "")
            for entry in gradebook.find_assignment(ASSIGNMENT).submissions
            for notebook in entry.notebooks
            for comment in notebook.comments
        )
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("autograded/**/*.ipynb")}
    records = [timeless(record) for record in json.loads((folder / "results.json").read_text())]
    return {"rows": rows, "comments": comments, "files": files, "records": records}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[Path, Path, dict, int]:
    """A prepared class, and what an undisturbed run makes of it in how many write boundaries."""
    base = tmp_path_factory.mktemp("crash")
    hand_in({name: submission(ASSIGNMENT, STUDENTS[name]) for name in FEW}, base / "fresh" / "submitted")
    shutil.copytree(base / "fresh", base / "whole")
    done = run(base / "whole")
    assert done.returncode == 0, done.stderr
    boundaries = 10**9 - int(done.stderr.split("LEFT")[1])
    return base, base / "fresh", state(base / "whole"), boundaries


def moments(count: int) -> list[int]:
    """Which of 1000 equal parts of a run's write boundaries to try: a fixed choice, or all when asked for."""
    chosen = random.Random(6).sample(range(1, 1000), count)
    return sorted(chosen)


@pytest.mark.parametrize("part", moments(int(os.environ.get("GRADER_KILLS", "2"))))
def test_killed_at_a_write_and_run_again_everything_is_as_it_should_be(undisturbed, tmp_path, part):
    _, fresh, whole, boundaries = undisturbed
    shutil.copytree(fresh, tmp_path / "class")
    killed = run(tmp_path / "class", at=max(1, boundaries * part // 1000))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = run(tmp_path / "class")
    assert again.returncode == 0, again.stderr
    assert state(tmp_path / "class") == whole
    check_gradebook(f"sqlite:///{tmp_path / 'class' / 'gradebook.db'}", ASSIGNMENT, whole["records"])


def test_killed_from_outside_no_process_is_left_and_a_second_run_ends_well(undisturbed, tmp_path):
    _, fresh, whole, _ = undisturbed
    shutil.copytree(fresh, tmp_path / "class")
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command(tmp_path / "class"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (tmp_path / "class" / ".grader").is_dir():  # until the first submission is done
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    assert family, "it was killed before it had started anything, or after it had ended"
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    again = run(tmp_path / "class")
    assert again.returncode == 0, again.stderr
    assert state(tmp_path / "class") == whole


def test_what_a_person_gave_survives_a_second_grading(undisturbed, tmp_path):
    base, *_ = undisturbed
    shutil.copytree(base / "whole", tmp_path / "class")
    url = f"sqlite:///{tmp_path / 'class' / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade("zero_starts-answer", ASSIGNMENT, ASSIGNMENT, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    shutil.rmtree(tmp_path / "class" / ".grader")  # so that all is graded again
    assert run(tmp_path / "class").returncode == 0
    with Gradebook(url) as gradebook:
        assert gradebook.find_grade("zero_starts-answer", ASSIGNMENT, ASSIGNMENT, "ada").manual_score == 1.5
    records = json.loads((tmp_path / "class" / "results.json").read_text())
    assert next(record["score"] for record in records if record["student"] == "ada") == 41.5

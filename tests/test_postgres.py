"""A gradebook in PostgreSQL: the same rows, two graders at once, a server that goes away."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Grade, Gradebook

from grader.places import ROOT
from grader.sample_class import STUDENTS, submission
from tests.attack_corpus import ASSIGNMENT
from tests.grading import WALLS
from tests.postgres import running
from tests.test_crash import KILLER, run, state

PAIR = ("ada", "chen")  # all right; one wrong answer
OTHER = "02_weight_decay"
# As the killer, but a shell command is carried out at the write boundary, and the run goes on if it can.
DISTURBER = "from grader import database; database.PATIENCE = 2.0\n" + KILLER.replace(
    "os.kill(os.getpid(), signal.SIGKILL)", 'assert not os.system(os.environ["DISTURBANCE"])'
)


@pytest.fixture(scope="module")
def server():
    """A server for the whole file."""
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """A class that handed two assignments in."""
    folder = tmp_path_factory.mktemp("fresh")
    for assignment in (ASSIGNMENT, OTHER):
        for name in PAIR:
            place = folder / "submitted" / name / assignment
            place.mkdir(parents=True)
            nbformat.write(submission(assignment, STUDENTS[name]), place / f"{assignment}.ipynb")
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory, fresh, server) -> tuple[dict, int]:
    """What an undisturbed run leaves in PostgreSQL, and in how many write boundaries."""
    folder, url = tmp_path_factory.mktemp("whole"), server.new()
    shutil.copytree(fresh, folder, dirs_exist_ok=True)
    done = run(folder, url=url)
    assert done.returncode == 0, done.stderr
    return state(folder, url), 10**9 - int(done.stderr.split("LEFT")[1])


def rows(url: str) -> list[tuple]:
    """All grades of a gradebook, without its keys."""
    with Gradebook(url) as gradebook:
        return sorted(
            (grade.assignment.name, grade.student.id, grade.name, grade.auto_score, grade.needs_manual_grade)
            for grade in gradebook.db.query(Grade)
        )


def started(assignment: str, folder: Path, url: str) -> subprocess.Popen:
    """Grade one of a class's assignments, beside others."""
    places = ["--submitted", str(folder / "submitted"), "--autograded", str(folder / "autograded"), "--gradebook", url]
    line = [sys.executable, "-m", "grader", "grade", assignment, *places, *([] if WALLS else ["--no-sandbox"])]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_postgresql_holds_the_same_rows_as_sqlite(whole, fresh, tmp_path):
    shutil.copytree(fresh, tmp_path / "class")
    done = run(tmp_path / "class")
    assert done.returncode == 0, done.stderr
    assert state(tmp_path / "class") == whole[0]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_graders_of_two_assignments_share_a_new_gradebook(server, fresh, tmp_path, kind):
    """Both make the tables, the course and the same students."""
    shutil.copytree(fresh, tmp_path / "class")
    url = server.new() if kind == "postgresql" else f"sqlite:///{tmp_path / 'class' / 'gradebook.db'}"
    both = [started(assignment, tmp_path / "class", url) for assignment in (ASSIGNMENT, OTHER)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert not any("Traceback" in text or "Rolling back" in text for text in said), said
    found = {(assignment, student) for assignment, student, *_ in rows(url)}
    assert found == {(assignment, student) for assignment in (ASSIGNMENT, OTHER) for student in PAIR}


@pytest.mark.parametrize("part", [float(part) for part in os.environ.get("GRADER_RESTARTS", "0.4 0.95").split()])
def test_the_server_is_restarted_midway(server, whole, fresh, tmp_path, monkeypatch, part):
    """In the first four fifths the gradebook is prepared, in the last one grades are written."""
    shutil.copytree(fresh, tmp_path / "class")
    url, (undisturbed, boundaries) = server.new(), whole
    monkeypatch.setenv("DISTURBANCE", shlex.join(server.pg_ctl("restart", "-m", "immediate")) + " >&2")
    disturbed = run(tmp_path / "class", int(boundaries * part) or 1, url, DISTURBER)
    assert "server started" in disturbed.stderr and "Traceback" not in disturbed.stderr, disturbed.stderr
    if disturbed.returncode:
        assert disturbed.stderr.splitlines()[-2].startswith("grader: The gradebook did not answer"), disturbed.stderr
        again = run(tmp_path / "class", url=url)
        assert again.returncode == 0, again.stderr
    assert state(tmp_path / "class", url) == undisturbed


def test_where_the_server_stays_away_the_run_ends_with_a_sentence(server, whole, fresh, tmp_path, monkeypatch):
    shutil.copytree(fresh, tmp_path / "class")
    url, (undisturbed, boundaries) = server.new(), whole
    monkeypatch.setenv("DISTURBANCE", shlex.join(server.pg_ctl("stop", "-m", "immediate")) + " >&2")
    disturbed = run(tmp_path / "class", int(boundaries * 0.97), url, DISTURBER)
    server.run(server.pg_ctl("start"))
    assert disturbed.returncode == 2 and "Traceback" not in disturbed.stderr, disturbed.stderr
    assert "What was written before stays; when the database answers, run the same command again." in disturbed.stderr
    again = run(tmp_path / "class", url=url)
    assert again.returncode == 0, again.stderr
    assert state(tmp_path / "class", url) == undisturbed

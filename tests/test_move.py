"""A gradebook is moved from SQLite to PostgreSQL and back, formgrader goes on with it, and what cannot be says why."""

import json
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine

from grader.__main__ import main
from grader.gradebook import seed_of
from grader.move import TABLES, move
from grader.places import ROOT
from grader.sample_class import STUDENTS, submission
from tests.attack_corpus import ASSIGNMENT, hand_in
from tests.browser import TOKEN, Lab, jupyterlab
from tests.grading import WALLS
from tests.postgres import running


@pytest.fixture(scope="module")
def server():
    """A server for the whole file."""
    with running() as started:
        yield started


def graded(folder: Path, url: str) -> int:
    """Grade a course's class as the command line does."""
    places = ["--submitted", str(folder / "class" / "submitted"), "--autograded", str(folder / "class" / "autograded")]
    return main(["grade", ASSIGNMENT, *places, "--gradebook", url, *([] if WALLS else ["--no-sandbox"])])


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """An instructor's folder in which one submission was graded, and a person gave points."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / "solutions" / ASSIGNMENT)
    hand_in({"ada": submission(ASSIGNMENT, STUDENTS["ada"])}, folder / "class" / "submitted")
    assert graded(folder, lite(folder)) == 0
    with Gradebook(lite(folder)) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-02 03:04:05")
        gradebook.grant_extension(ASSIGNMENT, "ada", days=3)
        grade = gradebook.find_grade("zero_starts-answer", ASSIGNMENT, ASSIGNMENT, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    return folder


def lite(folder: Path) -> str:
    """Address of a course's SQLite gradebook."""
    return f"sqlite:///{folder}/class/gradebook.db"


def rows(url: str) -> dict[str, list]:
    """Every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {table.name: sorted(map(repr, connection.execute(table.select()))) for table in TABLES}
    engine.dispose()
    return found


def test_every_row_arrives_and_comes_back_and_grading_goes_on(server, course, tmp_path, capsys):
    there, back = server.new(), f"sqlite:///{tmp_path}/back.db"
    assert main(["move", lite(course), there]) == 0
    assert "\nstudent: 1 rows" in capsys.readouterr().out
    assert rows(there) == rows(lite(course)) and all(rows(there)[name] for name in ("student", "grader_seeds"))
    assert graded(course, there) == 0
    assert "[1/1] ada: 40 of 44 (graded before)" in capsys.readouterr().out
    move(there, back)
    assert rows(back) == rows(lite(course))
    with Gradebook(there) as gradebook:
        gradebook.add_student("new")
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == 41.5


def test_formgrader_works_on_postgresql(server, course, tmp_path):
    """What `nbgrader_config.py` names is what it shows, and what a person gives there is kept."""
    url = server.new()
    move(lite(course), url)
    folder = tmp_path / "course"
    shutil.copytree(course, folder)
    (folder / "class" / "gradebook.db").unlink()
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.db_url = {url!r}\n")
    with jupyterlab(folder, tmp_path, imports=ROOT) as lab:
        (shown,) = ask(lab, f"formgrader/api/submissions/{ASSIGNMENT}")
        assert (shown["student"], shown["score"], shown["max_score"]) == ("ada", 41.5, 44)
        (notebook,) = ask(lab, f"formgrader/api/submitted_notebooks/{ASSIGNMENT}/{ASSIGNMENT}")
        grades = {grade["name"]: grade for grade in ask(lab, f"formgrader/api/grades?submission_id={notebook['id']}")}
        given = grades["zero_starts-answer"] | {"manual_score": 0.5}
        assert ask(lab, f"formgrader/api/grade/{given['id']}", given)["manual_score"] == 0.5
    with Gradebook(url) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == 40.5
    assert not (folder / "class" / "gradebook.db").exists()


def ask(lab: Lab, path: str, put: dict | None = None) -> dict | list:
    """Ask formgrader's interface, or hand it something."""
    data = json.dumps(put).encode() if put else None
    request = urllib.request.Request(lab.address + path, data, method="PUT" if put else "GET")
    request.add_header("Authorization", f"token {TOKEN}")
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.URLError as error:  # it writes its address down before it listens
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_a_gradebook_that_formgrader_has_only_opened_counts_as_empty(server, course):
    url = server.new()
    Gradebook(url, "least-squares-to-adam").close()
    move(lite(course), url)
    assert rows(url) == rows(lite(course))


def test_what_holds_something_is_refused_and_stays_as_it_was(server, course, capsys):
    url = server.new()
    seed = seed_of(url, "another")
    assert main(["move", lite(course), url]) == 2
    assert "is not empty: it has rows in grader_seeds. Name a new database." in capsys.readouterr().err
    assert seed_of(url, "another") == seed
    with pytest.raises(Exception, match="There is no gradebook"):
        move(url, server.new())  # its tables are gone again: all was one transaction


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_stopped_half_way_nothing_is_there(server, course, tmp_path, monkeypatch, kind):
    url = server.new() if kind == "postgresql" else f"sqlite:///{tmp_path}/half.db"
    left = [0] * (len(TABLES) - 1)  # each table but the course's is found to be empty; then all rows are copied
    monkeypatch.setattr("grader.move.count", lambda *_: left.pop())
    with pytest.raises(IndexError):
        move(lite(course), url)
    monkeypatch.undo()
    move(lite(course), url)
    assert rows(url) == rows(lite(course))


def test_what_is_no_gradebook_is_refused_in_words(server, tmp_path, monkeypatch, capsys):
    nothing, empty = f"sqlite:///{tmp_path}/nothing.db", server.new()
    for source, target, sentence in (
        (nothing, empty, f"There is no gradebook at {nothing}."),
        (empty, nothing, "There is no gradebook at postgresql+psycopg://teacher@127.0.0.1"),
        ("postgres://x", nothing, "must be an SQLAlchemy URL such as"),
        (server.url("elsewhere"), nothing, 'database "elsewhere" does not exist'),
    ):
        assert main(["move", source, target]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "nothing.db").exists()
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    assert main(["grade", ASSIGNMENT, "--gradebook", "postgresql+psycopg://me:secret@127.0.0.1/x"]) == 2
    said = capsys.readouterr().err
    assert "pip install -e '.[postgresql]'" in said and "secret" not in said


def test_no_key_is_counted_up_by_the_database():
    """Else a sequence would have to be set behind the last row that was moved."""
    assert not [table.name for table in TABLES if table.autoincrement_column is not None]

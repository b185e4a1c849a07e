"""No attack gains a point, changes anything outside, or touches another student's grade."""

import re
import time
from pathlib import Path

import psutil
import pytest

from grader.course import nbgrader_api, read_notebook
from grader.feedback import write_feedback
from grader.grade import grade
from grader.places import source_path
from grader.sample_class import Student, submission
from tests.attack_corpus import ASSIGNMENT, attacks, canaries, clear_canaries, hand_in
from tests.grading import need_walls

CORPUS = attacks()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The whole corpus, graded as one class with honest students between."""
    need_walls()
    clear_canaries()
    folder = tmp_path_factory.mktemp("attacked")
    notebooks = {attack.name: attack.notebook() for attack in CORPUS}
    honest = {f"{name}_honest": submission(ASSIGNMENT, Student(40)) for name in ("a", "k", "z")}
    submitted = hand_in(notebooks | honest, folder / "submitted")
    api = nbgrader_api(
        submitted_directory=submitted, autograded_directory=folder / "autograded",
        feedback_directory=folder / "feedback", db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip
    records = {record["student"]: record for record in grade(api, ASSIGNMENT, submitted, seconds=3)}
    return api, folder, records


def test_the_corpus_is_large_and_each_attack_says_what_it_tries():
    assert len(CORPUS) >= 60
    assert len({attack.tries for attack in CORPUS}) == len(CORPUS)
    assert len({attack.source.split("\n", 1)[1] for attack in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.name)
def test_an_attack_gains_no_point(graded, attack):
    """Without the attack the submission is blank: it gets nothing."""
    record = graded[2][attack.name]
    assert record["score"] == 0, [cell for cell in record["cells"] if cell["points"]]
    assert record["max_score"] == 44
    assert record["outcome"] == "graded" or record["reason"]


def test_honest_students_between_attacks_get_what_is_theirs(graded):
    honest = [record for student, record in graded[2].items() if student.endswith("_honest")]
    assert [record["score"] for record in honest] == [40, 40, 40]
    assert {cell["verdict"] for record in honest for cell in record["cells"]} == {"passed", "manual"}


def test_nothing_outside_has_changed(graded):
    time.sleep(7)  # a detached process would have acted by now
    assert canaries() == []


def test_no_process_is_left(graded):
    left = [process for process in psutil.Process().children(recursive=True) if process.status() != "zombie"]
    assert [process.cmdline() for process in left if "grader" in " ".join(process.cmdline())] == []


def test_the_gradebook_holds_no_point_for_any_attack(graded):
    import sqlite3

    with sqlite3.connect(graded[1] / "gradebook.db") as book:
        query = "select sum(auto_score), max(manual_score) from grade join submitted_notebook on grade.notebook_id = "
        query += "submitted_notebook.id join submitted_assignment on submitted_notebook.assignment_id = "
        query += "submitted_assignment.id where student_id not like '%_honest'"
        assert book.execute(query).fetchone() == (0, None)


def test_feedback_renders_nothing_that_a_student_wrote(graded):
    api, _, _ = graded
    (page,) = write_feedback(api, ASSIGNMENT, ["cells_markup"])
    text = page.read_text(encoding="utf-8")
    assert "alert(" in text  # it is shown
    student_part = text[text.index("<body") :]
    assert not re.search(r"<script[^>]*>\s*alert|<img[^>]*onerror|href=.javascript:|<[^>]*\balert\(", student_part)


def test_feedback_shows_no_hidden_test(graded):
    api, _, _ = graded
    secrets = {
        line.strip()
        for cell in read_notebook(source_path(ASSIGNMENT)).cells
        if "-hidden" in cell.id
        for line in cell.source.splitlines()
        if line.strip().startswith(("assert ", "ref_"))
    }
    for page in write_feedback(api, ASSIGNMENT, ["a_honest", "nan_everywhere"]):
        text = re.sub(r"<[^>]+>", "", Path(page).read_text(encoding="utf-8"))
        assert not [line for line in secrets if line in text]

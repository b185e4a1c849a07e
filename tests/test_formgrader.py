"""What an instructor sees and clicks: formgrader in a real browser, from the release to the feedback."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from grader.course import nbgrader_api
from grader.sample_class import ASSIGNMENT, STUDENTS, submission, submit
from tests.browser import LAPTOP, PATIENCE, Lab, choose, chromium, jupyterlab, tab
from tests.grading import need_walls
from tests.notebook_rules import ROOT

PAIR = ("ada", "chen")  # all right; one wrong answer


@pytest.fixture
def course(tmp_path) -> Path:
    """An instructor's folder: the configuration, the sources, and an exchange of its own."""
    folder = tmp_path / "course"
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / "solutions" / ASSIGNMENT)
    for name in ("config", "exchange"):
        (tmp_path / name).mkdir()
    exchange = f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\nc.Exchange.cache = {str(tmp_path / 'cache')!r}\n"
    (tmp_path / "config" / "nbgrader_config.py").write_text(f"c = get_config()\n{exchange}")
    return folder


def test_a_class_is_graded_by_clicking(course, tmp_path):
    need_walls()
    with chromium() as browser, jupyterlab(course, tmp_path, imports=ROOT) as lab, tab(browser, LAPTOP) as page:
        open_formgrader(page, lab)
        for button in ("assign", "release"):
            press(page, ASSIGNMENT, button)
        hand_in(course, tmp_path)
        press(page, ASSIGNMENT, "collect")
        row(page, ASSIGNMENT).get_by_role("link", name=str(len(PAIR)), exact=True).click()
        for student in PAIR:
            press(page, student, "autograde")
        graded = {record["student"]: record for record in results(course, tmp_path)}
        assert {student: graded[student]["score"] for student in PAIR} == {"ada": 40, "chen": 37}
        for student in PAIR:
            expect_score(page, student, graded[student]["score"])

        credit_written_answer(page, lab, "ada", "zero_starts-answer")
        page.goto(lab.url(f"formgrader/manage_submissions/{ASSIGNMENT}"))
        expect_score(page, "ada", graded["ada"]["score"] + 2)

        press(page, "ada", "generate-feedback")
        page.goto(lab.url(f"files/class/feedback/ada/{ASSIGNMENT}/{ASSIGNMENT}.html"))
        assert "42 of 44 points" in page.locator("body").inner_text()


def open_formgrader(page: Page, lab: Lab) -> None:
    """Open formgrader from JupyterLab's menu, then on a page of its own."""
    page.goto(lab.url())
    choose(page, "Nbgrader", "Formgrader")
    page.frame_locator("iframe").get_by_text(ASSIGNMENT).wait_for()
    page.goto(lab.url("formgrader/manage_assignments"))


def row(page: Page, name: str) -> Locator:
    """The line of a table in which an assignment or a student stands."""
    return page.locator("tr", has=page.get_by_text(name, exact=True))


def press(page: Page, name: str, button: str) -> None:
    """Press a button of a line; it must succeed."""
    row(page, name).locator(f".{button} a").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("heading").inner_text() == "Success", dialog.inner_text()
    dialog.get_by_role("button", name="OK").click()
    dialog.wait_for(state="detached")


def expect_score(page: Page, student: str, points: float) -> None:
    """See these points in a student's column of scores."""
    expect(row(page, student).locator(".score")).to_have_text(f"{points:g} / 44", timeout=PATIENCE)


def hand_in(course: Path, scratch: Path) -> None:
    """Submit through nbgrader's exchange, as students do."""
    api = nbgrader_api(exchange=scratch / "exchange", db_url=f"sqlite:///{course}/class/gradebook.db")
    for student in PAIR:
        submit(api, student, submission(ASSIGNMENT, STUDENTS[student]), scratch / "homes" / student)


def results(course: Path, scratch: Path) -> list[dict]:
    """What the command line says of the same submissions, in a gradebook of its own."""
    places = ["--submitted", course / "class" / "submitted", "--autograded", scratch / "graded"]
    places += ["--gradebook", f"sqlite:///{scratch}/other.db", "--json", scratch / "results.json"]
    subprocess.run([sys.executable, "-m", "grader", "grade", ASSIGNMENT, *map(str, places)], cwd=ROOT, check=True)
    return json.loads((scratch / "results.json").read_text())


def credit_written_answer(page: Page, lab: Lab, student: str, cell: str) -> None:
    """Give a written answer full credit on the page of its submission."""
    page.goto(lab.url(f"formgrader/manage_students/{student}/{ASSIGNMENT}"))
    page.get_by_role("link", name=ASSIGNMENT, exact=True).click()
    answer = page.locator(".nbgrader_cell", has=page.locator(f"[id='{cell}']"))
    with page.expect_response(lambda response: "/api/grade/" in response.url and response.request.method == "PUT"):
        answer.get_by_role("button", name="Full credit").click()

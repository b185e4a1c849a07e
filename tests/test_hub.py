"""A class on one server: released, fetched, submitted, collected, graded and given back through a real JupyterHub.

`.venv/bin/python -m pytest -s tests/test_hub.py` prints what happened when.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import nbformat
import pytest
from playwright.sync_api import Page

from grader.sample_class import ASSIGNMENT, STUDENTS, submission
from tests.browser import LAPTOP, chromium, tab
from tests.grading import need_walls
from tests.hub import INSTRUCTOR, PASSWORDS, Machine, hub, machine, need_a_server
from tests.notebook_rules import ROOT
from tests.test_formgrader import expect_score, press, row

COURSE = "least-squares-to-adam"
PAIR = ("ada", "chen")  # all right; one wrong answer
NOTEBOOK = f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
# What the extensions' own pages do: a request with the page's cookies and the token against forged ones.
REQUEST = """async ([method, path, body]) => {
    const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)[1];
    const headers = { 'X-XSRFToken': token, 'Content-Type': 'application/json' };
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    return [answer.status, await answer.text()];
}"""

READABLE = 'while read -r path; do if test -r "$path"; then echo "$path"; fi; done'


@pytest.fixture
def say():
    """Print what was done, and the seconds since the start."""
    start = time.monotonic()
    print()
    return lambda what: print(f"{time.monotonic() - start:6.1f} s  {what}")


@pytest.fixture
def server() -> Iterator[Machine]:
    """A server with accounts for the instructor and two students."""
    with machine() as running:
        yield running


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_the_proxy_the_test_says_how_to_get_it(ci, outcome, monkeypatch):
    monkeypatch.setattr("tests.hub.PROXY", "a-proxy-that-is-not-there")
    monkeypatch.setattr("os.getuid", lambda: 0)
    monkeypatch.setenv("CI", ci)
    need_walls()
    with pytest.raises(outcome, match="make system-packages"):
        need_a_server()


@pytest.mark.slow
def test_a_class_on_one_server(server, say):
    with hub(server) as address, chromium() as browser, ExitStack() as tabs:
        say("the hub answers")
        pages = {name: tabs.enter_context(tab(browser, LAPTOP)) for name in (INSTRUCTOR, *PAIR)}
        refuse_a_wrong_password(pages["chen"], address)
        for name, page in pages.items():
            log_in(page, address, name)
            say(f"{name} has logged in, and has a server")

        grader = pages[INSTRUCTOR]
        for button in ("assign", "release"):
            press(grader, ASSIGNMENT, button)
            say(f"{INSTRUCTOR} presses {button}")
        for name in PAIR:
            fetch_and_submit(pages[name], server, name)
            say(f"{name} has fetched, answered and submitted")

        press(grader, ASSIGNMENT, "collect")
        row(grader, ASSIGNMENT).get_by_role("link", name=str(len(PAIR)), exact=True).click()
        say(f"{INSTRUCTOR} has collected {len(PAIR)} submissions")
        records = graded_elsewhere(server)
        scores = {name: records[name]["score"] for name in PAIR}
        say(f"the command line gives the same submissions {scores}")
        for name in PAIR:
            press(grader, name, "autograde")
            expect_score(grader, name, scores[name])
            say(f"{INSTRUCTOR} has autograded {name}: {scores[name]:g} of 44, as the record says")
        for name in PAIR:
            for button in ("generate-feedback", "release-feedback"):
                press(grader, name, button)
        say(f"{INSTRUCTOR} has generated and released feedback")
        for name in PAIR:
            read_feedback(pages[name], server, name, scores[name])
            say(f"{name} has fetched feedback: {scores[name]:g} of 44 points")
        keep_apart(pages["chen"], server, address)
        say("chen reads nothing of ada's, and of the course nothing but `helpers`")
    say("the hub has ended, and everybody's server with it")


def refuse_a_wrong_password(page: Page, address: str) -> None:
    """The accounts' own passwords count."""
    log_in(page, address, "chen", password=PASSWORDS["ada"], then="**/hub/login**")
    assert "Invalid username or password" in page.locator("body").inner_text()


def log_in(page: Page, address: str, name: str, *, password: str = "", then: str = "") -> None:
    """Type name and password, and wait for the page that follows: that of one's own server."""
    page.goto(f"{address}/hub/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password or PASSWORDS[name])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(then or f"{address}/user/{name}/**")


def ask(page: Page, method: str, path: str, body: dict | None = None) -> object:
    """What the person's own server answers to the page in front."""
    status, text = page.evaluate(REQUEST, [method, page.url.split("/lab")[0].split("/formgrader")[0] + path, body])
    assert status < 400, (method, path, status, text)
    return json.loads(text)


def exchange(page: Page, action: str) -> dict[str, dict]:
    """Press a button of the assignment list; give its lines, by their status."""
    listed = ask(page, "POST", f"/assignments/{action}", {"course_id": COURSE, "assignment_id": ASSIGNMENT})
    assert listed["success"], listed
    return {line["status"]: line for line in listed["value"]}


def fetch_and_submit(page: Page, server: Machine, name: str) -> None:
    """Do a student's part; what is fetched is the student's file and holds no answer."""
    assert [line["status"] for line in ask(page, "GET", f"/assignments?course_id={COURSE}")["value"]] == ["released"]
    assert set(exchange(page, "fetch")) == {"fetched"}
    fetched = server.folder / "home" / name / NOTEBOOK
    assert server.users()[fetched.stat().st_uid] == name
    assert fetched.read_bytes() == (ROOT / "assignments" / NOTEBOOK).read_bytes()
    answered = submission(ASSIGNMENT, STUDENTS[name])
    ask(page, "PUT", f"/api/contents/{NOTEBOOK}", {"type": "notebook", "content": nbformat.from_dict(answered)})
    assert set(exchange(page, "submit")) == {"fetched", "submitted"}


def keep_apart(page: Page, server: Machine, address: str) -> None:
    """Of what ada has and the course holds, chen reads `helpers` and nothing else, from a shell or through the hub."""
    everything = server.run("find", ".", "/home/ada", "-path", "./.venv", "-prune", "-o", "-type", "f", "-print").stdout
    found = {name: server.run("bash", "-c", READABLE, user=name, typed=everything).stdout.splitlines()
             for name in (INSTRUCTOR, "ada", "chen")}  # fmt: skip
    assert set(found[INSTRUCTOR]) > {f"./solutions/{NOTEBOOK}", "./class/gradebook.db", "./build/results.json"}
    assert set(found["ada"]) > {f"/home/ada/{NOTEBOOK}"}
    assert found["chen"] and all(path.startswith("./helpers/") for path in found["chen"])

    places = [f"/usr/local/share/nbgrader/exchange/{COURSE}{part}" for part in ("/inbound", "/feedback", "")]
    for attempt in (["ls", places[0]], ["ls", places[1]], ["mv", places[2], f"{places[2]}-moved"]):
        refused = server.run(*attempt, user="chen")
        assert refused.returncode != 0 and re.search("not permitted|denied", refused.stderr), refused
    for path, status in ((f"/user/ada/api/contents/{NOTEBOOK}", 403), ("/user/chen/formgrader", 404)):
        assert page.request.get(f"{address}{path}").status == status


def graded_elsewhere(server: Machine) -> dict[str, dict]:
    """The records of the same submissions, graded by the command line with a gradebook of its own."""
    places = ["--gradebook", "sqlite:///build/other.db", "--autograded", "build/graded", "--json", "build/results.json"]
    done = server.run(".venv/bin/grader", "grade", ASSIGNMENT, *places, user=INSTRUCTOR)
    assert done.returncode == 0, done.stdout + done.stderr
    records = json.loads((server.folder / "course" / "build" / "results.json").read_text())
    assert {record["student"]: record["score"] for record in records} == {
        name: STUDENTS[name].expected for name in PAIR
    }
    return {record["student"]: record for record in records}


def read_feedback(page: Page, server: Machine, name: str, score: float) -> None:
    """Fetch what was given back; it is one's own page."""
    line = exchange(page, "fetch_feedback")["submitted"]
    (folder,) = (attempt["local_feedback_path"] for attempt in line["submissions"])
    page.goto(page.url.split("/lab")[0] + f"/files/{folder}/{ASSIGNMENT}.html")
    assert f"{score:g} of 44 points" in page.locator("body").inner_text()

"""The verbs of the contract, as a person types them."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from grader.places import assignments

ROOT = Path(__file__).resolve().parents[1]
VERBS = {"lab", "test", "check", "grade", "notebooks", "assignments", "bundle", "bench", "lint"}


def make(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    """Run make as a person would, not as a child of the make that runs the tests."""
    plain = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    return subprocess.run(["make", *arguments], cwd=cwd, env=plain, capture_output=True, text=True)


def test_make_alone_lists_every_verb():
    listed = {line.split()[0] for line in make().stdout.splitlines()[1:]}
    assert listed >= VERBS


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_sets_up_what_it_needs(verb):
    """On a machine without .venv the first thing that a verb would do is to make one."""
    would_run = make("--dry-run", "INSTALLED=.venv/not-there-yet", verb).stdout
    assert would_run.index("-m venv .venv") < would_run.index("pip install")


def test_a_second_call_installs_nothing():
    assert "pip install" not in make("--dry-run", "lint").stdout


def test_too_old_a_python_is_refused_in_words(tmp_path):
    old = tmp_path / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    answer = make(f"PYTHON={old}", "INSTALLED=.venv/not-there-yet", "lint")
    assert answer.returncode != 0
    assert "Python 3.11 or newer is needed" in answer.stderr


def test_make_grade_hands_its_arguments_on():
    would_run = make("--dry-run", "grade", "ASSIGNMENT=01_linear_regression", "SUBMITTED=class/submitted").stdout
    assert "-m grader grade 01_linear_regression --submitted 'class/submitted'" in would_run


def test_make_check_checks_every_assignment():
    would_run = make("--dry-run", "check").stdout
    assert all(name in would_run for name in assignments()) and "-m grader check $name" in would_run


def test_make_check_fails_if_one_assignment_fails(tmp_path):
    for failing, code in (("01_linear_regression", 2), ("03_adam_internals", 2), ("none", 0)):
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\necho "$@"\ntest "$4" != {failing}\n')
        python.chmod(0o755)
        answer = make(f"PY={python}", "INSTALLED=Makefile", "check")
        assert answer.returncode == code, answer.stdout + answer.stderr
        assert answer.stdout.count("-m grader check 0") == len(assignments())


def test_system_packages_installs_what_grading_and_some_tests_need():
    would_run = make("--dry-run", "system-packages").stdout
    assert "install --quiet --yes bubblewrap chromium" in would_run
    assert "install --quiet --yes postgresql" in would_run
    assert "npm install --global --silent configurable-http-proxy" in would_run


def test_lint_is_clean():
    answer = make("lint")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_make_lab_answers_and_offers_the_first_chapter():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = f"LAB_FLAGS=--no-browser --port={port} --ServerApp.port_retries=0 --IdentityProvider.token=t --allow-root"
    server = subprocess.Popen(
        ["make", "lab", flags], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )

    def get(path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "token t"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()

    try:
        for _ in range(120):
            try:
                get("/api/status")
                break
            except OSError:
                assert server.poll() is None, "make lab ended"
                time.sleep(0.5)
        chapter = json.loads(get("/api/contents/notebooks/00_start_here.ipynb"))
        assert chapter["content"]["cells"][0]["source"].startswith("# Start here")
        page = get("/lab")
        assert re.search(r'"name":\s*"@jupyter/nbgrader"', page) and "widgets" in page
        assert get("/formgrader/api/assignments").startswith("[")
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=20)

"""Fixtures that several promises share."""

import subprocess
from pathlib import Path

import pytest

# Attacks are data: nothing may import them.
collect_ignore_glob = ["attacks/*"]

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def tracked_files() -> list[str]:
    """Every file that git tracks, or would track, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture(scope="module")
def benches():
    """End every bench that a test of the module has started."""
    from tests.grading import OPEN  # it brings nbgrader, which most tests do without

    yield
    while OPEN:
        OPEN.popitem()[1].close()

"""Hidden tests draw their numbers from a seed that is kept with the gradebook."""

import ast
import sqlite3
from pathlib import Path

import pytest

from grader.course import nbgrader_api, read_notebook
from grader.grade import grade
from grader.gradebook import seed_of
from grader.places import assignments, source_path
from grader.sample_class import Student, submission
from grader.suite import SHIFT, read_suite, shifted
from tests.attack_corpus import ASSIGNMENT, hand_in
from tests.grading import WALLS

# Right for the numbers that the source's own seeds give, and for nothing else.
MEMORISED = """
def linreg(X, w, b):
    for seed, (n, d), dtype in [(1, (5, 3), torch.float64), (2, (1, 1), torch.float32), (3, (4, 7), torch.float32)]:
        generator = torch.Generator().manual_seed(seed)
        if X.shape == (n, d) and torch.equal(X, torch.randn(n, d, generator=generator, dtype=dtype)):
            return X @ w + b
    return torch.zeros(len(X), 1, dtype=X.dtype)
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    students = {"ada": Student(40), "mem": Student(0, {"linreg": MEMORISED})}
    hand_in({name: submission(ASSIGNMENT, student) for name, student in students.items()}, folder / "in")
    return nbgrader_api(
        submitted_directory=folder / "in", autograded_directory=folder / "out", release_directory=folder / "release",
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip


def graded(api, **options) -> tuple[dict, list[str]]:
    said, submitted = [], Path(api.coursedir.submitted_directory)
    records = grade(api, ASSIGNMENT, submitted, walls=WALLS, said=said.append, **options)
    return {record["student"]: {cell["id"]: cell for cell in record["cells"]} for record in records}, said


def test_a_memorised_answer_is_worth_nothing(api):
    cells, _ = graded(api)
    assert cells["mem"]["linreg-hidden"]["verdict"] == "failed"
    assert cells["ada"]["linreg-hidden"]["verdict"] == "passed"


def test_the_seed_stays_until_a_new_one_is_asked_for(api):
    url = api.coursedir.db_url
    seed = seed_of(url, ASSIGNMENT)
    assert seed == seed_of(url, ASSIGNMENT) != seed_of(url, "another")
    _, said = graded(api)
    assert all("graded before" in line for line in said), said
    _, said = graded(api, new_seed=True)
    assert not any("graded before" in line for line in said)
    assert seed_of(url, ASSIGNMENT) != seed
    with sqlite3.connect(url.removeprefix("sqlite:///")) as book:
        assert book.execute("select count(*) from grader_seeds").fetchone() == (2,)


@pytest.mark.parametrize("shift", [0, 1, 123_456_789_012])
@pytest.mark.parametrize("assignment", assignments())
def test_the_reference_passes_whatever_the_seed(assignment, shift):
    suite = read_suite(source_path(assignment), assignment)
    space = {"__name__": "__main__", SHIFT: shift}
    for cell in read_notebook(source_path(assignment)).cells:
        if cell.cell_type == "code":
            known = suite.cells[cell.metadata.nbgrader.grade_id]
            exec(compile(shifted(known), known.id, "exec"), space)


def test_only_hidden_cells_are_shifted():
    suite = read_suite(source_path(ASSIGNMENT), ASSIGNMENT)
    hidden, visible = suite.cells["linreg-hidden"], suite.cells["minibatches-visible"]
    assert f"manual_seed(seed + {SHIFT})" in ast.unparse(shifted(hidden))
    assert "manual_seed(0)" in ast.unparse(shifted(visible))

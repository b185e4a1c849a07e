"""The rules for authors of test cells: each breach is found and named, and what a rule guards against is shown."""

import pytest

from grader.lint import check, check_assignment
from grader.places import assignments
from grader.suite import Cell, Suite

GOOD = "x = torch.ones(2)\nref_y = x * 2\ny = double(x)\nassert torch.equal(y, ref_y), 'not twice as much'"
BREACHES = {
    "an expected value from inputs that the student has seen": (
        "x = torch.ones(2)\ny = double(x)\nref_y = x * 2\nassert torch.equal(y, ref_y), 'no'",
        "`ref_y` is worked out from `x` after the student's code could change it (line 2)",
    ),
    "an except that takes everything": (
        "try:\n    double(None)\n    assert False, 'no error'\nexcept Exception:\n    pass", "takes every exception"
    ),
    "a bare except": ("try:\n    double(None)\nexcept:\n    pass\nassert double, 'no'", "takes every exception"),
    "a name of another test cell": ("assert torch.equal(double(x), x), 'no'", "`x` comes from another test cell"),
    "a reference under the student's name": (
        "def double(x):\n    return 2 * x\nassert double(1) == 2, 'no'", "call it `ref_double`"
    ),
    "a student's name assigned": ("double = 3\nassert double, 'no'", "is assigned here"),
    "a reference handed to the student": ("ref_f = abs\nassert double(ref_f), 'no'", "hand over a copy or plain data"),
    "a function handed to the student": ("assert double(lambda: 1), 'no'", "hand over a copy or plain data"),
    "nothing asserted": ("y = double(1)", "nothing is asserted"),
    "an assert without a message": ("assert double(1) == 2", "has no message"),
    "a magic": ("%time double(1)", "no magics"),
    "a file": ("assert double(open('x').read()), 'no'", "must not need files"),
    "another's names": ("assert double(globals()), 'no'", "`globals` is used"),
}  # fmt: skip


def suite(source: str) -> Suite:
    """A suite of one exercise, `double`, with one test cell."""
    cells = [
        Cell("setup", "code", "import torch", locked=True),
        Cell("double-answer", "code", "def double(x):\n    return 2 * x", solution=True),
        Cell("double-visible", "code", source, points=1, graded=True, locked=True),
    ]
    return Suite("made_up", {cell.id: cell for cell in cells}, frozenset({"double"}))


def test_a_cell_that_keeps_the_rules_passes():
    assert check(suite(GOOD)) == []


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_found_and_named(breach):
    source, sentence = BREACHES[breach]
    found = check(suite(source))
    assert any(sentence in problem for problem in found), found
    assert all(problem.startswith("made_up, double-visible, line ") for problem in found)


def test_a_plain_copy_may_be_the_start_of_a_second_step():
    source = "x = torch.ones(2)\ndouble(x)\nref_x = x.clone()\ndouble(x)\nassert torch.equal(x, ref_x), 'no'"
    assert check(suite(source)) == []


@pytest.mark.parametrize("assignment", assignments())
def test_every_assignment_keeps_the_rules(assignment):
    assert check_assignment(assignment) == []


def test_what_the_first_rule_guards_against():
    """A mutant that zeroes its inputs passes a test whose expectation comes late, and fails one whose comes first."""
    import torch

    def zeroing(x):
        x.zero_()
        return x

    late, _ = BREACHES["an expected value from inputs that the student has seen"]
    exec(late, {"torch": torch, "double": zeroing})
    with pytest.raises(AssertionError, match="not twice as much"):
        exec(GOOD, {"torch": torch, "double": zeroing})

"""The tests of the tests: on the committed assignments nothing is found, and each planted weakness is."""

import copy
import dataclasses
import re

import nbformat
import pytest

from grader import __main__ as command
from grader import check, tolerances
from grader.course import read_notebook
from grader.inprocess import exercises
from grader.mutants import mutants
from grader.places import assignments, source_path
from grader.tolerances import DRAWS, measure
from grader.trials import EVERYTHING, Trial, run

FIRST = "01_linear_regression"
EVERY = 24  # `make check` tries all mutants; the suite tries one in so many, and the explained ones


@pytest.fixture(scope="module", params=assignments())
def report(request) -> check.Report:
    """What came of an assignment's whole plan but most of its mutants."""
    return check.check(check.plan_of(request.param, EVERY))


def test_every_misconception_is_rejected_every_right_answer_accepted_and_no_cell_is_flaky(report, capsys):
    with capsys.disabled():
        print(check.table(report))
    assert list(check.problems(report)) == []


def test_every_exercise_has_misconceptions_and_other_right_forms_and_mutants(report):
    for exercise in exercises(report.plan.notebook.stem):
        assert (
            report.mistakes[exercise] and len(report.right[exercise]) >= 3 and len(report.plan.mutants[exercise]) >= 4
        )
    assert set(report.reference) == {
        f"seed {seed}, {threads}"
        for seed, threads in zip(range(20), ["1 thread", "2 threads", "4 threads"] * 7, strict=False)
    }
    assert sum(map(len, report.mutants.values())) >= 40


def test_a_rejection_has_words_for_the_student(report):
    for mistakes in report.mistakes.values():
        for name, verdicts in mistakes.items():
            said = [text for text in verdicts.values() if text]
            assert all(text.removeprefix("AssertionError").strip(": ") for text in said), f"{name}: a message is empty"


RIGHT = "def mean_lr(sum_lr, batch_size):\n    return batch_size * sum_lr"
WRONG = "def mean_lr(sum_lr, batch_size):\n    return sum_lr"
BROKEN = "def mean_lr(sum_lr, batch_size):\n    return nothing"
PLANTED = {
    "linreg-hidden": "assert linreg and torch.rand(()) < 0.5, 'unlucky'",
    "squared_loss-hidden-1": "assert squared_loss and torch.get_num_threads() < 4, 'busy'",
    "squared_loss-hidden-2": """
y = torch.rand(5, 1, generator=torch.Generator().manual_seed(1))
assert torch.allclose(squared_loss(y, 0 * y), y * y / 2 + 4e-7, rtol=0, atol=5e-7), 'too narrow'
""",
    "squared_loss-hidden-3": """
generator = torch.Generator().manual_seed(3)
assert squared_loss and generator.initial_seed() == 3, 'other inputs'
""",
    "minibatches-hidden-1": "assert minibatches, 'there is no such function'",
    "mean_lr-hidden": """
draw = torch.rand((), generator=torch.Generator().manual_seed(5))
assert mean_lr(2.0, 4) == 8 or draw < 0.5, 'wrong on some draws'
""",
}


@pytest.fixture(scope="module")
def weak(tmp_path_factory) -> check.Report:
    """What came of a plan and a notebook with every weakness planted in them."""
    notebook = copy.deepcopy(read_notebook(source_path(FIRST)))
    for cell in notebook.cells:
        cell.source = PLANTED.get(cell.id, cell.source)
    path = tmp_path_factory.mktemp("planted") / "planted.ipynb"
    nbformat.write(notebook, path)
    sources = {"none_at_all": RIGHT, "unchanged": WRONG, "not_even_code": BROKEN}
    changed = {"same => same": RIGHT, "right => wrong": WRONG}
    right = {"in_order": RIGHT, "refused": WRONG}
    return check.check(check.Plan(path, {"mean_lr": sources}, {"mean_lr": right}, {"mean_lr": changed}))


def about(report: check.Report, words: str, **plan) -> list[str]:
    """Problems of a report with some words in them, in order, with another plan if need be."""
    report = dataclasses.replace(report, plan=dataclasses.replace(report.plan, **plan))
    return sorted(problem for problem in check.problems(report) if words in problem)


def test_a_mistake_that_costs_points_on_some_draws_only_is_found(weak):
    (problem,) = about(weak, "draws only")
    said = re.fullmatch(
        "mean_lr: the misconception `unchanged` fails mean_lr-hidden on ([0-9]+) of 11 draws only", problem
    )
    assert 0 < int(said[1]) < 11


def test_a_mistake_that_survives_is_found(weak):
    assert about(weak, "loses no point") == ["mean_lr: the misconception `none_at_all` loses no point"]
    assert "linreg: there is no misconception" in about(weak, "there is no")


def test_a_right_answer_that_is_refused_is_found_unless_it_is_excused(weak):
    refused = about(weak, "right answer `")
    assert [line.split(": ")[1] for line in refused] == [
        "the right answer `refused` is refused by mean_lr-hidden",
        "the right answer `refused` is refused by mean_lr-visible",
    ]
    both = ("mean_lr-visible", "mean_lr-hidden")
    assert about(weak, "right answer `", excused={"refused": both}) == []
    (needless,) = about(weak, "right answer `", excused={"refused": both, "in_order": both[:1]})
    assert "`in_order` is excused from mean_lr-visible, which it passes" in needless
    assert "linreg: there is no right answer in another form" in about(weak, "there is no")


def test_a_cell_that_depends_on_torchs_own_generator_is_found(weak):
    (flaky,) = about(weak, "linreg-hidden fails")
    assert 0 < int(flaky.split(" in ")[1].split()[0]) < check.RUNS and "unlucky" in flaky


def test_a_cell_that_depends_on_the_number_of_threads_is_found(weak):
    (flaky,) = about(weak, "squared_loss-hidden-1 fails")
    assert "in 6 of 20 runs: seed 2, 4 threads: AssertionError: busy" in flaky
    assert about(weak, "mean_lr-hidden fails") == []


def test_a_cell_that_refuses_the_reference_on_other_inputs_is_found(weak):
    refused = about(weak, "squared_loss-hidden-3 refuses")
    assert len(refused) == DRAWS - 1 and all(line.endswith("other inputs") for line in refused)


def test_a_tolerance_that_leaves_no_room_is_found(weak):
    (narrow,) = (line for line in about(weak, "of the error that is granted") if "mean_lr" not in line)
    assert narrow.startswith("squared_loss-hidden-2, line 3: right answers need ")
    assert 70 < int(narrow.split("need ")[1].split("%")[0]) <= 100


def test_what_is_granted_needed_and_missed_is_measured():
    """One comparison of each kind in float64, with errors that are known."""
    cells = [nbformat.v4.new_code_cell("import torch"), nbformat.v4.new_code_cell("def double(x):\n    return 2 * x")]
    cells.append(
        nbformat.v4.new_code_cell("""
x = torch.full((4,), 1 / 3, dtype=torch.float64)
assert torch.allclose(double(x), x + x, rtol=0, atol=1e-3), 'no'
assert abs(double(x).sum().item() - 8 / 3) < 1e-2, 'no'""")
    )
    for cell, name in zip(cells, ("setup", "double-answer", "double-hidden"), strict=True):
        cell.id = name
        cell.metadata["nbgrader"] = {"grade": name == "double-hidden"}
    right = {"double": {"nearly": "def double(x):\n    return 2 * x + 1e-5"}}
    wrong = {name: f"def double(x):\n    return 2 * x + {off}" for name, off in (("near", 2e-3), ("far", 1.0))}
    notebook = nbformat.v4.new_notebook(cells=cells)
    (close, below), refused = measure(notebook, right, {"double": {**wrong, "elsewhere": "double = None"}})
    assert refused == []
    assert (close.line, close.granted, below.line, below.granted) == (3, 1e-3, 4, 1e-2)
    assert close.right == pytest.approx(1e-2) and below.right == pytest.approx(4e-3)
    assert close.wrong == pytest.approx(2) and below.wrong == float("inf")
    assert close.single == 0 and 1e-8 < below.single * 1e-2 < 1e-6  # rounding of 8/3 in float32
    assert "1e-02 of it" in tolerances.table([close, below]) and "2e+00 times it" in tolerances.table([close, below])


def test_points_that_no_mistake_can_lose_are_found(weak):
    words = "no misconception can lose its points"
    assert f"minibatches-hidden-1: {words}" in about(weak, words)
    assert f"mean_lr-hidden: {words}" not in about(weak, words)


def test_a_mistake_that_cannot_run_loses_no_cell_its_points(weak):
    cannot = dataclasses.replace(weak, mistakes={**weak.mistakes, "mean_lr": {}})
    cannot.mistakes["mean_lr"]["not_even_code"] = weak.mistakes["mean_lr"]["not_even_code"]
    assert any(cannot.mistakes["mean_lr"]["not_even_code"].values())
    assert "mean_lr-hidden" in check.unlosable(cannot)


def test_a_mutant_that_survives_unexplained_is_found_and_so_is_an_explanation_too_many(weak):
    assert about(weak, "a mutant") == ["mean_lr: a mutant survives and nobody says why: same => same"]
    assert about(weak, "of 2 mutants", every=2) == []
    assert about(weak, "of 2 mutants") == ["1 of 2 mutants are rejected: fewer than 95%"]
    said = {"same => same": "It is the same.", "right => wrong": "It is not.", "old => older": "It is gone."}
    too_many = about(weak, "mutant", explained={"mean_lr": said, "nothing": {}})
    assert [line.split(": ", 1)[1] for line in too_many if "mean_lr" in line] == [
        "a mutant is explained as equivalent and cannot be made any more: old => older",
        "a mutant is explained as equivalent and is rejected: right => wrong",
    ]
    assert "nothing: mutants are explained and there is no such exercise" in too_many


def test_the_same_mutants_are_tried_each_time_and_the_explained_ones_always():
    plan = check.plan_of(FIRST, EVERY)
    tried = {exercise: set(names) for exercise, names in plan.tried.items()}
    assert tried == {exercise: set(names) for exercise, names in check.plan_of(FIRST, EVERY).tried.items()}
    for exercise, known in plan.explained.items():
        assert known.keys() <= tried[exercise]
    assert dataclasses.replace(plan, every=1).tried == plan.mutants


def test_the_table_says_what_was_found(weak):
    table = check.table(weak)
    for words in ("by NO CELL", "by visible, hidden", "by all but visible,hidden", "NOT EXPLAINED", "2 flaky cells"):
        assert words in table, words


def test_the_command_answers_by_its_exit_code(weak, monkeypatch, capsys):
    assert command.main(["check", "no_such_assignment"]) == 2
    assert command.main(["check", FIRST, "--every", "0"]) == 2
    monkeypatch.setattr(check, "check", lambda plan: weak)
    assert command.main(["check", FIRST]) == 1
    assert "`none_at_all` loses no point" in capsys.readouterr().out
    monkeypatch.setattr(check, "problems", lambda report: iter([]))
    assert command.main(["check", FIRST]) == 0
    said = capsys.readouterr().out
    assert f"{FIRST}: every test cell keeps the rules" in said and said.endswith("no problem found\n")
    monkeypatch.setattr(command, "check_assignment", lambda assignment: ["a rule is broken"])
    assert command.main(["check", FIRST]) == 1


def test_an_answer_that_loops_dies_or_leaves_something_behind_costs_nobody_else_anything():
    path = source_path(FIRST)
    body = ["while True: pass", "import os; os._exit(0)", "return [0] * 10**12"]
    trials = [Trial(path, "mean_lr", f"def mean_lr(a, b):\n    {text}") for text in body]
    leaving = "import builtins\ntorch.set_grad_enabled(False)\nbuiltins.len = None\n" + RIGHT
    after = [Trial(path, "mean_lr", leaving), Trial(path, "sgd_step")] * 4
    loops, dies, eats, *rest = run([*trials, *after], seconds=5)
    assert loops == {EVERYTHING: "not done after 5 s"} and dies == {EVERYTHING: "the process died"}
    assert set(eats.values()) == {"MemoryError: "}
    assert all(len(verdicts) == 5 and not any(verdicts.values()) for verdicts in rest[1::2])


@pytest.mark.parametrize(
    "source, mutant",
    [
        ("return a - b", "return a - b => return a + b"),
        ("return a - b", "return a - b => return a"),
        ("return a < b", "return a < b => return a <= b"),
        ("return a in b", "return a in b => return a not in b"),
        ("return not a", "return not a => return a"),
        ("return -a", "return -a => return a"),
        ("return a and b", "return a and b => return a or b"),
        ("return a and b", "return a and b => return b"),
        ("return 3 * a", "return 3 * a => return 4 * a"),
        ("return f(a, flag=True)", "return f(a, flag=True) => return f(a, flag=False)"),
        ("return f(a, flag=True)", "return f(a, flag=True) => return f(a)"),
        ("return f(a, b)", "return f(a, b) => return f(b, a)"),
        ("return a.clone()", "return a.clone() => return a"),
        ("return a.mul_(2)", "return a.mul_(2) => return a.mul(2)"),
        ("return a.mean()", "return a.mean() => return a.sum()"),
        ("return a.T", "return a.T => return a"),
        ("return a[1:]", "return a[1:] => return a[:]"),
        ("return a, b", "return (a, b) => return (b, a)"),
        ("a.zero_()\n    return b", "a.zero_() => pass"),
        ("with f(a):\n        a += b\n    return a", "with f(a): => nothing"),
        ("if a:\n        b += a\n    return b", "if a: => if not a:"),
        ("a += b\n    return a", "a += b => a -= b"),
    ],
)
def test_a_kind_of_change_is_made(source, mutant):
    made = mutants(f"def exercise(a, b):\n    {source}")
    assert mutant in made


def test_what_an_error_says_and_what_a_docstring_says_is_not_changed():
    source = 'def exercise(a):\n    """Says 1 + 1."""\n    raise ValueError(f"not {a + 1}")'
    assert list(mutants(source)) == ["raise ValueError(f'not {a + 1}') => pass"]


def test_no_mutant_comes_twice_and_none_is_the_original():
    for source in check.answers_of(source_path(FIRST)).values():
        made = mutants(source)
        assert len(set(made.values())) == len(made) and not any(name.startswith(" =>") for name in made)

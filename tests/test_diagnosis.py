"""A failed exercise is told which known mistake it behaves like: the right one, or none."""

import json

import nbformat
import numpy as np
import pytest
import torch

from grader import kept, naming
from grader.check import answers_of, plan_of
from grader.course import nbgrader_api, read_notebook
from grader.diagnosis import ANY, agree, same
from grader.feedback import write_feedback
from grader.grade import grade
from grader.inprocess import with_answers
from grader.listening import each_guarded, plain
from grader.named import misconceptions, sentences
from grader.places import assignments, source_path
from grader.pool import Bench, NotStarted
from grader.sample_class import Student, mistake_source, submission
from grader.suite import read_suite
from grader.traces import free_of_words
from tests.attack_corpus import hand_in
from tests.grading import WALLS, bench, steps_of

pytestmark = pytest.mark.usefixtures("benches")

FIRST = "01_linear_regression"


def named(assignment: str, answers: dict[str, str], *, shift: int = 0) -> dict[str, str]:
    """Exercise -> the misconception that the grader finds, for a notebook with some answers replaced."""
    notebook = with_answers(read_notebook(source_path(assignment)), answers)
    bench(assignment).shift = shift
    reports = bench(assignment).judge(steps_of(notebook))
    return {report["exercise"]: report["misconception"] for report in reports if report.get("misconception")}


# One exercise of each kind: plain values, a generator, in place, gradients, an object, text; `make check` tries all.
SOME = [
    (FIRST, {"linreg": "flat_predictions", "minibatches": "generator_ignored", "mean_lr": "unchanged"}),
    (FIRST, {"sgd_step": "requires_grad_lost", "loss_curvature": "graph_not_created"}),
    ("02_weight_decay", {"decayed_sgd_step": "recording_left_off", "decay_groups": "names_alone"}),
    ("03_adam_internals", {"adam_step": "epsilon_inside_root", "optimizer_bytes": "bytes_as_float"}),
]


@pytest.mark.parametrize("assignment, mistakes", SOME)
@pytest.mark.parametrize("shift", [0, 12345])
def test_mistakes_in_several_exercises_are_all_named_whatever_the_seed(assignment, mistakes, shift):
    answers = {exercise: mistake_source(assignment, exercise, name) for exercise, name in mistakes.items()}
    assert named(assignment, answers, shift=shift) == mistakes


@pytest.mark.parametrize("assignment", assignments())
def test_the_reference_is_not_asked_and_not_named(assignment):
    made = dict(bench(assignment).traces)
    assert named(assignment, {}) == {}
    assert bench(assignment).traces == made


OTHER_FORMS = {
    "minibatches": ("last_batch_dropped", "a list in place of a generator", """
def minibatches(X, y, batch_size, generator):
    found, order = [], torch.randperm(X.shape[0], generator=generator).tolist()
    while len(order) >= batch_size:
        found.append([X[order[:batch_size]], y[order[:batch_size]]])
        order = order[batch_size:]
    return found
"""),
    "sgd_step": ("not_divided", "gradients taken away, not zeroed", """
def sgd_step(params, lr, batch_size):
    for param in params:
        param.data.sub_(param.grad, alpha=lr)
        param.grad = None
"""),
    "squared_loss": ("another_exception", "an exception of one's own, with other words", """
class Unfit(RuntimeError):
    pass
def squared_loss(y_hat, y):
    if tuple(y.shape) not in [(len(y_hat),), (len(y_hat), 1)]:
        raise Unfit("labels and predictions differ in shape")
    return (y_hat - y.reshape(-1, 1)).square() / 2
"""),
    "fit": ("factor_two_in_the_step", "by autograd", """
def fit(X, y, *, lr, num_epochs, batch_size, generator):
    w = torch.zeros(X.shape[1], 1, dtype=X.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=X.dtype, requires_grad=True)
    losses = []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            gw, gb = torch.autograd.grad(((X[rows] @ w + b - y[rows]) ** 2).mean(), (w, b))
            w, b = (w - lr * gw).detach().requires_grad_(), (b - lr * gb).detach().requires_grad_()
        with torch.no_grad():
            losses.append(((X @ w + b - y) ** 2).mean().item() / 2)
    return [w, b, losses]
"""),
}  # fmt: skip


def test_a_mistake_is_recognised_in_another_form():
    answers = {exercise: source for exercise, (_, _, source) in OTHER_FORMS.items()}
    assert named(FIRST, answers) == {exercise: name for exercise, (name, _, _) in OTHER_FORMS.items()}


UNKNOWN = {
    "two mistakes in one": "def linreg(X, w, b):\n    return (X @ w - b).flatten()",
    "a mistake that nobody named": "def linreg(X, w, b):\n    return X @ w + 1.01 * b",
    "nothing comes back": "def linreg(X, w, b):\n    X @ w + b",
    "the same error everywhere": "def linreg(X, w, b):\n    return X @ weights + b",
    "another number of arguments": "def linreg(X, w):\n    return X @ w",
    "an object that says yes to everything": "class Yes:\n    __eq__ = lambda *a: True\n"
    "def linreg(X, w, b):\n    return Yes()",
    "a list of tensors": "def linreg(X, w, b):\n    return list(X @ w)",
    "an endless generator": "def linreg(X, w, b):\n    while True:\n        yield X @ w",
    "not started": "def linreg(X, w, b):\n    raise NotImplementedError('not started: ...')",
    "no code": "def linreg(X, w, b)\n    return X @ w",
    "dies": "import os\ndef linreg(X, w, b):\n    os._exit(0)",
    "right the first time": "calls = []\ndef linreg(X, w, b):\n    calls.append(1)\n"
    "    return X @ w if len(calls) < 3 else X @ w + b",
}


@pytest.mark.parametrize("who", UNKNOWN)
def test_what_is_no_known_mistake_gets_no_name(who):
    assert named(FIRST, {"linreg": UNKNOWN[who]}) == {}


def test_a_name_costs_no_verdict():
    """The diagnosis calls the student's functions again: what those remember must not matter."""
    source = "calls = []\ndef mean_lr(sum_lr, batch_size):\n    calls.append(1)\n    return sum_lr * batch_size"
    wrong = mistake_source(FIRST, "linreg", "bias_left_out") + "\nimport builtins\nbuiltins.asked = True"
    notebook = with_answers(read_notebook(source_path(FIRST)), {"linreg": wrong, "mean_lr": source})
    reports = bench(FIRST).judge(steps_of(notebook))
    failed = {report["id"] for report in reports if report.get("verdict", "passed") != "passed"}
    assert failed == {"linreg-visible", "linreg-hidden"}
    assert (
        max(i for i, report in enumerate(reports) if "id" in report)
        < len(reports) - 1
        == next(i for i, report in enumerate(reports) if report.get("misconception"))
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, tuple[dict, str]]:
    """Record and feedback page of some students."""
    folder = tmp_path_factory.mktemp("named")
    answers = {
        "one": {"linreg": "bias_left_out"},
        "two": {"linreg": "bias_left_out", "sgd_step": "uphill"},
        "none": {"linreg": "def linreg(X, w, b):\n    return X @ w + 2 * b"},
    }
    notebooks = {student: submission(FIRST, Student(0, given)) for student, given in answers.items()}
    api = nbgrader_api(
        submitted_directory=hand_in(notebooks, folder / "submitted"), autograded_directory=folder / "autograded",
        feedback_directory=folder / "feedback", db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip
    records = grade(api, FIRST, folder / "submitted", walls=WALLS)
    written = write_feedback(api, FIRST, sorted(notebooks))
    return {
        record["student"]: (record, path.read_text(encoding="utf-8"))
        for record, path in zip(sorted(records, key=lambda record: record["student"]), written, strict=True)
    }


def test_the_name_stands_with_the_failed_cells_of_its_exercise_and_nowhere_else(pages):
    for student, known in {
        "one": {"linreg": "bias_left_out"},
        "two": {"linreg": "bias_left_out", "sgd_step": "uphill"},
        "none": {},
    }.items():
        record, _ = pages[student]
        for cell in record["cells"]:
            exercise = cell["id"].split("-")[0]
            assert cell["misconception"] == (known.get(exercise) if cell["verdict"] == "failed" else None), cell
        assert {cell["misconception"] for cell in record["cells"]} - {None} == set(known.values())
        json.dumps(record)


def test_a_misconception_does_not_reach_the_student_but_for_its_sentence(pages):
    for _, page in pages.values():
        assert "bias_left_out" not in page


def test_the_workers_walls_hide_the_misconceptions():
    """No module that knows them is within a worker's reach, and no worker's memory holds a misconception."""
    from grader.sandbox import WORKER_FILES

    assert not {"diagnosis.py", "traces.py", "listening.py", "named.py", "naming.py"} & set(WORKER_FILES)
    looking = """
import gc, sys
def linreg(X, w, b):
    held = [part for part in gc.get_objects() if isinstance(part, dict) and "flat_predictions" in part]
    files = [name for name in sys.modules if "misconception" in name or "traces" in name]
    raise RuntimeError(f"{len(held)} {files}")
"""
    notebook = with_answers(read_notebook(source_path(FIRST)), {"linreg": looking})
    reports = {report["id"]: report for report in bench(FIRST).judge(steps_of(notebook)) if "id" in report}
    assert reports["linreg-visible"]["message"] == "RuntimeError: 0 []"


@pytest.fixture
def linreg_wrong() -> list[dict]:
    """The steps of a submission with one exercise, and one mistake in it."""
    wrong = {"linreg": mistake_source(FIRST, "linreg", "bias_left_out")}
    steps = steps_of(with_answers(read_notebook(source_path(FIRST)), wrong))
    return [step for step in steps if "run" in step or step["test"].startswith("linreg")]


def forks_of(bench: Bench, monkeypatch) -> list:
    """A list that grows with each process that the checkers' template forks."""
    asked, real = [], bench.checkers.fork
    monkeypatch.setattr(bench.checkers, "fork", lambda: asked.append(1) or real())
    return asked


def test_a_class_pays_once_and_the_next_one_nothing(monkeypatch, tmp_path, linreg_wrong):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    for wanted, why in (
        (4, "one checker for each submission and one process for the traces"),
        (3, "one checker for each submission"),
    ):
        with Bench(source_path(FIRST), FIRST, walls=WALLS) as fresh:
            asked = forks_of(fresh, monkeypatch)
            for _ in range(3):
                assert fresh.judge(linreg_wrong)[-1]["misconception"] == "bias_left_out"
        assert len(asked) == wanted, why
    assert [path.name for path in (tmp_path / FIRST).iterdir()] == ["linreg"]


def test_kept_traces_are_of_the_files_as_they_are(monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    (tmp_path / "source.ipynb").write_bytes(source_path(FIRST).read_bytes())
    place = tmp_path / "source.ipynb"

    def now() -> kept.KeptTraces:
        return kept.KeptTraces(place, FIRST)

    now().save("linreg", b"")
    assert not now().path("linreg").exists(), "what could not be made is tried again"
    now().save("linreg", b"traces")
    assert now().load("linreg") == b"traces" and now().load("squared_loss") == b""
    for what, changed in (
        ("a test", lambda: place.write_text(place.read_text().replace("assert ", "assert 1 and "))),
        ("another version", lambda: monkeypatch.setattr(kept, "versions", lambda: {"torch": "0"})),
        ("another machine", lambda: monkeypatch.setattr(kept.platform, "node", lambda: "elsewhere")),
        ("the misconceptions", lambda: monkeypatch.setattr(kept, "beside", lambda assignment: [place])),
    ):
        now().save("linreg", b"traces")
        changed()
        assert now().load("linreg") == b"", what


def test_traces_that_cannot_be_kept_cost_time_only(monkeypatch, tmp_path, linreg_wrong):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "file")
    with Bench(source_path(FIRST), FIRST, walls=WALLS) as fresh:
        assert fresh.judge(linreg_wrong)[-1]["misconception"] == "bias_left_out"
    assert fresh.undiagnosed == []


def test_a_misconception_that_cannot_be_tried_costs_its_name_and_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)

    def broken(checkers, **job):
        raise NotStarted("A misconception could not be tried: it is broken")

    fresh = Bench(source_path(FIRST), FIRST, walls=WALLS)
    monkeypatch.setattr("grader.pool.ask", broken)
    wrong = {"linreg": mistake_source(FIRST, "linreg", "bias_left_out")}
    steps = steps_of(with_answers(read_notebook(source_path(FIRST)), wrong))
    with fresh:
        reports = fresh.judge(steps)
    assert not [report for report in reports if report.get("misconception")]
    assert {report["verdict"] for report in reports if report.get("id") == "linreg-hidden"} == {"failed"}
    assert fresh.undiagnosed == [
        "No mistake in `linreg` can be named. A misconception could not be tried: it is broken"
    ]


def test_a_planted_wrong_name_is_a_problem_and_a_missing_one_too():
    plan = plan_of(FIRST)
    mistakes = {"mean_lr": {"unchanged": plan.mistakes["mean_lr"]["unchanged"]}}
    twice = {"mean_lr": mistakes["mean_lr"] | {"the_same_again": mistakes["mean_lr"]["unchanged"]}}
    right = {"mean_lr": {"taken": mistakes["mean_lr"]["unchanged"]}}
    reference = answers_of(plan.notebook)
    good = naming.tried(plan.notebook, mistakes, {}, naming.cases(mistakes, {}, reference, 0))
    assert list(naming.problems(good)) == [] and naming.summary(good).startswith("diagnosis: 1 of 1 misconceptions")
    bad = naming.tried(plan.notebook, twice, {}, naming.cases(twice, {}, reference, 0))
    assert list(naming.problems(bad)) == [
        f"mean_lr: the diagnosis of `{name}` says nothing, it must say `{name}`" for name in twice["mean_lr"]
    ]
    taken = naming.tried(plan.notebook, mistakes, {}, naming.cases(mistakes, right, reference, 0))
    assert list(naming.problems(taken)) == ["mean_lr: the diagnosis of `taken` says `unchanged`, it must say nothing"]


def test_pairs_of_mistakes_are_the_same_ones_each_time_and_of_both_kinds():
    plan = plan_of(FIRST)
    made = [naming.two_at_once(plan.mistakes, answers_of(plan.notebook), 40) for _ in range(2)]
    assert made[0] == made[1]
    assert sum(len(case.answers) == 2 for case in made[0]) == 40 and sum(len(case.answers) == 1 for case in made[0]) > 9


def test_every_sentence_is_found_without_running_the_module():
    for assignment in assignments():
        known = [wrong for exercise in misconceptions(assignment).values() for wrong in exercise]
        said = sentences(assignment)
        assert {wrong.__name__: said[wrong.__name__] for wrong in known} == {
            wrong.__name__: wrong.__doc__ for wrong in known
        }


nan, inf = float("nan"), float("inf")


@pytest.mark.parametrize(
    "one, other, right, equal",
    [
        (torch.tensor([1.0]), torch.tensor([1.0 + 1e-6]), None, True),
        (torch.tensor([1.0]), torch.tensor([1.001]), None, False),
        (torch.tensor([1.0]).double(), torch.tensor([1.0 + 1e-6]).double(), None, False),
        (torch.tensor([1.0]), torch.tensor([1.0]).double(), None, False),
        (torch.tensor([1.0]), torch.tensor([[1.0]]), None, False),
        (torch.tensor([nan, inf]), torch.tensor([nan, inf]), None, True),
        (torch.tensor([nan, inf]), torch.tensor([nan, -inf]), None, False),
        (torch.tensor([nan]), torch.tensor([0.0]), None, False),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), None, False),
        (np.array([1.0]), np.array([1.0 + 1e-15]), None, True),
        (np.array([1.0]), np.array([1.1]), None, False),
        (np.array([1.0]), np.array([1.0], dtype=np.float32), None, False),
        (0.5, 0.5 + 1e-9, None, True),
        (0.5, 0.501, None, False),
        (2, 2.0, None, True),
        (torch.tensor(2.0), 2, None, True),
        (True, 1, None, False),
        (None, 0, None, False),
        ("a", "a", None, True),
        ("a", "b", None, False),
        ([1, "a"], [1, "a"], None, True),
        ([1], [1, 2], None, False),
        ({"a": 1}, {"a": 1, "b": 2}, None, False),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 5}, True),
        ({"a": 1}, {"b": 2}, {"a": 5}, False),
    ],
)
def test_values_are_the_same_but_for_rounding(one, other, right, equal):
    assert agree(one, other, right) is equal


def test_a_mistake_of_rounding_needs_the_very_bits():
    one, other = torch.tensor([1.0]), torch.tensor([1.0 + 1e-6])
    assert agree(one, other) and not agree(one, other, exact=True)
    assert agree(0.5, 0.5 + 1e-9) and not agree(0.5, 0.5 + 1e-9, exact=True)


def test_words_count_where_nobody_chose_them():
    site = (1, 1, "raised")
    assert same((*site, ("ValueError", "a")), (*site, ("ValueError", "a")), None)
    assert not same((*site, ("ValueError", "a")), (*site, ("ValueError", "b")), None)
    assert same((*site, ("ValueError", "a")), (*site, ("ValueError", "b")), ("ValueError", "c"))
    assert same((*site, ("ValueError", "a")), (*site, ("ValueError", ANY)), None)
    assert not same((*site, ("ValueError", "a")), (*site, ("TypeError", ANY)), ("ValueError", "a"))
    assert not same((1, 1, "value", 3), (2, 1, "value", 3), None)
    source = free_of_words("def f(x):\n    assert x, 'one'\n    raise ValueError(f'two {x}')")
    assert "one" not in source and "two" not in source and source.count(ANY) == 2


def test_nothing_stops_a_cell_that_is_listened_to():
    import ast

    source = (
        "for n in range(3):\n    assert n > 1\n    seen.append(n)\n    1 / 0\n    seen.append(-n)\nseen.append('end')"
    )
    tree = ast.parse(source)
    tree.body = each_guarded(tree.body)
    seen, held, stopped = [], [], []
    names = {"seen": seen, "__held__": held.append, "__stopped__": lambda error: stopped.append(type(error))}
    exec(compile(ast.fix_missing_locations(tree), "cell", "exec"), names)
    assert seen == [0, 0, 1, -1, 2, -2, "end"] and held == [False, False, True] and stopped == [ZeroDivisionError] * 3


def test_every_test_cell_can_be_listened_to():
    from grader.listening import unstopped

    for assignment in assignments():
        suite = read_suite(source_path(assignment), assignment)
        assert all(unstopped(cell) for cell in suite.tests)


def test_only_plain_data_is_compared():
    assert plain((1, [2.0, object()], {"a": (None,)})) == [1, [2.0, ("object",)], {"a": [None]}]
    assert isinstance(nbformat.v4.new_notebook(), dict)


def test_a_misconception_that_dies_is_never_named_and_costs_the_others_nothing():
    """Its process is gone when it is to be killed; none that has its number by then may be hit."""
    plan = plan_of(FIRST)
    wrong = {name: plan.mistakes["mean_lr"][name] for name in ("unchanged", "divided_instead")}
    dying = {
        "dies_at_once": "import os\nos._exit(0)",
        "dies_in_a_call": "import os\ndef mean_lr(a, b):\n    os._exit(0)",
    }
    these = [naming.Case("mean_lr", name, {"mean_lr": source}, (name,)) for name, source in wrong.items()]
    these += [naming.Case("mean_lr", name, {"mean_lr": source}, (None,)) for name, source in dying.items()]
    found = naming.tried(plan.notebook, {"mean_lr": {**dying, **wrong}}, {}, these)
    assert list(naming.problems(found)) == [] and len(found) == 4

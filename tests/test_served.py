"""One slip costs once: what builds on a wrong earlier part is tried with a right one too, and nobody gains more."""

import html
import json
import re

import pytest

from grader import inprocess
from grader.course import nbgrader_api, read_notebook
from grader.feedback import write_feedback
from grader.grade import grade
from grader.places import assignments, source_path
from grader.report import table
from grader.sample_class import Student, submission
from grader.served import reached, used_names
from tests.attack_corpus import hand_in
from tests.grading import bench, need_walls, steps_of

pytestmark = pytest.mark.usefixtures("benches")

# Right answers that build on earlier ones by name.
CHAINS = {
    "01_linear_regression": {
        "squared_loss": """
def squared_loss(y_hat, y):
    if y.shape not in {(len(y_hat),), (len(y_hat), 1)}:
        raise ValueError(f"shape {tuple(y.shape)}")
    residual = linreg(y_hat, torch.ones(1, 1, dtype=y_hat.dtype), -y.reshape(-1, 1))
    return residual**2 / 2
""",
        "fit": """
def epoch(X, y, w, b, lr, batch_size, generator):
    for X_batch, y_batch in minibatches(X, y, batch_size, generator):
        squared_loss(linreg(X_batch, w, b), y_batch).sum().backward()
        sgd_step([w, b], lr, len(y_batch))

def fit(X, y, *, lr, num_epochs, batch_size, generator):
    w = torch.zeros(X.shape[1], 1, dtype=X.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=X.dtype, requires_grad=True)
    losses = []
    for _ in range(num_epochs):
        epoch(X, y, w, b, lr, batch_size, generator)
        with torch.no_grad():
            losses.append(squared_loss(linreg(X, w, b), y).mean().item())
    return w.detach(), b.detach(), losses
""",
        "mean_lr": """
def mean_lr(sum_lr, batch_size):
    p = torch.zeros(1, requires_grad=True)
    p.grad = torch.ones(1)
    sgd_step([p], 1.0, 4)
    return sum_lr * batch_size * -4 * p.item()
""",
        "loss_curvature": """
def loss_curvature(X, y, w, b):
    w = w.detach().clone().requires_grad_()
    loss = squared_loss(linreg(X, w, b.detach()), y).mean()
    (grad,) = torch.autograd.grad(loss, w, create_graph=True)
    return torch.stack([torch.autograd.grad(grad[i, 0], w, retain_graph=True)[0][i] for i in range(len(w))])
""",
        "estimate_resistance": """
def estimate_resistance(current, voltage):
    w, b = least_squares(torch.cat([current, -current])[:, None], torch.cat([voltage, -voltage])[:, None])
    return w.item()
""",
    },
    "02_weight_decay": {
        "logistic_step": """
def logistic_step(w, b, X, y, *, lr, weight_decay):
    w, b = w.detach().clone(), b.detach().clone()
    error = torch.sigmoid(X @ w + b) - y
    decayed_sgd_step([w, b], [X.T @ error / len(X), error.mean(dim=0)], lr=lr, weight_decay=weight_decay)
    return w, b
""",
        "null_space_norm": """
def null_space_norm(X, w):
    seen = torch.linalg.pinv(X) @ (X @ w)
    return (2 * l2_penalty(w - seen)).sqrt().item()
""",
    },
    "03_adam_internals": {
        "bias_corrected_ema": """
def bias_corrected_ema(values, beta):
    return torch.stack([m / (1 - beta**t) for t, m in enumerate(ema(values, beta), start=1)])
""",
        "adamw_step": """
def adamw_step(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    param *= 1 - lr * weight_decay
    adam_step(param, grad, exp_avg, exp_avg_sq, step, lr=lr, betas=betas, eps=eps, weight_decay=0)
""",
        "flat_adam_step": """
def flat_adam_step(params, grads, state, step, *, lr, betas, eps, weight_decay):
    flat, grad = torch.cat([p.flatten() for p in params]), torch.cat([g.flatten() for g in grads])
    adam_step(flat, grad, state["exp_avg"], state["exp_avg_sq"], step,
              lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
    for param, piece in zip(params, flat.split([param.numel() for param in params])):
        param.copy_(piece.reshape(param.shape))
""",
    },
}  # fmt: skip
SLIPS = [
    ("01_linear_regression", "linreg", "def linreg(X, w, b):\n    return X @ w"),
    ("01_linear_regression", "linreg", "def linreg(X, w, b)\n    return X @ w + b"),
    ("01_linear_regression", "squared_loss", "def squared_loss(y_hat, y):\n    return (y_hat - y) ** 2"),
    ("01_linear_regression", "minibatches", "def minibatches(X, y, batch_size, generator):\n    yield X, y"),
    ("01_linear_regression", "sgd_step", "def sgd_step(params, lr, batch_size):\n    raise KeyError"),
    ("01_linear_regression", "least_squares", "def least_squares(X, y):\n    import os\n    os._exit(1)"),
    ("02_weight_decay", "l2_penalty", "def l2_penalty(w):\n    return (w**2).sum()"),
    ("02_weight_decay", "decayed_sgd_step", "def decayed_sgd_step(params, grads, **options):\n    raise KeyError"),
    ("03_adam_internals", "ema", "def ema(values, beta):\n    raise NotImplementedError('not started')"),
    ("03_adam_internals", "adam_step", "def adam_step(param, *args, **kwargs):\n    param -= 1"),
]


def judged(assignment: str, answers: dict[str, str]) -> dict[str, dict]:
    """Reports on the reference with some answers replaced."""
    notebook = inprocess.with_answers(read_notebook(source_path(assignment)), answers)
    return {report["id"]: report for report in bench(assignment).judge(steps_of(notebook)) if "id" in report}


def lost(reports: dict[str, dict]) -> set[str]:
    """Exercises with a cell that did not pass."""
    return {name.split("-")[0] for name, report in reports.items() if report["verdict"] != "passed"}


@pytest.mark.parametrize("assignment", assignments())
def test_the_chains_are_right_answers(assignment):
    reports = judged(assignment, CHAINS[assignment])
    assert lost(reports) == set(), reports
    assert not any("served" in report for report in reports.values())


@pytest.mark.parametrize("assignment, slip, source", SLIPS, ids=lambda value: value.split("\n")[0])
def test_a_slip_costs_its_own_exercise_only(assignment, slip, source):
    reports = judged(assignment, CHAINS[assignment] | {slip: source})
    assert lost(reports) == {slip}, {n: r["message"] for n, r in reports.items() if r["verdict"] != "passed"}
    helped = {name: report for name, report in reports.items() if "served" in report}
    assert helped and not any(name.startswith(f"{slip}-") for name in helped)
    for report in helped.values():
        assert report["served"]["names"] == [slip] and report["served"]["own"]["verdict"] != "passed"
        assert report["message"].startswith(f"passed with a right `{slip}` (with your own: ")
        assert report["outputs"][-1]["data"]["text/plain"] == report["message"]


def test_several_slips_cost_one_exercise_each():
    slips = {name: source for assignment, name, source in SLIPS if assignment == "01_linear_regression"}
    reports = judged("01_linear_regression", CHAINS["01_linear_regression"] | slips)
    assert lost(reports) == slips.keys()
    assert reports["fit-visible"]["served"]["names"] == ["linreg", "minibatches", "sgd_step", "squared_loss"]


def test_the_better_result_counts_cell_by_cell_and_both_are_kept():
    """A fit that returns no losses loses that cell with a right `linreg` too."""
    answers = {
        "linreg": "def linreg(X, w, b):\n    return X @ w",
        "fit": CHAINS["01_linear_regression"]["fit"].replace("b.detach(), losses", "b.detach(), []"),
    }
    reports = judged("01_linear_regression", answers)
    wrong_alone = inprocess.with_answers(read_notebook(source_path("01_linear_regression")), {"fit": answers["fit"]})
    still_wrong = {
        name for name, said in inprocess.grade(wrong_alone, only=lambda name: name.startswith("fit-")).items() if said
    }
    assert still_wrong and {name for name in reports if name.startswith("fit-")} - still_wrong
    for name, report in reports.items():
        if name.startswith("fit-"):
            assert (report["verdict"] != "passed") == (name in still_wrong), report
            if name in still_wrong:
                assert report["message"] == report["served"]["own"]["message"]
                assert report["served"]["right"]["verdict"] == "failed"


@pytest.mark.parametrize(
    "assignment, slip, later, alias",
    [
        ("01_linear_regression", "squared_loss", "huber_loss", "huber_loss = lambda p, y, d: squared_loss(p, y)"),
        ("03_adam_internals", "adam_step", "adamw_step", "adamw_step = lambda *a, **k: adam_step(*a, **k)"),
        ("03_adam_internals", "ema", "bias_corrected_ema", "bias_corrected_ema = lambda *a: ema(*a)"),
    ],
)
def test_a_wrong_own_part_gets_no_more_than_it_would_with_a_right_earlier_one(assignment, slip, later, alias):
    wrong = f"def {slip}(*args, **kwargs):\n    raise KeyError"
    ours = judged(assignment, {slip: wrong, later: alias})
    plain = inprocess.with_answers(read_notebook(source_path(assignment)), {later: alias})
    plain = inprocess.grade(plain, only=lambda name: name.startswith(f"{later}-"))
    assert {name for name in plain if ours[name]["verdict"] == "passed"} == {n for n, said in plain.items() if not said}
    assert any(plain.values())
    assert all(ours[name]["verdict"] != "passed" for name in ours if name.startswith(f"{slip}-"))


def test_nothing_is_served_where_no_code_uses_it():
    reports = judged("01_linear_regression", {"linreg": "def linreg(X, w, b):\n    return X @ w", "fit": "fit = 3"})
    assert lost(reports) == {"linreg", "fit"} and not any("served" in report for report in reports.values())


def test_a_class_is_not_served():
    slip = {"Adam": "class Adam:\n    pass", "optimizer_bytes": "def optimizer_bytes(*args):\n    return Adam(*args)"}
    reports = judged("03_adam_internals", slip)
    assert lost(reports) == {"Adam", "optimizer_bytes"} and not any("served" in r for r in reports.values())


def test_use_is_found_through_other_code_and_around_magics():
    cells = [
        "%matplotlib inline\ndef a():\n    return [lambda: b()]",
        "def b(): 1 +",
        "b = c\nclass d:\n    def e(self): return f",
        "if True:\n    def c(): return d",
    ]
    uses = used_names(cells)
    assert reached({"a"}, uses, {"f"}) == ["f"] and reached({"a"}, uses, {"e", "g"}) == []
    assert reached({"a"}, uses, {"b", "f"}) == ["b"]  # a right `b` does not need the student's `f`


def test_the_record_the_report_and_the_feedback_say_what_was_served(tmp_path):
    need_walls()
    assignment = "01_linear_regression"
    answers = CHAINS[assignment] | {"linreg": "def linreg(X, w, b):\n    return X @ w"}
    submitted = hand_in({"ada": submission(assignment, Student(0, answers))}, tmp_path / "submitted")
    api = nbgrader_api(
        submitted_directory=submitted, autograded_directory=tmp_path / "autograded",
        feedback_directory=tmp_path / "feedback", db_url=f"sqlite:///{tmp_path / 'gradebook.db'}",
    )  # fmt: skip
    (record,) = grade(api, assignment, submitted)
    assert (record["score"], record["outcome"]) == (38, "graded")
    cells = {cell["id"]: cell for cell in json.loads(json.dumps(record))["cells"]}
    assert cells["fit-hidden-1"]["served"]["names"] == ["linreg"] and cells["fit-hidden-1"]["points"] == 1
    assert cells["linreg-hidden"]["served"] is None and cells["linreg-hidden"]["points"] == 0
    assert "fit with a right linreg" in table([record])
    (page,) = write_feedback(api, assignment, ["ada"])
    text = html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
    said = [cell["message"] for cell in cells.values() if cell["served"]]
    assert len(said) > 6 and not [message for message in said if message not in text]
    hidden = {
        line.strip()
        for cell in read_notebook(source_path(assignment)).cells if "-hidden" in cell.id
        for line in cell.source.splitlines() if line.strip().startswith(("assert ", "ref_"))
    }  # fmt: skip
    assert hidden and not [line for line in hidden if line in text]

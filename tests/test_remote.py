"""What test cells may do with a student's objects across the border, one promise each."""

import nbformat
import pytest

from grader.pool import Bench
from tests.grading import WALLS

ANSWER = """
class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        if lr < 0:
            raise ValueError(f"Invalid learning rate: {lr}")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(p), torch.zeros_like(p)
                state["step"] += 1
                t, (beta1, beta2) = state["step"].item(), group["betas"]
                state["exp_avg"].lerp_(p.grad, 1 - beta1)
                state["exp_avg_sq"].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                denom = (state["exp_avg_sq"] / (1 - beta2**t)).sqrt() + group["eps"]
                p -= group["lr"] / (1 - beta1**t) * state["exp_avg"] / denom

class Counter:
    def __init__(self, start):
        self.count = start
    def add(self, n=1):
        self.count += n
        return self
    def __len__(self):
        return self.count
    def __getitem__(self, i):
        return i * self.count

def echo(*args, **kwargs):
    return args[0] if len(args) == 1 and not kwargs else (args, kwargs)

def product(a, b):
    return (a * b).sum(), a + b

def zero(x):
    x.zero_()

def append(items, table):
    items.append(len(items))
    table["new"] = items[0]

def make_grad(p):
    (p * p).sum().backward()

def draw(generator, n):
    return torch.randn(n, generator=generator)

def draw_global(n):
    return torch.randn(n)

def fail(kind):
    class Own(kind if isinstance(kind, type) else ValueError):
        pass
    raise Own("told", 3)

def halves(x):
    while True:
        x = x / 2
        yield x

def rebind(p):
    p.data = p.data * 2

def replace_in_list(params):
    params[0] = params[0] * 2

def parameter():
    return torch.nn.Parameter(torch.ones(2))

def array(x):
    import numpy as np
    return np.asarray(x) * np.float64(2)

def kill():
    import os
    os._exit(0)

kept = []

def keep(x):
    for old in kept:
        old.fill_(-1)
    kept.append(x)
    return x * 2

class Holder:
    def __init__(self, x):
        self.x = x
    def fill(self):
        self.x.fill_(7)

def apply(function, *args, **kwargs):
    return function(*args, **kwargs)

def apply_in(functions, x):
    return [functions["f"](x), *(f(x) for f in functions["all"])]

def caught(function, *args):
    try:
        function(*args)
    except Exception as error:
        return type(error).__name__, str(error)

def count_up(function, x):
    x.add_(1)
    first = function()
    x.add_(1)
    return first, function()

def descend(loss, w, lr=0.1):
    loss(w).backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad = None
    return w

def own_gradient(loss, values):
    w = torch.tensor(values, requires_grad=True)
    loss(w * 1).backward()
    return w.grad

def curvature(loss, w):
    (grad,) = torch.autograd.grad(loss(w), w, create_graph=True)
    return torch.stack([torch.autograd.grad(part, w, retain_graph=True)[0] for part in grad])

def in_place(step, n):
    p = torch.arange(float(n)).requires_grad_()
    q = torch.zeros(n)
    (p * p).sum().backward()
    grad = p.grad
    step([p], q)
    return p.detach(), q, p.grad is grad, grad

def graft(step, w):
    out = torch.zeros(2)
    step(out, w)
    return out

def all_of(batches, n, generator):
    return [batch * 1 for batch in batches(n, generator=generator)]

def own_draws(draw):
    generator = torch.Generator().manual_seed(5)
    return draw(generator), torch.randn(2, generator=generator)

def endless(function):
    while True:
        function(1)

def forever(function, x):
    return function(function, x)

def keep_function(function):
    global function_kept
    function_kept = function

def call_kept(x):
    return function_kept(x)

def in_thread(function):
    import threading
    said = []
    def run():
        said.append(caught(function, 1))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return said[0]

def make_object(function):
    return function(Counter(1))

class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))
    def step(self, closure):
        with torch.enable_grad():
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                with torch.no_grad():
                    p -= group["lr"] * p.grad
        return loss

def train(model, X, y, lr=0.1):
    model.train()
    for _ in range(3):
        model.zero_grad()
        ((model(X) - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
    return model

def forward(model, x):
    return model(x)

def parameters(model):
    return list(model.parameters())

def to_eval(model):
    return model.eval() is model and not model.training

def inside(model):
    names = [type(part).__name__ for part in model.modules()]
    return names, model[0].in_features, [name for name, _ in model.named_buffers()]

def module_of_mine():
    return torch.nn.Linear(2, 1)

def loss_of(model, loss, x):
    return loss(model, x)

started = 0
"""
CASES = {
    "an optimiser follows torch's, step by step": '''
ps = [torch.tensor([1.0, -2.0]).requires_grad_(), torch.nn.Parameter(torch.ones(2, 2)), torch.zeros(1).requires_grad_()]
refs = [p.detach().clone().requires_grad_() for p in ps]
ours, theirs = Adam(ps[:2], lr=0.1), torch.optim.Adam(refs[:2], lr=0.1)
ours.add_param_group({"params": [ps[2]], "lr": 0.5})
theirs.add_param_group({"params": [refs[2]], "lr": 0.5})
for step in range(5):
    for p, ref in zip(ps, refs):
        p.grad = None if step == 2 else torch.full_like(p, 0.3 * step - 0.5)
        ref.grad = None if step == 2 else torch.full_like(p, 0.3 * step - 0.5)
    ours.step()
    theirs.step()
    assert all(torch.allclose(p, ref) for p, ref in zip(ps, refs)), step
ours.zero_grad()
assert all(p.grad is None for p in ps)
''',
    "state_dict is exchanged with torch in both directions": '''
p = torch.tensor([1.0, -2.0], requires_grad=True)
ref = p.detach().clone().requires_grad_()
ours, theirs = Adam([p], lr=0.1), torch.optim.Adam([ref], lr=0.1)
p.grad = ref.grad = torch.tensor([1.0, 2.0])
ours.step(); theirs.step()
assert ours.state_dict()["state"][0].keys() == theirs.state_dict()["state"][0].keys()
theirs.load_state_dict(ours.state_dict() | {"param_groups": theirs.state_dict()["param_groups"]})
ours.load_state_dict(theirs.state_dict())
ours.step(); theirs.step()
assert torch.allclose(p, ref)
''',
    "an optimiser is one, and shows its groups and state by the test's own tensors": '''
p = torch.tensor([1.0], requires_grad=True)
ours = Adam([p])
assert isinstance(ours, torch.optim.Optimizer) and issubclass(Adam, torch.optim.Optimizer)
assert ours.param_groups[0]["params"][0] is p
p.grad = torch.ones(1)
ours.step()
assert set(ours.state[p]) == {"step", "exp_avg", "exp_avg_sq"}
assert ours.state[p]["step"] == 1
''',
    "what a test writes into param_groups reaches the optimiser": '''
p = torch.tensor([1.0], requires_grad=True)
ours = Adam([p], lr=0.1)
ours.param_groups[0]["lr"] = 0.0
p.grad = torch.ones(1)
ours.step()
assert p.item() == 1.0
for group in ours.param_groups:
    group["lr"] = 0.25
ours.step()
assert p.item() == 0.75
''',
    "state is read anew each time": '''
p = torch.tensor([1.0], requires_grad=True)
ours = Adam([p])
for step in range(1, 4):
    p.grad = torch.ones(1)
    ours.step()
    assert ours.state_dict()["state"][0]["step"] == step and ours.state[p]["step"] == step
''',
    "a bad value is refused by the class that torch raises": '''
try:
    Adam([torch.ones(1, requires_grad=True)], lr=-1)
except ValueError as error:
    assert "Invalid learning rate" in str(error)
else:
    raise AssertionError
''',
    "objects keep their state, methods, length, items and attributes": '''
counter = Counter(2)
assert counter.add().add(n=3) is counter
assert counter.count == len(counter) == 6 and counter[4] == 24
counter.count = 1
assert len(counter) == 1 and type(counter).__name__ == "Counter"
try:
    counter.nothing
except AttributeError:
    pass
else:
    raise AssertionError
''',
    "plain data and identity survive the way there and back": '''
x = torch.arange(6.0).reshape(2, 3)
assert echo(x) is x and echo(None) is None and echo((1, 2.5, "a", b"b", [True])) == (1, 2.5, "a", b"b", [True])
(args, kwargs) = echo(x, key=x.T)
assert args[0] is x and torch.equal(kwargs["key"], x.T) and kwargs["key"].stride() == (1, 3)
assert echo(torch.float64) is torch.float64 and echo(x.shape) == (2, 3)
''',
    "gradients flow back through the student's code, for several results": '''
a, b = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)
total, both = product(2 * a, b)
(total + both.sum()).backward()
assert torch.equal(a.grad, 2 * b.detach() + 2) and torch.equal(b.grad, 2 * a.detach() + 1)
with torch.no_grad():
    assert not product(a, b)[0].requires_grad
''',
    "a change in place is seen by every view, in the test's own memory": '''
x = torch.arange(6.0)
view, before = x.reshape(2, 3)[1], x.data_ptr()
zero(view)
assert x.tolist() == [0, 1, 2, 0, 0, 0] and x.data_ptr() == before
zero(x[:2])
assert x.tolist() == [0, 0, 2, 0, 0, 0]
''',
    "tensors that share memory here share it there": '''
flat = torch.ones(4)
params = [flat[:2], flat[2:]]
(args, _) = echo(flat, params)
zero(flat)
assert params[0].tolist() == [0, 0]
''',
    "lists and dicts that a call changes are changed": '''
items, table = [5], {}
append(items, table)
assert items == [5, 1] and table == {"new": 5}
''',
    "a gradient that the student's code makes appears": '''
p = torch.tensor([1.0, 3.0], requires_grad=True)
make_grad(p)
assert p.grad.tolist() == [2, 6]
make_grad(p)
assert p.grad.tolist() == [4, 12]
''',
    "a generator moves on, and a seed set by the test counts": '''
one, two = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
assert torch.equal(draw(one, 4), torch.randn(4, generator=two))
assert torch.equal(one.get_state(), two.get_state())
torch.manual_seed(8)
first = draw_global(3)
torch.manual_seed(8)
assert torch.equal(first, torch.randn(3))
torch.manual_seed(8)
assert torch.equal(draw_global(3), first)
''',
    "an exception arrives as the built-in class it derives from": '''
try:
    fail("x")
except ValueError as error:
    assert error.args == ("told", 3) and isinstance(error, ValueError)
else:
    raise AssertionError
''',
    "an endless generator is read as far as the test wants": '''
found = []
for x in halves(torch.tensor(8.0)):
    found.append(x.item())
    if len(found) == 3:
        break
assert found == [4, 2, 1]
''',
    "new memory and a replaced entry are told from a change in place": '''
p = torch.ones(2, requires_grad=True)
alias = p.detach()
rebind(p)
assert p.tolist() == [2, 2] and alias.tolist() == [1, 1]
params = [p]
replace_in_list(params)
assert params[0] is not p and not params[0].is_leaf
params[0].sum().backward()
assert p.grad.tolist() == [2, 2]
''',
    "the student's code calls a function of the test, alone or in lists and dicts": '''
import functools
seen = []
def note(x, *, scale=1):
    seen.append((x, scale))
    return {"twice": [2 * scale * x], "same": x, "shape": torch.Size([2]), "kind": torch.float64}
assert apply(note, 3, scale=2) == {"twice": [12], "same": 3, "shape": (2,), "kind": torch.float64}
assert seen == [(3, 2)]
x = torch.tensor([1.0, -4.0])
found = apply_in({"f": torch.abs, "all": [lambda x: x + 1, functools.partial(torch.mul, 2), x.sub]}, x)
assert [part.tolist() for part in found] == [[1, 4], [2, -3], [2, -8], [0, 0]]
assert apply(torch.max, x.reshape(1, 2), dim=1)[0].item() == 1
assert apply(lambda: (n for n in range(3))).__next__() == 0
assert apply(apply, lambda x: x, x) is x
''',
    "a function of the test gets what the test handed over, not a copy": '''
x, p = torch.ones(2), torch.ones(2, requires_grad=True)
assert apply(lambda y: y is x and y, x) is x
assert apply(lambda ps: ps[0] is p and ps[1].tolist(), [p, x]) == [1, 1]
''',
    "each side sees what the other has changed by then": '''
x = torch.zeros(2)
assert count_up(lambda: x.tolist(), x) == ([1, 1], [2, 2])
assert count_up(lambda: x.mul_(10).sum().item(), x) == (60, 620) and x.tolist() == [310, 310]
''',
    "an error of a function is caught by the student's code, or by the test": '''
def refuse(x):
    raise KeyError("no", x)
assert caught(refuse, 2) == ("KeyError", "('no', 2)")
try:
    apply(refuse, 1)
except KeyError as error:
    assert error.args == ("no", 1)
else:
    raise AssertionError
assert caught(lambda: next(iter([])))[0] == "StopIteration"
''',
    "gradients flow through a function of the test": '''
X = torch.tensor([[1.0, 2.0], [3.0, -1.0]])
loss = lambda w: ((X @ w - 1) ** 2).mean()
w, ref_w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
loss(ref_w).backward()
ref_grad = ref_w.grad
assert torch.allclose(descend(loss, w), 1 - 0.1 * ref_grad) and w.grad is None
assert torch.allclose(own_gradient(loss, [1.0, 1.0]), ref_grad)
v = torch.ones(2, requires_grad=True)
apply(loss, 2 * v).backward()
u = torch.ones(2, requires_grad=True)
loss(2 * u).backward()
assert torch.allclose(v.grad, u.grad)
assert not apply(lambda w: w.detach(), v).requires_grad
with torch.no_grad():
    assert not apply(loss, v).requires_grad
''',
    "second derivatives flow through it too": '''
w = torch.tensor([1.0, 2.0], requires_grad=True)
assert curvature(lambda w: (w**3).sum() + w.prod(), w).tolist() == [[6, 1], [1, 12]]
''',
    "gradients reach what a closure holds": '''
w = torch.tensor([1.0, 2.0], requires_grad=True)
opt = Descent([w])
def closure():
    opt.zero_grad()
    loss = (w * w).sum()
    loss.backward()
    return loss
assert [round(opt.step(closure).item(), 5) for _ in range(2)] == [5, 3.2]
assert torch.allclose(w.detach(), torch.tensor([0.64, 1.28]))
other = torch.ones(2, requires_grad=True)
apply(lambda v: (v * other).sum(), w).backward()
assert torch.allclose(w.grad, torch.tensor([0.8, 1.6]) * 2 + 1)
''',
    "what a function changes in its arguments is changed": '''
def step(params, q):
    with torch.no_grad():
        for p in params:
            p -= p.grad / 2
            p.grad.zero_()
        q.fill_(3)
p, q, same, grad = in_place(step, 3)
assert p.tolist() == [0, 0, 0] and q.tolist() == [3, 3, 3] and same and grad.tolist() == [0, 0, 0]
def clear(params, q):
    params[0].data = torch.ones(1)
    params[0].grad = None
p, q, same, grad = in_place(clear, 3)
assert p.tolist() == [1] and not same and grad.tolist() == [0, 2, 4]
w = torch.ones(2, requires_grad=True)
graft(lambda out, w: out.add_(3 * w), w).sum().backward()
assert w.grad.tolist() == [3, 3]
''',
    "a function's generator is read, and random numbers move on": '''
def batches(n, generator):
    for part in torch.randperm(n, generator=generator).split(2):
        yield part
one, two = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
found = all_of(batches, 5, one)
assert torch.equal(torch.cat(found), torch.randperm(5, generator=two)) and [len(part) for part in found] == [2, 2, 1]
assert torch.equal(one.get_state(), two.get_state())
ref = torch.Generator().manual_seed(5)
first, second = own_draws(lambda generator: torch.randn(1, generator=generator))
assert torch.equal(first, torch.randn(1, generator=ref)) and torch.equal(second, torch.randn(2, generator=ref))
''',
    "the test and the student's code call each other a few times deep": '''
def down(f, n):
    return 0 if n == 0 else 1 + apply(f, f, n - 1)
assert apply(down, down, 4) == 4
counter = Counter(3)
assert apply(counter.add, 2) is counter and counter.count == 5
''',
    "a module of torch's is trained by the student's code": '''
import copy
X, y = torch.arange(6.0).reshape(3, 2) / 6, torch.ones(3, 1)
model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
model.eval()
ref = copy.deepcopy(model).train()
for _ in range(3):
    ref.zero_grad()
    ((ref(X) - y) ** 2).mean().backward()
    with torch.no_grad():
        for p in ref.parameters():
            p -= 0.1 * p.grad
weight, before = model[0].weight, model[1].running_mean.data_ptr()
assert train(model, X, y) is model and model[0].weight is weight and type(weight) is torch.nn.Parameter
assert all(torch.allclose(a, b) for a, b in zip(model.parameters(), ref.parameters()))
assert all(torch.allclose(p.grad, q.grad) for p, q in zip(model.parameters(), ref.parameters()))
assert model.training and model[1].training
assert model[1].num_batches_tracked == 3 and torch.allclose(model[1].running_mean, ref[1].running_mean)
assert model[1].running_mean.data_ptr() == before and ref.state_dict().keys() == model.state_dict().keys()
''',
    "modules cross by class, hyperparameters, children and buffers, and keep their identity": '''
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Dropout(0.5)))
assert inside(model) == (
    ["Sequential", "Linear", "Sequential", "BatchNorm1d", "Dropout"],
    2, ["1.0.running_mean", "1.0.running_var", "1.0.num_batches_tracked"])
assert all(p is q for p, q in zip(parameters(model), model.parameters()))
(args, kwargs) = echo(model, model, inner=model[1])
assert args[0] is args[1] is model and kwargs["inner"] is model[1]
assert to_eval(model) and not model[1][1].training
x = torch.ones(1, 2)
assert torch.equal(forward(model, x), model(x))
model[1][0], model[0].bias = torch.nn.Identity(), None
assert torch.equal(forward(model, x), model(x)) and len(parameters(model)) == 1
tied = torch.nn.ModuleList([torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)])
tied[1].weight = tied[0].weight
assert len(parameters(tied)) == 3
''',
    "many kinds of modules compute there what they compute here": '''
torch.manual_seed(0)
x = torch.randn(2, 4, 6)
for model in (torch.nn.Conv1d(4, 2, 3, padding="same"), torch.nn.LSTM(6, 3, num_layers=2), torch.nn.LayerNorm(6),
              torch.nn.Flatten(), torch.nn.Softmax(dim=1), torch.nn.GELU(), torch.nn.Bilinear(6, 6, 2)):
    inputs = (x, x) if isinstance(model, torch.nn.Bilinear) else (x,)
    found, ref = apply(model, *inputs), model(*inputs)
    assert torch.equal(*(value[0] if isinstance(value, tuple) else value for value in (found, ref))), model
assert torch.equal(apply(torch.nn.Embedding(3, 2, padding_idx=0), torch.tensor([0])), torch.zeros(1, 2))
assert apply(torch.nn.MSELoss(reduction="sum"), torch.ones(2), torch.zeros(2)) == 2
''',
    "gradients flow through a module, in the student's code and in a function of the test": '''
model = torch.nn.Linear(2, 1)
x = torch.ones(3, 2)
forward(model, x).sum().backward()
assert model.weight.grad.tolist() == [[3, 3]]
loss = loss_of(model, lambda m, x: m(x).sum() if m is model else None, x)
loss.backward()
assert model.weight.grad.tolist() == [[6, 6]]
''',
    "a module of the student's stays there and works": '''
mine = module_of_mine()
assert isinstance(mine, torch.nn.Module) and mine(torch.zeros(1, 2)).shape == (1, 1)
''',
    "subclasses arrive as their base": '''
w = parameter()
assert type(w) is torch.Tensor and w.requires_grad and w.is_leaf
import numpy as np
assert type(array([1.0, 2.0])) is np.ndarray and array([1.0, 2.0]).tolist() == [2, 4]
''',
}  # fmt: skip
ONLY_HERE = {
    "a tensor of an earlier call is out of a function's reach": """
first, second = torch.ones(2), torch.ones(2)
keep(first)
result = keep(second)
assert first.tolist() == [1, 1] and result.tolist() == [2, 2]
""",
    "an object may change what it was given, and nothing else": """
x, other = torch.ones(2), torch.ones(2)
holder = Holder(x)
echo(other)
holder.fill()
assert x.tolist() == [7, 7] and other.tolist() == [1, 1]
""",
    "a function is called by the main thread only": """
said = "a function of the test can only be called while the test waits for your code"
assert in_thread(lambda x: x) == ("RuntimeError", said)
""",
    "an object of the student's stays with the student": """
try:
    make_object(lambda x: x)
except TypeError as error:
    assert "a value of type 'Counter' cannot cross" in str(error)
else:
    raise AssertionError
""",
    "a function may be called until its test cell is over": """
keep_function(lambda x: x + 1)
assert call_kept(1) == 2
""",
}
FAILING = {
    "and not in the next cell of the exercise": ("call_kept(1)", "crashed", "there is no such function"),
    "death is no exception": (
        "try:\n    kill()\nexcept Exception:\n    pass\nexcept BaseException:\n    pass", "crashed", "died"),
    "death is not forgiven later": (
        "for _ in range(2):\n    try:\n        kill()\n    except BaseException:\n        pass", "crashed", "died"),
    "a value that cannot cross is the author's to mend": ("echo({1, 2})", "grader_error", "cannot cross"),
    "a module of the test's own class cannot cross": (
        "class Linear(torch.nn.Linear):\n    pass\necho(Linear(1, 1))", "grader_error", "only those of torch.nn"),
    "a module inside another that is not torch.nn's own cannot cross": (
        "echo(torch.nn.MultiheadAttention(2, 1))", "grader_error", "'NonDynamicallyQuantizableLinear' cannot cross"),
    "a module with hooks cannot cross": (
        "m = torch.nn.ReLU()\nm.register_forward_hook(print)\necho(m)", "grader_error", "it has hooks"),
    "what a function gives back may be something that cannot cross": (
        "apply(lambda: {1})", "grader_error", "cannot cross"),
    "an endless iterator of the test's cannot cross": (
        "import itertools\napply(itertools.count)\napply(lambda: itertools.count())", "grader_error", "cannot cross"),
    "calls without end are stopped": ("endless(lambda n: None)", "timed_out", "too long"),
    "calls too deep are stopped": (
        "def down(f, x):\n    return apply(f, f, x)\napply(down, down, 1)", "crashed", "more than 10 deep"),
    "a function of the test that hangs is stopped": (
        "def hang(n):\n    while True:\n        pass\ntry:\n    apply(hang, 1)\nexcept Exception:\n    pass",
        "timed_out", "too long"),
    "death inside a function of the test is not forgiven": (
        "def swallow():\n    try:\n        kill()\n    except BaseException:\n        return 1\napply(swallow)",
        "crashed", "died"),
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> dict[str, dict]:
    """All cases, judged in one go as cells of one assignment."""
    path = tmp_path_factory.mktemp("remote") / "source.ipynb"
    sources = CASES | ONLY_HERE | {name: source for name, (source, _, _) in FAILING.items()}
    ids = {name: f"case{number}-visible" for number, name in enumerate(sources)}
    ids["and not in the next cell of the exercise"] = f"{ids[list(ONLY_HERE)[-1]].removesuffix('-visible')}-hidden"
    meta = {"schema_version": 3, "task": False, "grade": False, "solution": False, "locked": True}
    cells = [nbformat.v4.new_code_cell("import torch")]
    cells[0].metadata.nbgrader = meta | {"grade_id": "setup"}
    cells.append(nbformat.v4.new_code_cell(ANSWER))
    cells[1].metadata.nbgrader = meta | {"grade_id": "all-answer", "solution": True, "locked": False}
    for name, source in sources.items():
        cells.append(nbformat.v4.new_code_cell(source))
        cells[-1].metadata.nbgrader = meta | {"grade_id": ids[name], "grade": True, "points": 1}
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    steps = [{"run": f"import torch\n{ANSWER}", "index": 0, "id": "all-answer"}]
    steps += [{"test": cell} for cell in ids.values()]
    with Bench(path, "source", walls=WALLS, seconds=3) as bench:
        reports = {report["id"]: report for report in bench.judge(steps) if "id" in report}
    return {name: reports[ids[name]] for name in sources}


@pytest.mark.parametrize("case", CASES)
def test_a_test_cell_works_across_the_border_as_in_one_process(verdicts, case):
    namespace = {"__name__": "__main__"}
    exec(f"import torch\n{ANSWER}", namespace)
    exec(CASES[case].replace("type(w) is torch.Tensor", "True"), namespace)  # holds in one process too
    assert verdicts[case]["verdict"] == "passed", verdicts[case]["message"]


@pytest.mark.parametrize("case", ONLY_HERE)
def test_write_back_is_limited_to_what_was_handed_over(verdicts, case):
    assert verdicts[case]["verdict"] == "passed", verdicts[case]["message"]


@pytest.mark.parametrize("case", FAILING)
def test_what_cannot_be_is_told_apart_from_a_pass(verdicts, case):
    _, verdict, message = FAILING[case]
    assert verdicts[case]["verdict"] == verdict and message in verdicts[case]["message"], verdicts[case]

"""Right answers to assignment 3 in other forms than the reference's. They stay out of the release and the archive.

Each function or class is a right answer. Its name names the form, its docstring says what is different. Its source is
pasted under the exercise's name, so it uses nothing but torch, builtins and what the notebook defines. The exercise's
tests must accept it. `RIGHT_ANSWERS` at the end lists the forms by exercise. An `Adam` that is right but not torch's
bit for bit is accepted by all cells but the two of the bonus: `ALL_BUT` says so.
"""

import torch


def interpolated(values, beta):
    """`lerp`, a start of shape (), and a tensor that is filled."""
    averages = torch.empty_like(values)
    m = torch.tensor(0.0, dtype=values.dtype)
    for i in range(len(values)):
        m = torch.lerp(m, values[i], 1 - beta)
        averages[i] = m
    return averages


def python_numbers(values, beta):
    """Python numbers, in float64 throughout."""
    m, averages = 0.0, []
    for value in values.tolist():
        m = beta * m + (1 - beta) * value
        averages.append(m)
    return torch.tensor(averages, dtype=values.dtype)


def matrix_of_weights(values, beta):
    """No loop: a triangular matrix of weights times the values."""
    t = torch.arange(len(values))
    lag = t[:, None] - t[None, :]
    share = (1 - beta) * torch.tensor(beta, dtype=values.dtype) ** lag.clamp(min=0)
    return torch.where(lag >= 0, share, torch.zeros((), dtype=values.dtype)) @ values


def moved_by_a_share(values, beta):
    """The average moves by a share of what it lacks."""
    m, averages = 0 * values[0], []
    for value in values:
        m = m + (1 - beta) * (value - m)
        averages += [m]
    return torch.stack(averages)


def corrected_python_numbers(values, beta):
    """Python numbers, in float64 throughout."""
    m, averages = 0.0, []
    for t, value in enumerate(values.tolist(), 1):
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta**t))
    return torch.tensor(averages, dtype=values.dtype)


def corrected_at_the_end(values, beta):
    """All elements are corrected at once, by a tensor of powers."""
    averages = values.clone()
    m = torch.zeros((), dtype=values.dtype)
    for i in range(len(values)):
        m = torch.lerp(m, values[i], 1 - beta)
        averages[i] = m
    power = torch.arange(1, len(values) + 1, dtype=values.dtype)
    return averages / (1 - beta**power)


def weighted_mean(values, beta):
    """A weighted mean: sum of weighted values over sum of weights."""
    top, bottom, averages = 0, 0, []
    for value in values:
        top, bottom = beta * top + value, beta * bottom + 1
        averages.append(top / bottom)
    return torch.stack(averages)


def earlier_exercise_used(values, beta):
    """The exercise before it, and the correction by a running product."""
    corrections, power = [], 1.0
    for _ in values:
        power *= beta
        corrections.append(1 - power)
    return ema(values, beta) / torch.tensor(corrections, dtype=values.dtype)  # noqa: F821


def run_for_so_many_steps(step, betas):
    """Both averages are run on a constant gradient of one."""
    import math

    beta1, beta2 = betas
    m = v = 0.0
    for _ in range(step):
        m = beta1 * m + (1 - beta1)
        v = beta2 * v + (1 - beta2)
    return m / math.sqrt(v)


def powers_by_logarithm(step, betas):
    """`expm1` and `log` of numpy for the power of beta1."""
    import numpy as np

    top = -np.expm1(step * np.log(betas[0])) if betas[0] else 1.0
    return float(top) / float((1 - betas[1] ** step) ** 0.5)


def both_in_a_tensor(step, betas):
    """Both corrections in one float64 tensor."""
    corrections = 1 - torch.tensor(betas, dtype=torch.float64) ** step
    return (corrections[0] / corrections[1].sqrt()).item()


def torchs_lines(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """As torch writes it: `lerp_`, `addcmul_`, `addcdiv_`, the root corrected."""
    beta1, beta2 = betas
    if weight_decay != 0:
        grad = grad.add(param, alpha=weight_decay)
    exp_avg.lerp_(grad, 1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
    param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


def adam_number_by_number(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """A loop over Python numbers, through flat views."""
    for i in range(param.numel()):
        p, m, v = param.view(-1), exp_avg.view(-1), exp_avg_sq.view(-1)
        g = grad.reshape(-1)[i].item() + weight_decay * p[i].item()
        m[i] = betas[0] * m[i].item() + (1 - betas[0]) * g
        v[i] = betas[1] * v[i].item() + (1 - betas[1]) * g * g
        p[i] -= lr * m[i].item() / (1 - betas[0] ** step) / ((v[i].item() / (1 - betas[1] ** step)) ** 0.5 + eps)


def filled_under_no_grad(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """New values fill the old tensors; powers of a tensor of the parameter's dtype."""
    with torch.no_grad():
        g = grad.clone() + weight_decay * param
        exp_avg[...] = betas[0] * exp_avg + (1 - betas[0]) * g
        exp_avg_sq[...] = betas[1] * exp_avg_sq + (1 - betas[1]) * g.pow(2)
        m_hat = exp_avg / (1 - torch.tensor(betas[0], dtype=param.dtype) ** step)
        v_hat = exp_avg_sq / (1 - torch.tensor(betas[1], dtype=param.dtype) ** step)
        param.sub_(lr * m_hat / (torch.sqrt(v_hat) + eps))


def torchs_adam_called(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """torch's own optimiser on a copy, with the moments as its state."""
    copy = param.detach().clone().requires_grad_()
    copy.grad = grad.clone()
    optimizer = torch.optim.Adam([copy], lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
    optimizer.state[copy] = dict(step=torch.tensor(float(step - 1)), exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    optimizer.step()
    param.copy_(copy.detach())


def efficient_order(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The paper's efficient order: both corrections in the lr, eps scaled with them."""
    g = torch.add(grad, param, alpha=weight_decay)
    exp_avg += (1 - betas[0]) * (g - exp_avg)
    exp_avg_sq += (1 - betas[1]) * (g * g - exp_avg_sq)
    root = (1 - betas[1] ** step) ** 0.5
    param -= lr * root / (1 - betas[0] ** step) * exp_avg / (exp_avg_sq.sqrt() + eps * root)


def torchs_lines_decoupled(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """As torch writes it: `mul_`, `lerp_`, `addcmul_`, `addcdiv_`."""
    beta1, beta2 = betas
    param.mul_(1 - lr * weight_decay)
    exp_avg.lerp_(grad, 1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
    param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


def decay_and_step_together(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """Step and decay in one line, both from the parameter as it was."""
    exp_avg += (1 - betas[0]) * (grad - exp_avg)
    exp_avg_sq += (1 - betas[1]) * (grad**2 - exp_avg_sq)
    update = exp_avg / (1 - betas[0] ** step) / (torch.sqrt(exp_avg_sq / (1 - betas[1] ** step)) + eps)
    param -= lr * (update + weight_decay * param)


def adamw_number_by_number(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """A loop over Python numbers, through flat views."""
    for i in range(param.numel()):
        p, m, v, g = param.view(-1), exp_avg.view(-1), exp_avg_sq.view(-1), grad.view(-1)[i].item()
        m[i] = betas[0] * m[i].item() + (1 - betas[0]) * g
        v[i] = betas[1] * v[i].item() + (1 - betas[1]) * g * g
        size = (v[i].item() / (1 - betas[1] ** step)) ** 0.5 + eps
        p[i] = (1 - lr * weight_decay) * p[i].item() - lr * m[i].item() / (1 - betas[0] ** step) / size


def adam_without_decay_called(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay here, the rest by the exercise before it."""
    param -= lr * weight_decay * param
    options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": 0.0}
    adam_step(param, grad, exp_avg, exp_avg_sq, step, **options)  # noqa: F821


def torchs_lines_of_amsgrad(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """As torch writes it: the maximum straight into its tensor."""
    beta1, beta2 = betas
    exp_avg.lerp_(grad, 1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    denom = (max_exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
    param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


def maximum_by_mask(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """Only the entries that are exceeded are written."""
    exp_avg += (1 - betas[0]) * (grad - exp_avg)
    exp_avg_sq += (1 - betas[1]) * (grad**2 - exp_avg_sq)
    bigger = exp_avg_sq > max_exp_avg_sq
    max_exp_avg_sq[bigger] = exp_avg_sq[bigger]
    root = torch.sqrt(max_exp_avg_sq / (1 - betas[1] ** step))
    param -= lr * exp_avg / (1 - betas[0] ** step) / (root + eps)


def amsgrad_number_by_number(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """A loop over Python numbers, through flat views."""
    averages = exp_avg, exp_avg_sq, max_exp_avg_sq
    for i in range(param.numel()):
        p, g, (m, v, largest) = param.view(-1), grad.view(-1)[i].item(), (average.view(-1) for average in averages)
        m[i] = betas[0] * m[i].item() + (1 - betas[0]) * g
        v[i] = betas[1] * v[i].item() + (1 - betas[1]) * g * g
        largest[i] = max(largest[i].item(), v[i].item())
        size = (largest[i].item() / (1 - betas[1] ** step)) ** 0.5 + eps
        p[i] -= lr * m[i].item() / (1 - betas[0] ** step) / size


def torchs_amsgrad_called(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """torch's own optimiser on a copy, with the averages as its state."""
    copy = param.detach().clone().requires_grad_()
    copy.grad = grad.clone()
    optimizer = torch.optim.Adam([copy], lr=lr, betas=betas, eps=eps, amsgrad=True)
    state = {"step": torch.tensor(float(step - 1)), "exp_avg": exp_avg, "exp_avg_sq": exp_avg_sq}
    optimizer.state[copy] = {**state, "max_exp_avg_sq": max_exp_avg_sq}
    optimizer.step()
    param.copy_(copy.detach())


class TextbookAdam(torch.optim.Optimizer):
    """The textbook's order, a Python number as step counter, a list comprehension for the refusals."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(name)
        if [beta for beta in betas if not 0.0 <= beta < 1.0]:
            raise ValueError("beta")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad))

    def step(self):
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self.one(p, group)

    def one(self, p, group):
        state, (beta1, beta2) = self.state[p], group["betas"]
        if len(state) == 0:
            state["step"] = 0
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(p), torch.zeros_like(p)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = torch.zeros_like(p)
        state["step"] += 1
        t = float(state["step"])
        grad = p.grad + group["weight_decay"] * p
        state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
        state["exp_avg_sq"].mul_(beta2).add_(grad * grad, alpha=1 - beta2)
        v = state["exp_avg_sq"]
        if group["amsgrad"]:
            v = torch.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        p -= group["lr"] * (state["exp_avg"] / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + group["eps"])


class RebuildingAdam(torch.optim.Optimizer):
    """New tensors in the state at every step, a decorator, a closure argument as torch has it."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if not lr >= 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps >= 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        if not 0.0 <= betas[0] < 1.0 or not 0 <= betas[1] < 1:
            raise ValueError(f"Invalid betas: {betas}")
        if not weight_decay >= 0.0:
            raise ValueError(f"Invalid weight decay: {weight_decay}")
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                state, grad = self.state[p], p.grad
                if grad is None:
                    continue
                zero = torch.zeros_like(p)
                state["step"] = state.get("step", 0.0) + 1.0
                t = float(state["step"])
                if group["weight_decay"]:
                    grad = grad + group["weight_decay"] * p
                state["exp_avg"] = beta1 * state.get("exp_avg", zero) + (1 - beta1) * grad
                state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", zero) + (1 - beta2) * grad**2
                v = state["exp_avg_sq"]
                if group["amsgrad"]:
                    v = state["max_exp_avg_sq"] = torch.maximum(state.get("max_exp_avg_sq", zero), v)
                root = v.sqrt() / (1 - beta2**t) ** 0.5
                p.sub_(group["lr"] * state["exp_avg"] / (1 - beta1**t) / (root + group["eps"]))


class DataAdam(torch.optim.Optimizer):
    """Updates through `.data`, the state made for all parameters before any of them moves, an int from the counter."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if not (lr >= 0) or not eps >= 0 or not weight_decay >= 0 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError("bad")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad))

    def step(self):
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            names = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"][: 3 if group["amsgrad"] else 2]
            for p in params:
                if p not in self.state:
                    self.state[p] = {"step": torch.tensor(0.0), **{name: torch.zeros_like(p.data) for name in names}}
            for p in params:
                state = self.state[p]
                state["step"] += 1
                t = int(state["step"].item())
                grad = p.grad + group["weight_decay"] * p.data
                state["exp_avg"].lerp_(grad, 1 - group["betas"][0])
                state["exp_avg_sq"].lerp_(grad * grad, 1 - group["betas"][1])
                v = state["exp_avg_sq"]
                if group["amsgrad"]:
                    state["max_exp_avg_sq"].copy_(torch.max(state["max_exp_avg_sq"], v))
                    v = state["max_exp_avg_sq"]
                denom = (v / (1 - group["betas"][1] ** t)).sqrt() + group["eps"]
                p.data.addcdiv_(state["exp_avg"] / (1 - group["betas"][0] ** t), denom, value=-group["lr"])


class TorchsOrderAdam(torch.optim.Optimizer):
    """torch's order of operations line by line, so bit for bit the same."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        good = lr >= 0 and eps >= 0 and weight_decay >= 0 and 0 <= betas[0] < 1 and 0 <= betas[1] < 1
        if not good:
            raise ValueError("a value is out of its range")
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        super().__init__(params, options)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                grad, state = param.grad, self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0, dtype=torch.float32)
                    state["exp_avg"] = torch.zeros_like(param, memory_format=torch.preserve_format)
                    state["exp_avg_sq"] = torch.zeros_like(param, memory_format=torch.preserve_format)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param, memory_format=torch.preserve_format)
                state["step"] += 1
                step = state["step"].item()
                if group["weight_decay"] != 0:
                    grad = grad.add(param, alpha=group["weight_decay"])
                state["exp_avg"].lerp_(grad, 1 - beta1)
                state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                step_size, root = group["lr"] / (1 - beta1**step), (1 - beta2**step) ** 0.5
                second = state["exp_avg_sq"]
                if group["amsgrad"]:
                    second = torch.maximum(state["max_exp_avg_sq"], second, out=state["max_exp_avg_sq"])
                denom = (second.sqrt() / root).add_(group["eps"])
                param.addcdiv_(state["exp_avg"], denom, value=-step_size)


def keys_looked_up(optimizer, dtype):
    """A `KeyError` turned into a `ValueError`."""
    try:
        tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}[optimizer]
        return tensors * {"bfloat16": 2, "float32": 4, "float64": 8}[dtype]
    except KeyError:
        raise ValueError("no") from None


def torchs_sizes(optimizer, dtype):
    """The size of a number from torch's dtype, a chain of `if`."""
    if dtype not in ("float32", "float64", "bfloat16"):
        raise ValueError(dtype)
    size = getattr(torch, dtype).itemsize
    if optimizer == "sgd":
        return 0
    elif optimizer == "momentum":
        return size
    elif optimizer == "adam":
        return 2 * size
    elif optimizer == "amsgrad":
        return 3 * size
    raise ValueError(optimizer)


def place_in_a_list(optimizer, dtype):
    """The number of tensors is the place in a list, which raises `ValueError` by itself."""
    names = ["sgd", "momentum", "adam", "amsgrad"]
    if dtype not in ["float32", "float64", "bfloat16"]:
        raise ValueError
    return names.index(optimizer) * torch.zeros(1, dtype=getattr(torch, dtype)).element_size()


def piece_by_piece(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """A loop over pieces of the flat moments, which are views."""
    start = 0
    for p, g in zip(params, grads, strict=True):
        stop = start + p.numel()
        m, v = state["exp_avg"][start:stop], state["exp_avg_sq"][start:stop]
        g = (g + weight_decay * p).reshape(-1)
        m.lerp_(g, 1 - betas[0])
        v.mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])
        move = lr * m / (1 - betas[0] ** step) / ((v / (1 - betas[1] ** step)).sqrt() + eps)
        p -= move.reshape(p.shape)
        start = stop


def foreach_copy_back(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The flat gradient changed in place, the parameters copied back in one foreach call."""
    with torch.no_grad():
        flat = torch.cat([p.reshape(-1) for p in params])
        g = torch.cat([g.reshape(-1) for g in grads])
        g.add_(flat, alpha=weight_decay)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        m.lerp_(g, 1 - betas[0])
        v.mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])
        denom = (v.sqrt() / (1 - betas[1] ** step) ** 0.5).add_(eps)
        flat.addcdiv_(m, denom, value=-lr / (1 - betas[0] ** step))
        pieces = flat.split([p.numel() for p in params])
        torch._foreach_copy_(list(params), [piece.view_as(p) for piece, p in zip(pieces, params, strict=True)])


def buffers_filled(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The flat moments are filled with new values, the parameters by index."""
    flat = torch.hstack([p.ravel() for p in params])
    g = torch.hstack([g.ravel() for g in grads]) + weight_decay * flat
    state["exp_avg"][:] = betas[0] * state["exp_avg"] + (1 - betas[0]) * g
    state["exp_avg_sq"][:] = betas[1] * state["exp_avg_sq"] + (1 - betas[1]) * g * g
    denom = torch.sqrt(state["exp_avg_sq"] / (1 - betas[1] ** step)) + eps
    move = lr * state["exp_avg"] / (1 - betas[0] ** step) / denom
    i = 0
    for p in params:
        p[...] = p - move[i : i + p.numel()].reshape(p.shape)
        i += p.numel()


def adam_step_on_the_buffer(params, grads, state, step, **options):
    """`adam_step` on the one flat buffer, options handed on."""
    flat = torch.nn.utils.parameters_to_vector(params)
    grad = torch.nn.utils.parameters_to_vector(grads)
    adam_step(flat, grad, state["exp_avg"], state["exp_avg_sq"], step, **options)  # noqa: F821
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param[...] = piece.view(param.shape)


RIGHT_ANSWERS = {
    "ema": [interpolated, python_numbers, matrix_of_weights, moved_by_a_share],
    "bias_corrected_ema": [corrected_python_numbers, corrected_at_the_end, weighted_mean, earlier_exercise_used],
    "uncorrected_ratio": [run_for_so_many_steps, powers_by_logarithm, both_in_a_tensor],
    "adam_step": [
        torchs_lines,
        adam_number_by_number,
        filled_under_no_grad,
        torchs_adam_called,
        efficient_order,
    ],
    "adamw_step": [
        torchs_lines_decoupled,
        decay_and_step_together,
        adamw_number_by_number,
        adam_without_decay_called,
    ],
    "amsgrad_step": [
        torchs_lines_of_amsgrad,
        maximum_by_mask,
        amsgrad_number_by_number,
        torchs_amsgrad_called,
    ],
    "Adam": [TextbookAdam, RebuildingAdam, DataAdam, TorchsOrderAdam],
    "optimizer_bytes": [keys_looked_up, torchs_sizes, place_in_a_list],
    "flat_adam_step": [piece_by_piece, foreach_copy_back, buffers_filled, adam_step_on_the_buffer],
}
# Right answers that need not pass these cells.
ALL_BUT = dict.fromkeys(["TextbookAdam", "RebuildingAdam", "DataAdam"], ("Adam-hidden-13", "Adam-hidden-14"))

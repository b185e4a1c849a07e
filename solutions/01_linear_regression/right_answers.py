"""Right answers to assignment 1 in other forms than the reference's. They stay out of the release and the archive.

Each function is a right answer. Its name names the form, its docstring says what is different. Its source is pasted
under the exercise's name, so it uses nothing but torch, builtins and what the notebook defines. The exercise's tests
must accept it. `RIGHT_ANSWERS` at the end lists the forms by exercise.
"""

import torch


def indices_summed(X, w, b):
    """The product by `einsum`, and a line printed on the way."""
    print("shapes", X.shape, w.shape)
    return torch.einsum("nd,dk->nk", X, w) + b


def number_by_number(inputs, weights, bias):
    """Two loops over rows and columns, with other names for the arguments."""
    rows = []
    for i in range(inputs.shape[0]):
        total = bias[0]
        for j in range(inputs.shape[1]):
            total = total + inputs[i, j] * weights[j, 0]
        rows.append(total)
    return torch.stack(rows).reshape(-1, 1)


def torchs_linear(X, w, b):
    """torch's own function, which wants the weights as a row."""
    return torch.nn.functional.linear(X, w.T, b)


def products_summed(X, w, b):
    """Products entry by entry, summed along each row."""
    return (X * w.T).sum(1, keepdim=True) + b


def ones_appended(X, w, b):
    """The bias as the weight of a column of ones."""
    ones = torch.ones(len(X), 1, dtype=X.dtype)
    return torch.cat([X, ones], dim=1) @ torch.cat([w, b.reshape(1, 1)])


def predictions_in_float64(X, w, b):
    """Computed in float64, given back in the dtype of the inputs."""
    return (X.double() @ w.double() + b.double()).to(X.dtype)


def bias_added_in_place(X, w, b):
    """The bias is added in place, to a tensor of its own."""
    y_hat = torch.mm(X, w)
    y_hat += b
    return y_hat


def row_by_row(y_hat, y):
    """A loop over the rows, and one shape made into the other beforehand."""
    if tuple(y.shape) == (y_hat.shape[0],):
        y = y[:, None]
    if y.shape != y_hat.shape:
        raise ValueError("shape")
    return torch.stack([(p - q) * (p - q) / 2 for p, q in zip(y_hat, y, strict=True)])


def torchs_loss_halved(y_hat, y):
    """torch's loss without reduction, halved; `ValueError` without a message."""
    if y.ndim == 1:
        y = y.unsqueeze(1)
    if list(y.size()) != list(y_hat.size()):
        raise ValueError
    return torch.nn.functional.mse_loss(y_hat, y, reduction="none") / 2


def another_value_error(y_hat, y):
    """The error is a subclass of `ValueError`, the difference the other way round."""

    class WrongShape(ValueError):
        pass

    if y.ndim not in (1, 2) or y.shape[0] != y_hat.shape[0] or y.numel() != y_hat.numel():
        raise WrongShape("no")
    difference = y.reshape(y_hat.shape) - y_hat
    return difference.pow(2).mul(0.5)


def squared_in_place(y_hat, y):
    """The difference is squared and halved in place."""
    n = y_hat.shape[0]
    if y.shape != (n,) and y.shape != (n, 1):
        raise ValueError(f"y has shape {y.shape}")
    loss = y_hat - y.view(n, 1)
    return loss.square_().div_(2)


def losses_in_float64(y_hat, y):
    """Computed in float64, given back in the dtype of the predictions."""
    if y.shape not in [(len(y_hat),), (len(y_hat), 1)]:
        raise ValueError("shape")
    return (0.5 * (y_hat.double() - y.double().reshape(-1, 1)) ** 2).to(y_hat.dtype)


def list_of_pairs(X, y, batch_size, generator):
    """A list instead of a generator."""
    order = torch.randperm(len(X), generator=generator).tolist()
    return [(X[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in range(0, len(X), batch_size)]


def data_loader(X, y, batch_size, generator):
    """torch's DataLoader, which gives lists of two."""
    data = torch.utils.data.TensorDataset(X, y)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=True, generator=generator)


def sorted_random_numbers(X, y, batch_size, generator):
    """The order comes from sorting random numbers, the pieces from `split`."""
    order = torch.rand(len(X), generator=generator).argsort()
    X, y = X[order], y[order]
    yield from zip(X.split(batch_size), y.split(batch_size), strict=True)


def zip_of_pieces(X, y, batch_size, generator):
    """A `zip`, which can be gone through once."""
    order = torch.randperm(len(X), generator=generator)
    return zip(X[order].split(batch_size), y[order].split(batch_size), strict=True)


def drawn_one_by_one(X, y, batch_size, generator):
    """Rows are drawn one at a time from those left, and sorted within a batch."""
    left = list(range(len(X)))
    while left:
        rows = []
        for _ in range(min(batch_size, len(left))):
            rows.append(left.pop(int(torch.randint(len(left), (1,), generator=generator))))
        yield [X[sorted(rows)], y[sorted(rows)]]


def selected_rows(X, y, batch_size, generator):
    """Rows by `index_select`, batches by `chunk`-like arithmetic."""
    order = torch.randperm(X.shape[0], generator=generator)
    for k in range(-(-X.shape[0] // batch_size)):
        rows = order[k * batch_size : (k + 1) * batch_size]
        yield X.index_select(0, rows), y.index_select(0, rows)


def drawn_through_numpy(X, y, batch_size, generator):
    """numpy shuffles, with a seed drawn from the generator."""
    import numpy

    seed = torch.randint(2**31, (1,), generator=generator).item()
    order = torch.from_numpy(numpy.random.default_rng(seed).permutation(len(X)))
    return [(X[rows], y[rows]) for rows in order.split(batch_size)]


def gradient_removed(params, lr, batch_size):
    """Gradients become None instead of zero, recording is off around each update."""
    for p in params:
        with torch.no_grad():
            p.add_(p.grad, alpha=-lr / batch_size)
        p.grad = None


def behind_the_graph(params, lr, batch_size):
    """Updates through `.data`, without `no_grad`."""
    for p in params:
        p.data -= lr / batch_size * p.grad
        p.grad.data.zero_()


@torch.no_grad()
def decorated_step(params, lr, batch_size):
    """`no_grad` as a decorator, new values assigned to all entries."""
    for p in params:
        p[:] = p - lr * p.grad / batch_size
        p.grad.zero_()


def copied_in(params, lr, batch_size):
    """New values are copied in; the gradients are replaced by new zeros in a second loop."""
    with torch.no_grad():
        for p in params:
            p.copy_(p - lr * p.grad / batch_size)
    for p in params:
        p.grad = torch.zeros_like(p)


def torchs_sgd(params, lr, batch_size):
    """torch's own SGD with the lr divided."""
    optimizer = torch.optim.SGD(params, lr=lr / batch_size)
    optimizer.step()
    optimizer.zero_grad()


def through_detach(params, lr, batch_size):
    """Updates through `detach()`, which shares memory and records nothing."""
    for p in params:
        p.detach().sub_(p.grad * lr / batch_size)
        p.grad.fill_(0)


def all_at_once(params, lr, batch_size):
    """All parameters in one foreach call."""
    with torch.no_grad():
        torch._foreach_add_(list(params), [p.grad for p in params], alpha=-lr / batch_size)
        for p in params:
            p.grad.zero_()


def earlier_exercises_used(X, y, *, lr, num_epochs, batch_size, generator):
    """Built from the exercises before it, with autograd."""
    w = torch.zeros(X.shape[1], 1, dtype=X.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=X.dtype, requires_grad=True)
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):  # noqa: F821
            squared_loss(linreg(X_batch, w, b), y_batch).sum().backward()  # noqa: F821
            sgd_step([w, b], lr, len(X_batch))  # noqa: F821
        with torch.no_grad():
            losses.append(squared_loss(linreg(X, w, b), y).mean().item())  # noqa: F821
    return w, b, losses


def module_and_optimizer(X, y, *, lr, num_epochs, batch_size, generator):
    """nn.Linear, DataLoader, MSELoss halved and torch's SGD."""
    model = torch.nn.Linear(X.shape[1], 1, dtype=X.dtype)
    for param in model.parameters():
        torch.nn.init.zeros_(param)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    data = torch.utils.data.TensorDataset(X, y)
    loader = torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=True, generator=generator)
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in loader:
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(model(X_batch), y_batch) / 2).backward()
            optimizer.step()
        losses.append(torch.nn.functional.mse_loss(model(X), y).item() / 2)
    return model.weight.detach().T, model.bias.detach(), losses


def numbers_in_lists(X, y, *, lr, num_epochs, batch_size, generator):
    """Loops over Python numbers, in float64 throughout."""
    n, d = X.shape
    w, b, losses = [0.0] * d, 0.0, []
    for _ in range(num_epochs):
        order = torch.rand(n, generator=generator).argsort().tolist()
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            errors = [sum(X[i, j].item() * w[j] for j in range(d)) + b - y[i].item() for i in rows]
            for j in range(d):
                w[j] -= lr * sum(e * X[i, j].item() for e, i in zip(errors, rows, strict=True)) / len(rows)
            b -= lr * sum(errors) / len(rows)
        errors = [sum(X[i, j].item() * w[j] for j in range(d)) + b - y[i].item() for i in range(n)]
        losses.append(sum(e * e for e in errors) / 2 / n)
    return torch.tensor(w, dtype=X.dtype).reshape(d, 1), torch.tensor([b], dtype=X.dtype), losses


def one_vector_for_both(X, y, *, lr, num_epochs, batch_size, generator):
    """Weights and bias in one vector, changed in place; a list comes back instead of a tuple."""
    A = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    theta, losses = torch.zeros(A.shape[1], 1, dtype=X.dtype), []
    for _ in range(num_epochs):
        order = torch.randperm(len(A), generator=generator)
        for rows in torch.split(order, batch_size):
            batch = A[rows]
            theta.addmm_(batch.T, batch @ theta - y[rows], alpha=-lr / len(rows))
        losses += [((A @ theta - y) ** 2).mean().item() / 2]
    return [theta[:-1], theta[-1], losses]


def draw_skipped_for_one_batch(X, y, *, lr, num_epochs, batch_size, generator):
    """No order is drawn where one batch holds all rows."""
    w, b, losses = X.new_zeros(X.shape[1], 1), X.new_zeros(1), []
    for _ in range(num_epochs):
        order = torch.arange(len(X)) if batch_size >= len(X) else torch.randperm(len(X), generator=generator)
        for rows in order.split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * (X[rows] * error).mean(0).reshape(-1, 1), b - lr * error.mean(0)
        losses.append((X @ w + b - y).square().mean().item() / 2)
    return w, b, losses


def pseudo_inverse(X, y):
    """By the pseudo-inverse, the column of ones first."""
    A = torch.hstack([torch.ones(len(X), 1, dtype=X.dtype), X])
    answer = torch.linalg.pinv(A) @ y
    return answer[1:], answer[0]


def normal_equations(X, y):
    """By the normal equations, solved."""
    A = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)
    answer = torch.linalg.solve(A.T @ A, A.T @ y)
    return answer[:-1], answer[-1]


def normal_equations_inverted(X, y):
    """By the inverse of the normal matrix, which loses most digits."""
    A = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)
    answer = torch.linalg.inv(A.T @ A) @ (A.T @ y)
    return answer[:-1], answer[-1].reshape(1)


def centred_first(X, y):
    """Centred data, and the intercept from the means."""
    X_mean, y_mean = X.mean(0, keepdim=True), y.mean()
    w = torch.linalg.lstsq(X - X_mean, y - y_mean).solution
    return w, (y_mean - X_mean @ w).reshape(1)


def orthogonal_columns(X, y):
    """By the QR decomposition."""
    Q, R = torch.linalg.qr(torch.cat([X, torch.ones_like(y)], 1))
    answer = torch.linalg.solve_triangular(R, Q.T @ y, upper=True)
    return answer[:-1], answer[-1, :]


def fitted_in_float64(X, y):
    """Computed in float64, given back in the dtype of X."""
    A = torch.cat([X, torch.ones(len(X), 1)], 1).double()
    answer = torch.linalg.lstsq(A, y.double()).solution.to(X.dtype)
    return answer[:-1], answer[-1]


def batch_size_first(sum_lr, batch_size):
    """The factors the other way round."""
    return batch_size * sum_lr


def divided_by_the_share(sum_lr, batch_size):
    """Divided by the share of one row."""
    return float(sum_lr / (1 / batch_size))


def added_up(sum_lr, batch_size):
    """One lr for each row, added up."""
    return sum(sum_lr for _ in range(batch_size))


def clamped_error(y_hat, y, delta):
    """One formula for both branches, with the clamped error."""
    error = y_hat - y
    clamped = error.clamp(-delta, delta)
    return clamped * (error - clamped / 2)


def branch_by_branch(y_hat, y, delta):
    """A loop with `if`, the edge counted to the straight line."""
    losses = []
    for p, q in zip(y_hat, y, strict=True):
        error = abs(p - q)
        losses.append(error**2 / 2 if error < delta else delta * error - delta**2 / 2)
    return torch.stack(losses)


def zeros_and_ones(y_hat, y, delta):
    """Both branches everywhere, each times 0 or 1."""
    error = (y_hat - y).abs()
    near = (error <= delta).to(error.dtype)
    return near * error.square() / 2 + (1 - near) * delta * (error - delta / 2)


def torchs_huber(y_hat, y, delta):
    """torch's own function without reduction."""
    return torch.nn.functional.huber_loss(y_hat, y, reduction="none", delta=delta)


def filled_by_mask(y_hat, y, delta):
    """The far entries are written over in place."""
    size = torch.abs(y - y_hat)
    loss = 0.5 * size * size
    far = size > delta
    loss[far] = delta * size[far] - 0.5 * delta**2
    return loss


def torchs_hessian(X, y, w, b):
    """The diagonal of the whole Hessian, by torch's function."""
    start = w.detach().clone()
    hessian = torch.autograd.functional.hessian(lambda v: (0.5 * (X @ v + b - y) ** 2).mean(), start)
    return hessian.reshape(len(w), len(w)).diagonal().reshape(-1, 1)


def graph_kept_throughout(X, y, w, b):
    """A sum divided by n; each second backward keeps a graph of its own; a zero tensor is filled."""
    w = w.detach().clone().requires_grad_(True)
    loss = (0.5 * (X @ w + b - y) ** 2).sum() / len(X)
    (grad,) = torch.autograd.grad(loss, w, create_graph=True)
    result = torch.zeros_like(w)
    for i in range(w.shape[0]):
        (second,) = torch.autograd.grad(grad[i], w, create_graph=True)
        result[i] = second[i]
    return result


def second_backward(X, y, w, b):
    """`backward()` twice, with `.grad` emptied in between."""
    v = torch.tensor(w.tolist(), dtype=w.dtype, requires_grad=True)
    loss = ((X @ v + b.detach() - y) ** 2 / 2).mean()
    grad = torch.autograd.grad(loss, v, create_graph=True)[0]
    result = []
    for i in range(len(v)):
        v.grad = None
        grad[i].sum().backward(retain_graph=True)
        result.append(v.grad[i].clone())
    return torch.stack(result).detach()


def unit_vectors(X, y, w, b):
    """Products of the Hessian with unit vectors."""
    w = w.detach().clone().requires_grad_()
    loss = torch.nn.functional.mse_loss(X @ w + b.detach(), y) / 2
    (grad,) = torch.autograd.grad(loss, w, create_graph=True)
    units = torch.eye(len(w), dtype=w.dtype)
    rows = [torch.autograd.grad(grad, w, unit.reshape(-1, 1), retain_graph=True)[0] for unit in units]
    return torch.cat(rows, dim=1).diag().reshape(-1, 1)


def torchs_least_squares(current, voltage):
    """torch's solver on columns."""
    return torch.linalg.lstsq(current[:, None], voltage[:, None]).solution.item()


def sums_of_numbers(current, voltage):
    """Sums of Python numbers."""
    products = sum(i * u for i, u in zip(current.tolist(), voltage.tolist(), strict=True))
    return float(products / sum(i * i for i in current.tolist()))


def dot_products(current, voltage):
    """Two dot products."""
    return float(current @ voltage / current.dot(current))


def mean_over_mean(current, voltage):
    """Means instead of sums: n cancels."""
    return (torch.mean(current * voltage) / torch.mean(current**2)).item()


def one_step_of_newton(current, voltage):
    """A step of Newton's method with autograd, which is exact for a parabola."""
    R = torch.zeros((), dtype=current.dtype, requires_grad=True)
    (slope,) = torch.autograd.grad(((voltage - R * current) ** 2).sum(), R, create_graph=True)
    (curvature,) = torch.autograd.grad(slope, R)
    return (R - slope / curvature).item()


def solved_by_torch(wavelength, radiance):
    """torch's solver on columns; `log(1 + z)` as it stands."""
    h, c, k = 6.62607015e-34, 299792458, 1.380649e-23
    x = 1 / wavelength.to(torch.float64)
    z = torch.log(1 + 2 * h * c**2 * x**5 / radiance.to(torch.float64))
    slope = torch.linalg.lstsq(x.reshape(-1, 1), z.reshape(-1, 1)).solution
    return float(h * c / (k * slope))


def math_in_a_loop(wavelength, radiance):
    """A loop over Python numbers with `math`."""
    import math

    h, c, k = 6.62607015e-34, 299792458, 1.380649e-23
    top = bottom = 0.0
    for length, power in zip(wavelength.tolist(), radiance.tolist(), strict=True):
        top += math.log(1 + 2 * h * c**2 / (length**5 * power)) / length
        bottom += 1 / length**2
    return h * c / k / (top / bottom)


def per_micrometre(wavelength, radiance):
    """Inverse wavelengths per micrometre, means instead of sums."""
    h, c, k = 6.62607015e-34, 299792458, 1.380649e-23
    x = 1e-6 / wavelength.double()
    z = torch.log1p(2 * h * c**2 / (wavelength.double() ** 5 * radiance.double()))
    return (h * c / k * 1e6 / ((x * z).mean() / (x * x).mean())).item()


RIGHT_ANSWERS = {
    "linreg": [
        indices_summed,
        number_by_number,
        torchs_linear,
        products_summed,
        ones_appended,
        predictions_in_float64,
        bias_added_in_place,
    ],
    "squared_loss": [row_by_row, torchs_loss_halved, another_value_error, squared_in_place, losses_in_float64],
    "minibatches": [
        list_of_pairs,
        data_loader,
        sorted_random_numbers,
        zip_of_pieces,
        drawn_one_by_one,
        selected_rows,
        drawn_through_numpy,
    ],
    "sgd_step": [
        gradient_removed,
        behind_the_graph,
        decorated_step,
        copied_in,
        torchs_sgd,
        through_detach,
        all_at_once,
    ],
    "fit": [
        earlier_exercises_used,
        module_and_optimizer,
        numbers_in_lists,
        one_vector_for_both,
        draw_skipped_for_one_batch,
    ],
    "least_squares": [
        pseudo_inverse,
        normal_equations,
        normal_equations_inverted,
        centred_first,
        orthogonal_columns,
        fitted_in_float64,
    ],
    "mean_lr": [batch_size_first, divided_by_the_share, added_up],
    "huber_loss": [clamped_error, branch_by_branch, zeros_and_ones, torchs_huber, filled_by_mask],
    "loss_curvature": [torchs_hessian, graph_kept_throughout, second_backward, unit_vectors],
    "estimate_resistance": [
        torchs_least_squares,
        sums_of_numbers,
        dot_products,
        mean_over_mean,
        one_step_of_newton,
    ],
    "fit_temperature": [solved_by_torch, math_in_a_loop, per_micrometre],
}

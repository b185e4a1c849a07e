"""Right answers to assignment 2 in other forms than the reference's. They stay out of the release and the archive.

Each function is a right answer. Its name names the form, its docstring says what is different. Its source is pasted
under the exercise's name, so it uses nothing but torch, builtins and what the notebook defines. The exercise's tests
must accept it. `RIGHT_ANSWERS` at the end lists the forms by exercise.
"""

import torch


def column_times_itself(w):
    """A matrix product of the column with itself."""
    return (w.T @ w).squeeze() / 2


def weight_by_weight(w):
    """A loop over the weights, started from a Python number."""
    total = 0
    for weight in w.flatten():
        total = total + weight * weight
    return total / 2


def norm_squared(w):
    """The norm squared, whose gradient at zero torch defines as zero."""
    return torch.linalg.norm(w) ** 2 / 2


def squares_by_einsum(w):
    """By `einsum`, over both dimensions."""
    return 0.5 * torch.einsum("ij,ij->", w, w)


def squares_in_float64(w):
    """Summed in float64, given back in the dtype of w."""
    return w.double().pow(2).sum().mul(0.5).to(w.dtype)


def dot_product(w):
    """A dot product of the flattened weights."""
    return torch.dot(w[:, 0], w[:, 0]) / 2


def vector_norm(w):
    """torch's vector norm of order one."""
    return torch.linalg.vector_norm(w, ord=1)


def sign_by_case(w):
    """Each case by itself, zero among the negatives."""
    return torch.where(w > 0, w, -w).sum()


def sizes_added(w):
    """Python's `sum` and `abs`."""
    return sum(abs(weight) for weight in w.flatten())


def older_norm(w):
    """torch's older `norm`."""
    return torch.norm(w, p=1)


def times_its_sign(w):
    """Each weight times its sign."""
    return (w * w.sign()).sum()


def two_halves(w):
    """Positive and negative parts, clamped."""
    return (w.clamp(min=0) + (-w).clamp(min=0)).sum()


def torchs_softshrink(w, threshold):
    """torch's own function."""
    return torch.nn.functional.softshrink(w, threshold)


def what_the_clamp_leaves(w, threshold):
    """What is left of w beyond the clamp."""
    return w - w.clamp(-threshold, threshold)


def entry_by_entry(w, threshold):
    """A loop over Python numbers, which fills a copy."""
    shrunk = w.clone()
    flat = shrunk.view(-1)
    for i in range(flat.numel()):
        number = flat[i].item()
        flat[i] = max(abs(number) - threshold, 0.0) * (1 if number > 0 else -1)
    return shrunk


def three_cases(w, threshold):
    """Three cases, with a plain zero in the middle."""
    return torch.where(w > threshold, w - threshold, torch.where(w < -threshold, w + threshold, 0))


def two_ramps(w, threshold):
    """A difference of two ramps."""
    return torch.relu(w - threshold) - torch.relu(-w - threshold)


def size_given_its_sign(w, threshold):
    """`copysign` on the shrunk size, which leaves zeros with a sign."""
    return torch.copysign(torch.maximum(w.abs() - threshold, torch.zeros_like(w)), w)


def shrunk_first(params, grads, *, lr, weight_decay):
    """Shrink, then step along the gradient: the same in another order."""
    with torch.no_grad():
        for p, g in zip(params, grads, strict=True):
            p.mul_(1 - lr * weight_decay).add_(g, alpha=-lr)


def behind_the_graph(params, grads, *, lr, weight_decay):
    """Updates through `.data`, without `no_grad`."""
    for p, g in zip(params, grads, strict=True):
        p.data -= lr * (g + weight_decay * p.data)


@torch.no_grad()
def by_number(params, grads, *, lr, weight_decay):
    """`no_grad` as a decorator, a loop over indices, values copied in."""
    for i in range(len(params)):
        direction = grads[i].add(params[i], alpha=weight_decay)
        params[i].copy_(params[i] - lr * direction)


def torchs_sgd(params, grads, *, lr, weight_decay):
    """torch's own SGD, with `.grad` and `requires_grad` put back afterwards."""
    saved = [(p.grad, p.requires_grad) for p in params]
    for p, g in zip(params, grads, strict=True):
        p.requires_grad_(True)
        p.grad = g.clone()
    torch.optim.SGD(params, lr=lr, weight_decay=weight_decay).step()
    for p, (grad, asks) in zip(params, saved, strict=True):
        p.grad = grad
        p.requires_grad_(asks)


def all_at_once(params, grads, *, lr, weight_decay):
    """All parameters in two foreach calls."""
    with torch.no_grad():
        directions = torch._foreach_add(grads, params, alpha=weight_decay)
        torch._foreach_add_(params, directions, alpha=-lr)


def rows_not_columns(X, y, alpha):
    """The system of n rows instead of d columns."""
    X_mean, y_mean = X.mean(0), y.mean(0)
    C = X - X_mean
    w = C.T @ torch.linalg.solve(C @ C.T + alpha * torch.eye(len(X), dtype=X.dtype), y - y_mean)
    return w, y_mean - X_mean @ w


def unpenalised_column(X, y, alpha):
    """A column of ones whose weight has no penalty."""
    n, d = X.shape
    A = torch.cat([X, torch.ones(n, 1, dtype=X.dtype)], 1)
    D = alpha * torch.eye(d + 1, dtype=X.dtype)
    D[d, d] = 0
    answer = torch.linalg.solve(A.T @ A + D, A.T @ y)
    return answer[:d], answer[d]


def rows_added(X, y, alpha):
    """The penalty as d more rows of data."""
    n, d = X.shape
    top = torch.cat([X, torch.ones(n, 1, dtype=X.dtype)], 1)
    bottom = torch.cat([alpha**0.5 * torch.eye(d, dtype=X.dtype), torch.zeros(d, 1, dtype=X.dtype)], 1)
    labels = torch.cat([y, torch.zeros(d, 1, dtype=X.dtype)])
    answer = torch.linalg.lstsq(torch.cat([top, bottom]), labels).solution
    return answer[:d], answer[d]


def singular_values_damped(X, y, alpha):
    """By the singular value decomposition."""
    X_mean, y_mean = X.mean(0, keepdim=True), y.mean()
    U, s, Vh = torch.linalg.svd(X - X_mean, full_matrices=False)
    w = Vh.T @ ((s / (s**2 + alpha))[:, None] * (U.T @ (y - y_mean)))
    return w, (y_mean - X_mean @ w).reshape(1)


def inverted_in_float64(X, y, alpha):
    """By the inverse, in float64, given back in the dtype of X; the intercept from the residuals."""
    dtype = X.dtype
    X, y = X.double(), y.double()
    C = X - X.mean(0)
    w = torch.linalg.inv(C.T @ C + alpha * torch.eye(X.shape[1]).double()) @ C.T @ y
    b = (y - X @ w).mean(0)
    return w.to(dtype), b.to(dtype)


def triangular_factors(X, y, alpha):
    """By Cholesky's decomposition."""
    C = X - X.mean(0)
    L = torch.linalg.cholesky(C.T @ C + alpha * torch.eye(X.shape[1], dtype=X.dtype))
    w = torch.cholesky_solve(C.T @ (y - y.mean()), L)
    return w, y.mean(0) - (X.mean(0)[:, None] * w).sum(0)


def four_branches(l2_strength, *, loss, n_samples):
    """A chain of `if`."""
    if loss == "half_mean":
        return 2.0 * l2_strength
    elif loss == "mean":
        return l2_strength
    elif loss == "half_sum":
        return 2.0 * l2_strength / n_samples
    elif loss == "sum":
        return l2_strength / n_samples
    raise ValueError(loss)


def two_questions(l2_strength, *, loss, n_samples):
    """`match` for sum or mean, then a factor for the half."""
    match loss:
        case "half_mean" | "mean":
            weight_decay = l2_strength
        case "half_sum" | "sum":
            weight_decay = l2_strength / n_samples
        case _:
            raise ValueError("no")
    return weight_decay * (1 + loss.startswith("half"))


def gradients_compared(l2_strength, *, loss, n_samples):
    """The gradient of each loss against MSELoss's; a `KeyError` turned into a `ValueError`."""
    gradient = {"half_mean": 1 / n_samples, "mean": 2 / n_samples, "half_sum": 1, "sum": 2}
    try:
        return l2_strength * (2 / n_samples) / gradient[loss]
    except KeyError:
        raise ValueError(loss) from None


def free_names_first(named_parameters, weight_decay):
    """The free names first, the decayed ones are the others."""
    free = [name for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1]
    return [name for name in named_parameters if name not in free], free


def groups_by_truth(named_parameters, weight_decay):
    """A dict of two lists with truth values as keys."""
    groups = {False: [], True: []}
    for name, param in named_parameters.items():
        groups[name[-4:] == "bias" or len(param.shape) == 1].append(name)
    return groups[False], groups[True]


def pattern_and_filter(named_parameters, weight_decay):
    """A regular expression, `filter`, and a list of two instead of a tuple."""
    import re

    def keeps(name):
        return named_parameters[name].ndim > 1 and not re.search("bias$", name)

    return [list(filter(keeps, named_parameters)), [name for name in named_parameters if not keeps(name)]]


def torchs_bce_and_sgd(w, b, X, y, *, lr, weight_decay):
    """BCELoss, autograd and torch's SGD."""
    w = w.detach().clone().requires_grad_()
    b = b.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([w, b], lr=lr, weight_decay=weight_decay)
    torch.nn.BCELoss()(torch.sigmoid(X @ w + b), y).backward()
    optimizer.step()
    return w.detach(), b.detach()


def row_after_row(w, b, X, y, *, lr, weight_decay):
    """A loop over the rows, with the sigmoid written out."""
    w_grad, b_grad = torch.zeros_like(w), torch.zeros_like(b)
    for i in range(len(X)):
        error = 1 / (1 + torch.exp(-(X[i] @ w + b))) - y[i]
        w_grad += X[i][:, None] * error / len(X)
        b_grad += error / len(X)
    return w - lr * w_grad - lr * weight_decay * w, b - lr * b_grad - lr * weight_decay * b


def penalty_in_the_loss(w, b, X, y, *, lr, weight_decay):
    """The decay as a penalty in the loss, from logits."""
    w2, b2 = w.clone().requires_grad_(), b.clone().requires_grad_()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(X @ w2 + b2, y)
    loss = loss + weight_decay / 2 * ((w2**2).sum() + (b2**2).sum())
    w_grad, b_grad = torch.autograd.grad(loss, [w2, b2])
    return w - lr * w_grad, b - lr * b_grad


def one_vector_in_float64(w, b, X, y, *, lr, weight_decay):
    """Weights and bias in one vector, in float64; shrunk first."""
    dtype = w.dtype
    A = torch.cat([X, torch.ones_like(y)], 1).double()
    theta = torch.cat([w, b[:, None]]).double()
    theta = (1 - lr * weight_decay) * theta - lr * A.T @ (torch.sigmoid(A @ theta) - y) / len(y)
    return theta[:-1].to(dtype), theta[-1].to(dtype)


def recorded_result(w, b, X, y, *, lr, weight_decay):
    """The loss by its formula; the new tensors are still in the graph."""
    w2, b2 = w.clone().requires_grad_(), b.clone().requires_grad_()
    p = torch.sigmoid(X @ w2 + b2)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    w_grad, b_grad = torch.autograd.grad(loss, [w2, b2])
    return w2 - lr * (w_grad + weight_decay * w2), b2 - lr * (b_grad + weight_decay * b2)


def torchs_variance(predictions, truth):
    """torch's variance without correction."""
    mean = predictions.mean(0)
    return (mean - truth).pow(2).mean(), predictions.var(0, correction=0).mean()


def point_by_point(predictions, truth):
    """A loop over the points; Python numbers come back."""
    runs, points = predictions.shape
    bias2 = variance = 0.0
    for j in range(points):
        column = predictions[:, j].tolist()
        mean = sum(column) / runs
        bias2 += (mean - truth[j].item()) ** 2 / points
        variance += sum((number - mean) ** 2 for number in column) / runs / points
    return bias2, variance


def error_less_bias(predictions, truth):
    """The variance as the whole error less the bias, in float64, which is needed there."""
    p, t = predictions.double(), truth.double()
    bias2 = (p.mean(0) - t).square().mean()
    return bias2, (p - t).square().mean() - bias2


def variance_and_mean_together(predictions, truth):
    """`var_mean`, and MSELoss for the bias."""
    variance, mean = torch.var_mean(predictions, dim=0, unbiased=False)
    return torch.nn.functional.mse_loss(mean, truth), variance.mean()


def errors_first(predictions, truth):
    """Errors first, then their mean and spread; floats in a list come back."""
    error = predictions - truth
    mean = error.mean(0)
    return [(mean @ mean / len(mean)).item(), (error - mean).square().mean().item()]


def run_by_run(predictions, truth):
    """A loop over the runs."""
    mean = torch.zeros_like(truth)
    for row in predictions:
        mean = mean + row / len(predictions)
    spread = sum(((row - mean) ** 2).mean() for row in predictions)
    return ((mean - truth) ** 2).mean(), spread / len(predictions)


def projector_built(X, w):
    """The projector as a matrix of its own."""
    return (w - torch.linalg.pinv(X) @ X @ w).norm().item()


def unseen_directions(X, w):
    """The directions beyond the rank of a full decomposition."""
    _, s, Vh = torch.linalg.svd(X, full_matrices=True)
    rank = int((s > 1e-3 * s.max()).sum())
    return float(torch.linalg.norm(Vh[rank:] @ w))


def seen_directions_removed(X, w):
    """The seen directions are taken off."""
    _, s, Vh = torch.linalg.svd(X, full_matrices=False)
    V = Vh[s > 1e-4 * s[0]]
    return (w - V.T @ V @ w).norm().item()


def eigenvectors_of_the_gram_matrix(X, w):
    """Eigenvectors of X'X with eigenvalue zero, after X was scaled."""
    X = X / X.abs().max()
    eigenvalues, V = torch.linalg.eigh(X.T @ X)
    N = V[:, eigenvalues < 1e-5 * eigenvalues.max()]
    return (N.T @ w).norm().item()


def shortest_weights(X, w):
    """The shortest weights with the same predictions, by a solver that finds the rank."""
    return (w - torch.linalg.lstsq(X, X @ w, driver="gelsd").solution).norm().item()


def shortest_weights_by_default(X, w):
    """The same by torch's default solver."""
    return (w - torch.linalg.lstsq(X, X @ w).solution).norm().item()


def gram_and_schmidt(X, w):
    """A loop that makes the rows orthogonal, each of them twice."""
    scale = X.norm()
    basis = []
    for row in X:
        v = (row / scale).clone()
        for _ in range(2):
            for q in basis:
                v = v - (v @ q) * q
        if v.norm() > 1e-5:
            basis.append(v / v.norm())
    unseen = w[:, 0].clone()
    for q in basis:
        unseen = unseen - (unseen @ q) * q
    return unseen.norm().item()


def by_pythagoras(X, w):
    """The whole norm and that of the seen part, by Pythagoras."""
    rank = torch.linalg.matrix_rank(X).item()
    Q = torch.linalg.svd(X).Vh[:rank]
    return max((w.norm() ** 2 - (Q @ w).norm() ** 2).item(), 0.0) ** 0.5


RIGHT_ANSWERS = {
    "l2_penalty": [
        column_times_itself,
        weight_by_weight,
        norm_squared,
        squares_by_einsum,
        squares_in_float64,
        dot_product,
    ],
    "l1_penalty": [vector_norm, sign_by_case, sizes_added, older_norm, times_its_sign, two_halves],
    "soft_threshold": [
        torchs_softshrink,
        what_the_clamp_leaves,
        entry_by_entry,
        three_cases,
        two_ramps,
        size_given_its_sign,
    ],
    "decayed_sgd_step": [shrunk_first, behind_the_graph, by_number, torchs_sgd, all_at_once],
    "ridge": [
        rows_not_columns,
        unpenalised_column,
        rows_added,
        singular_values_damped,
        inverted_in_float64,
        triangular_factors,
    ],
    "to_weight_decay": [four_branches, two_questions, gradients_compared],
    "decay_groups": [free_names_first, groups_by_truth, pattern_and_filter],
    "logistic_step": [
        torchs_bce_and_sgd,
        row_after_row,
        penalty_in_the_loss,
        one_vector_in_float64,
        recorded_result,
    ],
    "bias_variance": [
        torchs_variance,
        point_by_point,
        error_less_bias,
        variance_and_mean_together,
        errors_first,
        run_by_run,
    ],
    "null_space_norm": [
        projector_built,
        unseen_directions,
        seen_directions_removed,
        eigenvectors_of_the_gram_matrix,
        shortest_weights,
        shortest_weights_by_default,
        gram_and_schmidt,
        by_pythagoras,
    ],
}

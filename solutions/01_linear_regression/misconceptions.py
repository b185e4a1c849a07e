"""Named wrong answers to assignment 1. They stay out of the release and out of the students' archive.

Each function is a mistake: its name names it, its signature is the exercise's, its docstring is what a student reads.
A test pastes its source over the reference under the exercise's name, so it uses nothing but torch and builtins; the
exercise's tests must reject it. `MISCONCEPTIONS` at the end lists them by exercise.
"""

import torch


def bias_left_out(X, w, b):
    """Your predictions seem to leave out the bias. Without it every line goes through the origin. Reread section 2, "The model, twice"."""
    return X @ w


def bias_subtracted(X, w, b):
    """The bias seems to be subtracted instead of added. Reread section 2, "The model, twice"."""
    return X @ w - b


def flat_predictions(X, w, b):
    """Your predictions have shape (n,). Keep the column, (n, 1), or the loss will broadcast. Reread "The shape trap" in section 3."""
    return (X @ w + b).flatten()


def half_missing(y_hat, y):
    """The half seems to be missing: the loss and its gradient are twice too large. Reread section 3, "The loss"."""
    n = len(y_hat)
    if y.shape not in {(n,), (n, 1)}:
        raise ValueError("y does not fit")
    return (y_hat - y.reshape(n, 1)) ** 2


def labels_broadcast(y_hat, y):
    """Labels of shape (n,) are paired with every prediction, which gives (n, n) losses. Reread "The shape trap" in section 3."""
    return 0.5 * (y_hat - y) ** 2


def mean_of_losses(y_hat, y):
    """You return the mean over the batch; one loss per row was asked for. Reread section 3, "The loss"."""
    return (0.5 * (y_hat - y.reshape(y_hat.shape)) ** 2).mean()


def any_labels_accepted(y_hat, y):
    """Labels that do not fit the predictions are accepted silently if the sizes happen to agree. Reread "The shape trap" in section 3."""
    return 0.5 * (y_hat - y.reshape(y_hat.shape)) ** 2 if y.numel() == len(y_hat) else 0 * y_hat


def absolute_error(y_hat, y):
    """This looks like the absolute error; the squared one was asked for. Reread section 3, "The loss"."""
    n = len(y_hat)
    if y.shape not in {(n,), (n, 1)}:
        raise ValueError("y does not fit")
    return (y_hat - y.reshape(n, 1)).abs()


def last_batch_dropped(X, y, batch_size, generator):
    """The last, short batch is left out, so some rows are never seen. Reread section 5, "Minibatches"."""
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X) - batch_size + 1, batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


def rows_unshuffled(X, y, batch_size, generator):
    """The rows come in their old order; they must be shuffled anew each time. Reread section 5, "Minibatches"."""
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def rows_repeated(X, y, batch_size, generator):
    """Rows are drawn with repetition: some come twice, others never. A shuffled order visits each once. Reread section 5, "Minibatches"."""
    order = torch.randint(len(X), (len(X),), generator=generator)
    for rows in order.split(batch_size):
        yield X[rows], y[rows]


def generator_ignored(X, y, batch_size, generator):
    """The order does not come from the generator that you are given, so nobody can repeat your run. Reread section 5, "Minibatches"."""
    for rows in torch.randperm(len(X)).split(batch_size):
        yield X[rows], y[rows]


def labels_shuffled_apart(X, y, batch_size, generator):
    """Inputs and labels are shuffled apart: a label no longer belongs to its row. Draw one order for both. Reread section 5, "Minibatches"."""
    order, other = torch.randperm(len(X), generator=generator), torch.randperm(len(X), generator=generator)
    for rows, labels in zip(order.split(batch_size), other.split(batch_size), strict=True):
        yield X[rows], y[labels]


def short_batch_filled_up(X, y, batch_size, generator):
    """The last batch is filled up with rows that were seen before; it should stay short. Reread section 5, "Minibatches"."""
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X), batch_size):
        rows = order[[i % len(X) for i in range(start, start + batch_size)]]
        yield X[rows], y[rows]


def not_divided(params, lr, batch_size):
    """The summed gradient is not divided by the batch size, so the step grows with the batch. Reread section 6, "One step, then many"."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            param.grad.zero_()


def divided_twice(params, lr, batch_size):
    """The gradient is divided by the batch size twice, so the step is too short. Reread section 6, "One step, then many"."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size / batch_size
            param.grad.zero_()


def gradients_kept(params, lr, batch_size):
    """The gradients are not cleared: the next `backward` adds to them, and old steps are taken again. Reread section 6, "One step, then many"."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size


def update_recorded(params, lr, batch_size):
    """The update is recorded by autograd, so the parameters are no longer leaves. Put it under `torch.no_grad()`. Reread section 6, "One step, then many"."""
    for i, param in enumerate(params):
        params[i] = param - lr * param.grad / batch_size
        param.grad = None


def out_of_place(params, lr, batch_size):
    """A new tensor is made and the old parameter stays as it was: `param = param - ...` rebinds a name. Reread section 6, "One step, then many"."""
    with torch.no_grad():
        for param in params:
            grad, param.grad = param.grad, None
            param = param - lr * grad / batch_size


def uphill(params, lr, batch_size):
    """The step goes along the gradient, uphill; descent goes against it. Reread section 6, "One step, then many"."""
    with torch.no_grad():
        for param in params:
            param += lr * param.grad / batch_size
            param.grad.zero_()


def requires_grad_lost(params, lr, batch_size):
    """After your step the parameters no longer ask for gradients, so the second step has none. Reread section 6, "One step, then many"."""
    for param in params:
        step, param.grad = lr * param.grad / batch_size, None
        param.requires_grad_(False).sub_(step)


def short_batch_divided_by_nominal_size(X, y, *, lr, num_epochs, batch_size, generator):
    """The last, short batch is divided by the nominal batch size, so its rows count less. Reread "Minibatches", section 5."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / batch_size, b - lr * error.sum(0) / batch_size
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def sum_for_mean(X, y, *, lr, num_epochs, batch_size, generator):
    """The step follows the sum over the batch, not its mean, so it is too long by the batch's size. Reread section 4, "The gradient, checked"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error, b - lr * error.sum(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def factor_two_in_the_step(X, y, *, lr, num_epochs, batch_size, generator):
    """The steps are twice too long: the gradient of the *half* squared error has no factor 2. Reread section 4, "The gradient, checked"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * 2 * X[rows].T @ error / len(rows), b - lr * 2 * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def bias_not_learned(X, y, *, lr, num_epochs, batch_size, generator):
    """The bias never moves; it has a gradient like the weights. Reread section 4, "The gradient, checked"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            w = w - lr * X[rows].T @ (X[rows] @ w + b - y[rows]) / len(rows)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def loss_of_the_last_batch(X, y, *, lr, num_epochs, batch_size, generator):
    """The reported loss is that of the epoch's last batch; asked for is the mean over all data. Reread section 6, "One step, then many"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * error**2).mean().item())
    return w, b, losses


def loss_without_the_half(X, y, *, lr, num_epochs, batch_size, generator):
    """The reported losses are twice too large: the half is missing in them. Reread section 3, "The loss"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append(((X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def epochs_unshuffled(X, y, *, lr, num_epochs, batch_size, generator):
    """The rows come in the same order every epoch, and not from the generator. Reread section 5, "Minibatches"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.arange(len(X)).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def last_rows_dropped(X, y, *, lr, num_epochs, batch_size, generator):
    """The last, short batch of each epoch is left out. Reread section 5, "Minibatches"."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            if len(rows) == batch_size:
                error = X[rows] @ w + b - y[rows]
                w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def intercept_left_out(X, y):
    """The intercept is left out: your line goes through the origin. Append a column of ones. Reread section 7, "The exact answer"."""
    return torch.linalg.lstsq(X, y).solution, torch.zeros(1, dtype=X.dtype)


def intercept_penalised(X, y):
    """A penalty pulls the solution towards zero, the intercept too; plain least squares has none. Reread section 7, "The exact answer"."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    solution = torch.linalg.solve(A.T @ A + torch.eye(A.shape[1], dtype=X.dtype), A.T @ y)
    return solution[:-1], solution[-1]


def intercept_from_means_alone(X, y):
    """The weights are fitted through the origin and the intercept is added afterwards from the means; they must be fitted together. Reread section 7, "The exact answer"."""
    w = torch.linalg.lstsq(X, y).solution
    return w, (y - X @ w).mean(0)


def divided_instead(sum_lr, batch_size):
    """You divide by the batch size. The mean's gradient is smaller, so its rate must be larger. Reread section 6, "One step, then many"."""
    return sum_lr / batch_size


def unchanged(sum_lr, batch_size):
    """You return the rate unchanged, but the mean's gradient is smaller than the sum's by the batch size. Reread section 6, "One step, then many"."""
    return sum_lr


def linear_branch_too_high(y_hat, y, delta):
    """The linear branch lacks its - delta / 2, so the loss jumps where the branches meet. Draw it at |e| = delta and compare the two values."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2, delta * size)


def quadratic_branch_without_half(y_hat, y, delta):
    """The quadratic branch lacks its half, so the loss jumps where the branches meet. Reread section 3, "The loss"."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, size**2, delta * (size - 0.5 * delta))


def smooth_l1(y_hat, y, delta):
    """This is the smooth L1 loss, Huber's loss divided by delta; the two agree only at delta 1. Compare the slopes far out."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2 / delta, size - 0.5 * delta)


def delta_taken_as_one(y_hat, y, delta):
    """The threshold seems to be 1 whatever delta is. Use the argument in the condition and in the linear branch."""
    size = (y_hat - y).abs()
    return torch.where(size <= 1, 0.5 * size**2, size - 0.5)


def squared_everywhere(y_hat, y, delta):
    """Large errors are squared too, so outliers keep their pull; beyond delta the loss is a straight line."""
    return 0.5 * (y_hat - y) ** 2


def one_sided(y_hat, y, delta):
    """Large negative errors are not limited: compare |error| with delta, not the error itself."""
    error = y_hat - y
    return torch.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta))


def curvature_of_the_sum(X, y, w, b):
    """This is the curvature of the summed loss; the mean was asked for, which is smaller by n. Reread section 4, "The gradient, checked"."""
    return (X**2).sum(0).reshape(-1, 1)


def curvature_without_half(X, y, w, b):
    """Twice too large: the loss is *half* the squared error. Reread section 3, "The loss"."""
    return 2 * (X**2).mean(0).reshape(-1, 1)


def hessian_row_sums(X, y, w, b):
    """You go backward through the sum of the gradient, which gives each row of the Hessian summed up. Take one weight at a time."""
    return (X.T @ X / len(X)).sum(1, keepdim=True)


def first_derivative(X, y, w, b):
    """This is the gradient, the first derivative; differentiate it once more. Reread section 9, "Which learning rates work?"."""
    return X.T @ (X @ w + b - y).detach() / len(X)


def gradients_left_behind(X, y, w, b):
    """The result is right, but w is left asking for gradients, or holding one: work on a copy, or use `torch.autograd.grad`."""
    w.requires_grad_()
    (0.5 * (X @ w + b - y) ** 2).mean().backward()
    return (X**2).mean(0).reshape(-1, 1)


def mean_of_ratios(current, voltage):
    """This is the mean of U / I, which trusts small currents as much as large ones; least squares weighs by I². Reread section 10, "Ohm's law"."""
    return (voltage / current).mean().item()


def ratio_of_sums(current, voltage):
    """This is the sum of U over the sum of I, which is not the least-squares slope. Reread section 10, "Ohm's law"."""
    return (voltage.sum() / current.sum()).item()


def with_intercept(current, voltage):
    """This line has an intercept; without current there is no voltage, so it must go through the origin. Reread section 10, "Ohm's law"."""
    i, u = current - current.mean(), voltage - voltage.mean()
    return ((i * u).sum() / (i * i).sum()).item()


def tensor_for_float(current, voltage):
    """You return a tensor; a float was asked for. `.item()` makes one."""
    return (current * voltage).sum() / (current * current).sum()


def wien_only(wavelength, radiance):
    """The 1 inside the logarithm is missing: this is Wien's approximation, wrong at long wavelengths. Reread section 11, "The temperature of a star"."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return (h * c / k * (x @ x) / (x @ target)).item()


def in_single_precision(wavelength, radiance):
    """The arithmetic stays in float32, where the fifth power of a wavelength of nanometres is too small to be represented. Convert to float64 first."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return (h * c / k * (x @ x) / (x @ target)).item()


def planck_with_intercept(wavelength, radiance):
    """Your line has an intercept; the law's line goes through the origin. Reread section 11, "The temperature of a star"."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    dx = x - x.mean()
    return (h * c / k * (dx @ dx) / (dx @ target)).item()


def slope_returned(wavelength, radiance):
    """You return the slope hc/(kT) itself; solve it for T. Reread section 11, "The temperature of a star"."""
    h, c = 6.62607015e-34, 299792458.0
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return ((x @ target) / (x @ x)).item()


MISCONCEPTIONS = {
    "linreg": [bias_left_out, bias_subtracted, flat_predictions],
    "squared_loss": [half_missing, labels_broadcast, mean_of_losses, any_labels_accepted, absolute_error],
    "minibatches": [
        last_batch_dropped,
        rows_unshuffled,
        rows_repeated,
        generator_ignored,
        labels_shuffled_apart,
        short_batch_filled_up,
    ],
    "sgd_step": [
        not_divided,
        divided_twice,
        gradients_kept,
        update_recorded,
        out_of_place,
        uphill,
        requires_grad_lost,
    ],
    "fit": [
        short_batch_divided_by_nominal_size,
        sum_for_mean,
        factor_two_in_the_step,
        bias_not_learned,
        loss_of_the_last_batch,
        loss_without_the_half,
        epochs_unshuffled,
        last_rows_dropped,
    ],
    "least_squares": [intercept_left_out, intercept_penalised, intercept_from_means_alone],
    "mean_lr": [divided_instead, unchanged],
    "huber_loss": [
        linear_branch_too_high,
        quadratic_branch_without_half,
        smooth_l1,
        delta_taken_as_one,
        squared_everywhere,
        one_sided,
    ],
    "loss_curvature": [
        curvature_of_the_sum,
        curvature_without_half,
        hessian_row_sums,
        first_derivative,
        gradients_left_behind,
    ],
    "estimate_resistance": [mean_of_ratios, ratio_of_sums, with_intercept, tensor_for_float],
    "fit_temperature": [wien_only, in_single_precision, planck_with_intercept, slope_returned],
}

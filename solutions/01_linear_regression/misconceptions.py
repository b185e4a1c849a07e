"""Named wrong answers to assignment 1. They stay out of the release and out of the students' archive.

Each function is a mistake. Its name names it, and its signature is the exercise's. Its docstring is what a student
reads: what the code seems to do, why that matters, where to reread. Its source is pasted under the exercise's name,
so it uses nothing but torch and builtins. The exercise's tests must reject it. `MISCONCEPTIONS` at the end
lists the mistakes by exercise.
"""

import torch


def bias_left_out(X, w, b):
    """Your predictions seem to leave out the bias. Without it every line goes through the origin. Reread "The model, twice" (chapter 1, notebook 1, section 2)."""
    return X @ w


def bias_subtracted(X, w, b):
    """The bias seems to be subtracted instead of added. Reread "The model, twice" (chapter 1, notebook 1, section 2)."""
    return X @ w - b


def flat_predictions(X, w, b):
    """Your predictions have shape (n,). Keep the column, (n, 1), or the loss will broadcast. Reread "The shape trap" (chapter 1, notebook 1, section 3)."""
    return (X @ w + b).flatten()


def precision_lost(X, w, b):
    """Your predictions come out in float32 whatever goes in; results keep the dtype, or checks in float64 lose half their digits. Reread "The model, twice" (chapter 1, notebook 1, section 2)."""
    return X.float() @ w.float() + b.float()


def half_missing(y_hat, y):
    """The half seems to be missing: the loss and its gradient are twice too large. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    n = len(y_hat)
    if y.shape not in {(n,), (n, 1)}:
        raise ValueError("y does not fit")
    return (y_hat - y.reshape(n, 1)) ** 2


def labels_broadcast(y_hat, y):
    """Labels of shape (n,) are paired with every prediction, which gives (n, n) losses. Reread "The shape trap" (chapter 1, notebook 1, section 3)."""
    return 0.5 * (y_hat - y) ** 2


def mean_of_losses(y_hat, y):
    """You return the mean over the batch; one loss per row was asked for. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    return (0.5 * (y_hat - y.reshape(y_hat.shape)) ** 2).mean()


def any_labels_accepted(y_hat, y):
    """Labels that do not fit the predictions are accepted silently if the sizes happen to agree. Reread "The shape trap" (chapter 1, notebook 1, section 3)."""
    return 0.5 * (y_hat - y.reshape(y_hat.shape)) ** 2 if y.numel() == len(y_hat) else 0 * y_hat


def absolute_error(y_hat, y):
    """This looks like the absolute error; the squared one was asked for. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    n = len(y_hat)
    if y.shape not in {(n,), (n, 1)}:
        raise ValueError("y does not fit")
    return (y_hat - y.reshape(n, 1)).abs()


def another_exception(y_hat, y):
    """Labels that do not fit do raise an error, but not the `ValueError` that was asked for; whoever catches `ValueError` misses it. Reread "The shape trap" (chapter 1, notebook 1, section 3)."""
    if y.numel() != len(y_hat) or y.dim() not in (1, 2) or y.shape[0] != len(y_hat):
        raise RuntimeError("y does not fit")
    return 0.5 * (y_hat - y.reshape(-1, 1)) ** 2


def predictions_overwritten(y_hat, y):
    """The losses are right, but the predictions that you were given are overwritten: `-=` and `sub_` change the caller's tensor. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    n = len(y_hat)
    if y.shape not in {(n,), (n, 1)}:
        raise ValueError("y does not fit")
    return 0.5 * y_hat.sub_(y.reshape(n, 1)) ** 2


def last_batch_dropped(X, y, batch_size, generator):
    """The last, short batch is left out, so some rows are never seen. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X) - batch_size + 1, batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


def rows_unshuffled(X, y, batch_size, generator):
    """The rows come in their old order; they must be shuffled anew each time. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def rows_repeated(X, y, batch_size, generator):
    """Rows are drawn with repetition: some come twice, others never. A shuffled order visits each once. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randint(len(X), (len(X),), generator=generator)
    for rows in order.split(batch_size):
        yield X[rows], y[rows]


def generator_ignored(X, y, batch_size, generator):
    """The order does not come from the generator that you are given, so nobody can repeat your run. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    for rows in torch.randperm(len(X)).split(batch_size):
        yield X[rows], y[rows]


def labels_shuffled_apart(X, y, batch_size, generator):
    """Inputs and labels are shuffled apart: a label no longer belongs to its row. Draw one order for both. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order, other = torch.randperm(len(X), generator=generator), torch.randperm(len(X), generator=generator)
    for rows, labels in zip(order.split(batch_size), other.split(batch_size), strict=True):
        yield X[rows], y[labels]


def short_batch_filled_up(X, y, batch_size, generator):
    """The last batch is filled up with rows that were seen before; it should stay short. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X), batch_size):
        rows = order[[i % len(X) for i in range(start, start + batch_size)]]
        yield X[rows], y[rows]


def whole_batches_shuffled(X, y, batch_size, generator):
    """The batches come in random order, but each holds the same rows every time, so what neighbours share never averages out. Shuffle rows. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    starts = list(range(0, len(X), batch_size))
    order = [*torch.randperm(len(starts) - 1, generator=generator).tolist(), len(starts) - 1]
    for i in order:
        yield X[starts[i] : starts[i] + batch_size], y[starts[i] : starts[i] + batch_size]


def data_shuffled_in_place(X, y, batch_size, generator):
    """You put the data themselves into another order; the caller's `X` and `y` must stay as they were. Shuffle row numbers instead. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randperm(len(X), generator=generator)
    X[:], y[:] = X[order], y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def same_order_every_time(X, y, batch_size, generator):
    """You seed anew in each call, so every epoch comes in the same order; the generator that you are given moves on by itself. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    for rows in order.split(batch_size):
        yield X[rows], y[rows]


def seed_taken_from_the_generator(X, y, batch_size, generator):
    """You take the generator's seed and draw elsewhere, so the generator never moves on and every epoch comes in the same order. Draw from it. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(generator.initial_seed()))
    for rows in order.split(batch_size):
        yield X[rows], y[rows]


def lists_of_all_batches(X, y, batch_size, generator):
    """You return the list of all X_batches and the list of all y_batches; pairs were asked for, one per batch. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    order = torch.randperm(len(X), generator=generator)
    return list(X[order].split(batch_size)), list(y[order].split(batch_size))


def short_batch_anywhere(X, y, batch_size, generator):
    """Whole batches are shuffled, so the short one may come anywhere and each holds the same rows every time. Shuffle rows. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    pieces = list(zip(X.split(batch_size), y.split(batch_size), strict=True))
    return [pieces[i] for i in torch.randperm(len(pieces), generator=generator).tolist()]


def not_divided(params, lr, batch_size):
    """The summed gradient is not divided by the batch size, so the step grows with the batch. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            param.grad.zero_()


def divided_twice(params, lr, batch_size):
    """The gradient is divided by the batch size twice, so the step is too short. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size / batch_size
            param.grad.zero_()


def gradients_kept(params, lr, batch_size):
    """The gradients are not cleared: the next `backward` adds to them, and old steps are taken again. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size


def update_recorded(params, lr, batch_size):
    """The update is recorded by autograd, so the parameters are no longer leaves. Put it under `torch.no_grad()`. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    for i, param in enumerate(params):
        params[i] = param - lr * param.grad / batch_size
        param.grad = None


def out_of_place(params, lr, batch_size):
    """After your step the parameters are what they were. `param = param - ...` makes a new tensor and rebinds a name: the old one stays. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            grad, param.grad = param.grad, None
            param = param - lr * grad / batch_size


def uphill(params, lr, batch_size):
    """The step goes along the gradient, uphill; descent goes against it. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param += lr * param.grad / batch_size
            param.grad.zero_()


def requires_grad_lost(params, lr, batch_size):
    """After your step the parameters no longer ask for gradients, so the second step has none. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    for param in params:
        step, param.grad = lr * param.grad / batch_size, None
        param.requires_grad_(False).sub_(step)


def recorded_in_place(params, lr, batch_size):
    """Autograd watches the update and refuses it: a parameter may not be changed in place while operations are recorded. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    for param in params:
        param -= lr * param.grad / batch_size
        param.grad.zero_()


def last_gradient_cleared(params, lr, batch_size):
    """Only the last parameter's gradient is cleared: the line stands outside the loop. The others add up from step to step. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
        param.grad.zero_()


def first_parameter_only(params, lr, batch_size):
    """Only the first parameter moves: does the function return from inside the loop? Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()
            return


def divided_by_the_entries(params, lr, batch_size):
    """The gradient is divided by the number of the parameter's entries; divide by the batch size, over which it was summed. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / len(param)
            param.grad.zero_()


def new_tensor_then_cleared(params, lr, batch_size):
    """`param = param - ...` makes a new tensor, which has no gradient to clear; the one that you were given does not move. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    with torch.no_grad():
        for param in params:
            param = param - lr * param.grad / batch_size
            param.grad.zero_()


def short_batch_divided_by_nominal_size(X, y, *, lr, num_epochs, batch_size, generator):
    """The last, short batch is divided by the nominal batch size, so its rows count less. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / batch_size, b - lr * error.sum(0) / batch_size
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def sum_for_mean(X, y, *, lr, num_epochs, batch_size, generator):
    """The step follows the sum over the batch, not its mean, so it is too long by the batch's size. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error, b - lr * error.sum(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def factor_two_in_the_step(X, y, *, lr, num_epochs, batch_size, generator):
    """The steps are twice too long: the gradient of the *half* squared error has no factor 2. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * 2 * X[rows].T @ error / len(rows), b - lr * 2 * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def bias_not_learned(X, y, *, lr, num_epochs, batch_size, generator):
    """The bias never moves; it has a gradient like the weights. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            w = w - lr * X[rows].T @ (X[rows] @ w + b - y[rows]) / len(rows)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def loss_of_the_last_batch(X, y, *, lr, num_epochs, batch_size, generator):
    """The reported loss is that of the epoch's last batch; asked for is the mean over all data. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * error**2).mean().item())
    return w, b, losses


def loss_without_the_half(X, y, *, lr, num_epochs, batch_size, generator):
    """The reported losses are twice too large: the half is missing in them. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append(((X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def epochs_unshuffled(X, y, *, lr, num_epochs, batch_size, generator):
    """The rows come in the same order every epoch, and not from the generator. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.arange(len(X)).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def last_rows_dropped(X, y, *, lr, num_epochs, batch_size, generator):
    """The last, short batch of each epoch is left out. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            if len(rows) == batch_size:
                error = X[rows] @ w + b - y[rows]
                w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def batch_divided_twice(X, y, *, lr, num_epochs, batch_size, generator):
    """The gradient is divided by the batch size twice (a mean, then a division), so the steps are too short. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows) ** 2, b - lr * error.mean(0) / len(rows)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def shuffled_once(X, y, *, lr, num_epochs, batch_size, generator):
    """The rows are shuffled once and then come in that order every epoch; draw a new order in each. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    order = torch.randperm(len(X), generator=generator)
    for _ in range(num_epochs):
        for rows in order.split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def rows_drawn_with_repetition(X, y, *, lr, num_epochs, batch_size, generator):
    """Rows are drawn with repetition, so in an epoch some come twice and others never. A shuffled order visits each once. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randint(len(X), (len(X),), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def global_generator_used(X, y, *, lr, num_epochs, batch_size, generator):
    """The order does not come from the generator that you are given, so nobody can repeat your run. Reread "Minibatches" (chapter 1, notebook 1, section 5)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X)).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def gradients_not_cleared(X, y, *, lr, num_epochs, batch_size, generator):
    """The gradients are not cleared between steps, so each step takes all earlier ones again. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    grad_w, grad_b = 0, 0
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            grad_w, grad_b = grad_w + X[rows].T @ error / len(rows), grad_b + error.mean(0)
            w, b = w - lr * grad_w, b - lr * grad_b
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def update_recorded_in_fit(X, y, *, lr, num_epochs, batch_size, generator):
    """The new `w` is the result of a recorded operation and no longer a leaf, so the next `backward` leaves no gradient in it. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    w = torch.zeros(X.shape[1], 1, dtype=X.dtype, requires_grad=True)
    b, losses = torch.zeros(1, dtype=X.dtype, requires_grad=True), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            (0.5 * (X[rows] @ w + b - y[rows]) ** 2).mean().backward()
            w, b = w - lr * w.grad, b - lr * b.grad
            assert w.is_leaf and b.is_leaf, "the gradient of a tensor that is no leaf is not kept"
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def bias_sees_new_weights(X, y, *, lr, num_epochs, batch_size, generator):
    """The bias is moved with the error after the weights have moved; both gradients belong to one and the same point. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            w = w - lr * X[rows].T @ (X[rows] @ w + b - y[rows]) / len(rows)
            b = b - lr * (X[rows] @ w + b - y[rows]).mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def labels_broadcast_in_fit(X, y, *, lr, num_epochs, batch_size, generator):
    """Predictions of shape (n,) meet labels of shape (n, 1), so the error is (n, n): every prediction is pulled to the mean label. Reread "The shape trap" (chapter 1, notebook 1, section 3)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = ((X[rows] @ w + b).flatten() - y[rows]).mean(0).reshape(-1, 1)
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def random_start(X, y, *, lr, num_epochs, batch_size, generator):
    """Your weights seem to start at random numbers; they were to start at zero. Reread "Starting at zero" (chapter 1, notebook 1, section 8)."""
    w, b, losses = torch.randn(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def loss_before_the_epoch(X, y, *, lr, num_epochs, batch_size, generator):
    """Each loss is taken before its epoch; asked for is the loss after it, at the weights that come out. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
    return w, b, losses


def losses_summed(X, y, *, lr, num_epochs, batch_size, generator):
    """The reported losses are sums over the data; the mean was asked for, which does not grow with n. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).sum().item())
    return w, b, losses


def losses_as_tensors(X, y, *, lr, num_epochs, batch_size, generator):
    """`losses` holds tensors; floats were asked for. Tensors that require gradients keep every epoch's graph in memory. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean())
    return w, b, losses


def divided_by_the_columns(X, y, *, lr, num_epochs, batch_size, generator):
    """The weights' gradient is divided by the number of columns; it is a mean over the rows of the batch. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / X.shape[1], b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def weights_summed_bias_averaged(X, y, *, lr, num_epochs, batch_size, generator):
    """The weights follow the sum over the batch and the bias its mean; both gradients are means. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error, b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def mean_of_batch_losses(X, y, *, lr, num_epochs, batch_size, generator):
    """The reported loss is the mean of the batches' losses, each taken before its own step; asked for is the loss over all data after the epoch. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    w, b, losses = torch.zeros(X.shape[1], 1, dtype=X.dtype), torch.zeros(1, dtype=X.dtype), []
    for _ in range(num_epochs):
        total = 0.0
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            total += (0.5 * error**2).sum().item()
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append(total / len(X))
    return w, b, losses


def started_in_float32(X, y, *, lr, num_epochs, batch_size, generator):
    """`w` and `b` start in float32 whatever the data are, so data in float64 stop your code; give the zeros the dtype of `X`. Reread "Starting at zero" (chapter 1, notebook 1, section 8)."""
    w, b, losses = torch.zeros(X.shape[1], 1), torch.zeros(1), []
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(batch_size):
            error = X[rows] @ w + b - y[rows]
            w, b = w - lr * X[rows].T @ error / len(rows), b - lr * error.mean(0)
        losses.append((0.5 * (X @ w + b - y) ** 2).mean().item())
    return w, b, losses


def intercept_left_out(X, y):
    """The intercept is left out: your line goes through the origin. Append a column of ones. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    return torch.linalg.lstsq(X, y).solution, torch.zeros(1, dtype=X.dtype)


def intercept_penalised(X, y):
    """A penalty pulls the solution towards zero, the intercept too; plain least squares has none. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    solution = torch.linalg.solve(A.T @ A + torch.eye(A.shape[1], dtype=X.dtype), A.T @ y)
    return solution[:-1], solution[-1]


def intercept_from_means_alone(X, y):
    """The weights are fitted through the origin and the intercept is added afterwards from the means; they must be fitted together. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    w = torch.linalg.lstsq(X, y).solution
    return w, (y - X @ w).mean(0)


def intercept_is_the_mean_label(X, y):
    """The intercept is the mean of the labels. That holds only where every column of X has mean zero; take the weights' share off. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    w = torch.linalg.lstsq(X - X.mean(0), y - y.mean(0)).solution
    return w, y.mean(0)


def weights_and_intercept_swapped(X, y):
    """The intercept is taken from the wrong end of the solution: its place is that of the column of ones. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    solution = torch.linalg.lstsq(A, y).solution
    return solution[1:], solution[0]


def intercept_as_matrix(X, y):
    """The intercept has shape (1, 1); (1,) was asked for, so that it adds to (n, 1) and to (n,) alike. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    solution = torch.linalg.lstsq(A, y).solution
    return solution[:-1], solution[-1:]


def fitted_in_single_precision(X, y):
    """The result is float32 whatever goes in; results keep the dtype of the data. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1).float()
    solution = torch.linalg.lstsq(A, y.float()).solution
    return solution[:-1], solution[-1]


def solution_not_taken(X, y):
    """`torch.linalg.lstsq` gives several things at once; the answer is its `.solution`. Reread "The exact answer" (chapter 1, notebook 1, section 7)."""
    solution = torch.linalg.lstsq(torch.cat([X, torch.ones_like(X[:, :1])], dim=1), y)
    return solution[:-1], solution[-1]


def divided_instead(sum_lr, batch_size):
    """You divide by the batch size. The mean's gradient is smaller, so its rate must be larger. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    return sum_lr / batch_size


def unchanged(sum_lr, batch_size):
    """You return the rate unchanged, but the mean's gradient is smaller than the sum's by the batch size. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    return sum_lr


def square_root_rule(sum_lr, batch_size):
    """You scale by the square root of the batch size. That rule is about noise between batches; here each single step must be the same. Reread "Sum or mean" (chapter 1, notebook 2, section 4)."""
    return sum_lr * batch_size**0.5


def added_instead(sum_lr, batch_size):
    """You add the batch size to the rate; a rate multiplies the gradient, so what makes that smaller must multiply the rate. Reread "One step, then many" (chapter 1, notebook 1, section 6)."""
    return sum_lr + batch_size


def linear_branch_too_high(y_hat, y, delta):
    """The linear branch lacks its - delta / 2, so the loss jumps where the branches meet. Draw it at |e| = delta and compare the two values. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2, delta * size)


def quadratic_branch_without_half(y_hat, y, delta):
    """The quadratic branch lacks its half, so the loss jumps where the branches meet. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, size**2, delta * (size - 0.5 * delta))


def smooth_l1(y_hat, y, delta):
    """This is the smooth L1 loss, Huber's loss divided by delta; the two agree only at delta 1. Compare the slopes far out. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2 / delta, size - 0.5 * delta)


def delta_taken_as_one(y_hat, y, delta):
    """The threshold seems to be 1 whatever delta is. Use the argument in the condition and in the linear branch. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    size = (y_hat - y).abs()
    return torch.where(size <= 1, 0.5 * size**2, size - 0.5)


def squared_everywhere(y_hat, y, delta):
    """Large errors are squared too, so outliers keep their pull; beyond delta the loss is a straight line. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    return 0.5 * (y_hat - y) ** 2


def one_sided(y_hat, y, delta):
    """Large negative errors are not limited: compare |error| with delta, not the error itself. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    error = y_hat - y
    return torch.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta))


def linear_branch_slope_one(y_hat, y, delta):
    """Beyond delta the line has slope 1; it must have slope delta, or it does not meet the parabola. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2, size - 0.5 * delta)


def offset_not_squared(y_hat, y, delta):
    """The linear branch lacks a factor delta in its offset, so the loss jumps where the branches meet, except at delta 1. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2, delta * size - 0.5 * delta)


def huber_averaged(y_hat, y, delta):
    """You return one number, the mean over the batch; one loss per row was asked for. Reread "Another loss: Huber" (chapter 1, notebook 2, section 5)."""
    size = (y_hat - y).abs()
    return torch.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta)).mean()


def curvature_of_the_sum(X, y, w, b):
    """This is the curvature of the summed loss; the mean was asked for, which is smaller by n. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    return (X**2).sum(0).reshape(-1, 1)


def curvature_without_half(X, y, w, b):
    """Twice too large: the loss is *half* the squared error. Reread "The loss" (chapter 1, notebook 1, section 3)."""
    return 2 * (X**2).mean(0).reshape(-1, 1)


def hessian_row_sums(X, y, w, b):
    """You go backward through the sum of the gradient, which gives each row of the Hessian summed up. Take one weight at a time. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    return (X.T @ X / len(X)).sum(1, keepdim=True)


def first_derivative(X, y, w, b):
    """This is the gradient, the first derivative; differentiate it once more. Reread "Which learning rates work?" (chapter 1, notebook 1, section 9)."""
    return X.T @ (X @ w + b - y).detach() / len(X)


def gradients_left_behind(X, y, w, b):
    """The result is right, but w is left asking for gradients, or holding one: work on a copy, or use `torch.autograd.grad`. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    w.requires_grad_()
    (0.5 * (X @ w + b - y) ** 2).mean().backward()
    return (X**2).mean(0).reshape(-1, 1)


def graph_not_created(X, y, w, b):
    """The first gradient was taken without a graph of its own, so nothing is left to differentiate a second time. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    w = w.detach().clone().requires_grad_()
    loss = (0.5 * (X @ w + b.detach() - y) ** 2).mean()
    (grad,) = torch.autograd.grad(loss, w)
    return torch.autograd.grad(grad.sum(), w)[0]


def weights_do_not_ask(X, y, w, b):
    """`w` may arrive without asking for gradients, and then your code has nothing to differentiate. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    loss = (0.5 * (X @ w + b - y) ** 2).mean()
    (grad,) = torch.autograd.grad(loss, w, create_graph=True)
    return torch.stack([torch.autograd.grad(g, w, retain_graph=True)[0][i] for i, g in enumerate(grad.flatten())])


def graph_freed(X, y, w, b):
    """The graph is freed after the first weight's backward, and the other weights need it too. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    w = w.detach().clone().requires_grad_()
    loss = (0.5 * (X @ w + b.detach() - y) ** 2).mean()
    (grad,) = torch.autograd.grad(loss, w, create_graph=True)
    return torch.stack([torch.autograd.grad(g, w)[0][i] for i, g in enumerate(grad.flatten())])


def averaged_over_the_weights(X, y, w, b):
    """The squares are divided by the number of columns; the loss is a mean over the rows. Reread "The gradient, checked" (chapter 1, notebook 1, section 4)."""
    return (X**2).sum(0).reshape(-1, 1) / X.shape[1]


def first_gradient_not_cleared(X, y, w, b):
    """Each `backward()` adds to `.grad`, so your second derivative still holds the gradient. Empty it in between. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    error = (X @ w + b - y).detach()
    hessian = X.T @ X / len(X)
    return (X.T @ error / len(X) + hessian.cumsum(0).diag().reshape(-1, 1)).detach()


def rows_added_up(X, y, w, b):
    """Each `backward()` adds to `.grad`, so the second weight's derivative holds the first one's too. Empty it in between. Reread "Second derivatives" (chapter 1, notebook 2, section 7)."""
    return (X.T @ X / len(X)).cumsum(0).diag().reshape(-1, 1)


def mean_of_ratios(current, voltage):
    """This is the mean of U / I, which trusts small currents as much as large ones; least squares weighs by I². Reread "Ohm\'s law: through the origin" (chapter 1, notebook 1, section 10)."""
    return (voltage / current).mean().item()


def ratio_of_sums(current, voltage):
    """This is the sum of U over the sum of I, which is not the least-squares slope. Reread "Ohm\'s law: through the origin" (chapter 1, notebook 1, section 10)."""
    return (voltage.sum() / current.sum()).item()


def with_intercept(current, voltage):
    """This line has an intercept; without current there is no voltage, so it must go through the origin. Reread "Ohm\'s law: through the origin" (chapter 1, notebook 1, section 10)."""
    i, u = current - current.mean(), voltage - voltage.mean()
    return ((i * u).sum() / (i * i).sum()).item()


def tensor_for_float(current, voltage):
    """You return a tensor; a float was asked for. `.item()` makes one. Reread "Ohm's law: through the origin" (chapter 1, notebook 1, section 10)."""
    return (current * voltage).sum() / (current * current).sum()


def errors_in_the_current(current, voltage):
    """This is least squares for I = U/R: it minimises the errors of the current. The voltage's were asked for. Reread "Ohm's law: through the origin" (chapter 1, notebook 1, section 10)."""
    return ((voltage * voltage).sum() / (current * voltage).sum()).item()


def conductance(current, voltage):
    """This is the conductance, ampere per volt; the resistance is volt per ampere. Reread "Ohm's law: through the origin" (chapter 1, notebook 1, section 10)."""
    return ((current * voltage).sum() / (voltage * voltage).sum()).item()


def wien_only(wavelength, radiance):
    """The 1 inside the logarithm is missing: this is Wien's approximation, wrong at long wavelengths. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return (h * c / k * (x @ x) / (x @ target)).item()


def in_single_precision(wavelength, radiance):
    """The arithmetic stays in float32, where the fifth power of a wavelength of nanometres is too small to be represented. Convert to float64 first. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return (h * c / k * (x @ x) / (x @ target)).item()


def planck_with_intercept(wavelength, radiance):
    """Your line has an intercept; the law's line goes through the origin. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    dx = x - x.mean()
    return (h * c / k * (dx @ dx) / (dx @ target)).item()


def slope_returned(wavelength, radiance):
    """You return the slope hc/(kT) itself; solve it for T. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c = 6.62607015e-34, 299792458.0
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return ((x @ target) / (x @ x)).item()


def mean_of_temperatures(wavelength, radiance):
    """You work out a temperature for each wavelength and average. With noise that is not the least-squares line. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return (h * c / k * x / target).mean().item()


def axes_exchanged(wavelength, radiance):
    """You fit 1/wavelength as a multiple of the logarithm; the noise is in the logarithm, so fit that as a multiple of 1/wavelength. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target, x = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance)), 1 / wavelength
    return (h * c / k * (x @ target) / (target @ target)).item()


def over_the_wavelength(wavelength, radiance):
    """The line is drawn over the wavelength; the law's is a line in 1/wavelength. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    x, radiance = wavelength.double(), radiance.double()
    target = torch.log1p(2 * h * c**2 / (x**5 * radiance))
    return (h * c / k * (x @ x) / (x @ target)).item()


def converted_after_the_power(wavelength, radiance):
    """The fifth power is taken before the conversion to float64, and in float32 it is too small to be represented. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    target = torch.log1p(2 * h * c**2 / ((wavelength**5).double() * radiance.double()))
    x = 1 / wavelength.double()
    return (h * c / k * (x @ x) / (x @ target)).item()


def mean_of_slopes(wavelength, radiance):
    """You work out a slope for each wavelength and average. With noise that is not the least-squares line. Reread "The temperature of a star" (chapter 1, notebook 1, section 11)."""
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    wavelength, radiance = wavelength.double(), radiance.double()
    target = torch.log1p(2 * h * c**2 / (wavelength**5 * radiance))
    return (h * c / k / (target * wavelength).mean()).item()


# Run by the diagnosis alone. In the first everything asks for gradients: whoever lost `w` on the way raises something
# else. In the second a product is too small for float32, but a fifth power is not.
PROBES = {
    "loss_curvature": """
numbers = [[1.0, 2.0]], [[3.0]], [[0.5], [-1.0]], [0.25]
X, y, w, b = (torch.tensor(part, requires_grad=True) for part in numbers)
loss_curvature(X, y, w, b)
""",
    "fit_temperature": """
fit_temperature(torch.tensor([1e-7, 1.5e-7]), torch.tensor([1e-8, 2e-8]))
""",
}

MISCONCEPTIONS = {
    "linreg": [
        bias_left_out,
        bias_subtracted,
        flat_predictions,
        precision_lost,
    ],
    "squared_loss": [
        half_missing,
        labels_broadcast,
        mean_of_losses,
        any_labels_accepted,
        absolute_error,
        another_exception,
        predictions_overwritten,
    ],
    "minibatches": [
        last_batch_dropped,
        rows_unshuffled,
        rows_repeated,
        generator_ignored,
        labels_shuffled_apart,
        short_batch_filled_up,
        whole_batches_shuffled,
        data_shuffled_in_place,
        same_order_every_time,
        seed_taken_from_the_generator,
        lists_of_all_batches,
        short_batch_anywhere,
    ],
    "sgd_step": [
        not_divided,
        divided_twice,
        gradients_kept,
        update_recorded,
        out_of_place,
        uphill,
        requires_grad_lost,
        recorded_in_place,
        last_gradient_cleared,
        first_parameter_only,
        divided_by_the_entries,
        new_tensor_then_cleared,
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
        batch_divided_twice,
        shuffled_once,
        rows_drawn_with_repetition,
        global_generator_used,
        gradients_not_cleared,
        update_recorded_in_fit,
        bias_sees_new_weights,
        labels_broadcast_in_fit,
        random_start,
        loss_before_the_epoch,
        losses_summed,
        losses_as_tensors,
        divided_by_the_columns,
        weights_summed_bias_averaged,
        mean_of_batch_losses,
        started_in_float32,
    ],
    "least_squares": [
        intercept_left_out,
        intercept_penalised,
        intercept_from_means_alone,
        intercept_is_the_mean_label,
        weights_and_intercept_swapped,
        intercept_as_matrix,
        fitted_in_single_precision,
        solution_not_taken,
    ],
    "mean_lr": [
        divided_instead,
        unchanged,
        square_root_rule,
        added_instead,
    ],
    "huber_loss": [
        linear_branch_too_high,
        quadratic_branch_without_half,
        smooth_l1,
        delta_taken_as_one,
        squared_everywhere,
        one_sided,
        linear_branch_slope_one,
        offset_not_squared,
        huber_averaged,
    ],
    "loss_curvature": [
        curvature_of_the_sum,
        curvature_without_half,
        hessian_row_sums,
        first_derivative,
        gradients_left_behind,
        graph_not_created,
        weights_do_not_ask,
        graph_freed,
        averaged_over_the_weights,
        first_gradient_not_cleared,
        rows_added_up,
    ],
    "estimate_resistance": [
        mean_of_ratios,
        ratio_of_sums,
        with_intercept,
        tensor_for_float,
        errors_in_the_current,
        conductance,
    ],
    "fit_temperature": [
        wien_only,
        in_single_precision,
        planck_with_intercept,
        slope_returned,
        mean_of_temperatures,
        axes_exchanged,
        over_the_wavelength,
        converted_after_the_power,
        mean_of_slopes,
    ],
}

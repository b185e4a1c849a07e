"""Named wrong answers to assignment 2. They stay out of the release and out of the students' archive.

Each function is a mistake. Its name names it, and its signature is the exercise's. Its docstring is what a student
reads: what the code seems to do, why that matters, where to reread. Its source is pasted under the exercise's name,
so it uses nothing but torch and builtins. The exercise's tests must reject it. `MISCONCEPTIONS` at the end
lists the mistakes by exercise.
"""

import torch


def penalty_without_half(w):
    """The half seems to be missing, so the gradient is 2w and the decay twice as strong as you meant. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return (w**2).sum()


def norm_for_squared_norm(w):
    """This is half the norm, not half the *squared* norm: its gradient has the same length however large the weights are. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * w.norm()


def plain_norm(w):
    """This is the norm itself, without the square and without the half. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return (w**2).sum().sqrt()


def mean_of_squares(w):
    """You average over the weights, so the penalty gets weaker the more weights there are; it is a sum. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * (w**2).mean()


def squared_sum(w):
    """You square the sum of the weights, so weights of different signs cancel; square each one first. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * w.sum() ** 2


def penalty_per_weight(w):
    """You return one number per weight. The penalty is a scalar, or adding it to a loss broadcasts. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * w**2


def penalty_as_matrix(w):
    """The penalty comes as a (1, 1) matrix, which turns every loss that it is added to into a matrix; one number of shape () was asked for. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * w.T @ w


def penalty_cut_off(w):
    """The value is right, but no gradient flows back, so a loss with this penalty trains as if it were not there. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * (w.detach() ** 2).sum()


def penalty_as_float(w):
    """You return a Python float, and no gradient flows through it. Leave out `.item()`. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * (w**2).sum().item()


def root_squared_again(w):
    """You take a root and square it again. The slope of a root at zero is infinite, so at weights of zero, where training often starts, your gradient is not a number. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * (w**2).sum().sqrt() ** 2


def penalty_in_single_precision(w):
    """The penalty comes out in float32 whatever goes in; results keep the dtype. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return 0.5 * (w.float() ** 2).sum()


def weights_squared_in_place(w):
    """The number is right, but the weights that you were given hold their squares afterwards: `square_` and `*=` change the caller's tensor. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    with torch.no_grad():
        return 0.5 * w.square_().sum()


def signs_cancel(w):
    """You sum the weights with their signs, so they cancel and the penalty can even be negative. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.sum()


def size_of_the_sum(w):
    """You take the absolute value of the sum; take it of every weight first, then sum. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.sum().abs()


def l1_averaged(w):
    """You average over the weights; the penalty is their sum. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.abs().mean()


def l1_halved(w):
    """You halve the sum. The half belongs to the squared norm, where it cancels a 2; here nothing is to be cancelled. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return 0.5 * w.abs().sum()


def l2_for_l1(w):
    """This is the L2 norm. Its unit ball is round and gives no exact zeros. Reread "Why L1 finds corners" (chapter 2, notebook 3, section 6)."""
    return w.norm()


def largest_weight_alone(w):
    """This is the size of the largest weight alone, so all others are free. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.abs().max()


def number_of_nonzero_weights(w):
    """You count the weights that are not zero. L1 is used in place of that count because the count has no slope. Reread "Why L1 finds corners" (chapter 2, notebook 3, section 6)."""
    return (w != 0).sum().to(w.dtype)


def l1_per_weight(w):
    """You return one number per weight. The penalty is a scalar, or adding it to a loss broadcasts. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    return w.abs()


def l1_summed_over_rows(w):
    """You sum over one dimension and leave the other, so the penalty has shape (1,); one number of shape () was asked for. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.abs().sum(dim=0)


def l1_cut_off(w):
    """The value is right, but no gradient flows back: a tensor made from Python numbers has forgotten where they came from. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return torch.tensor(sum(abs(number) for number in w.flatten().tolist()), dtype=w.dtype)


def root_of_the_square(w):
    """You write |w| as the root of w². The values agree, but at a weight of zero the slope is not a number, and zeros are what L1 is after. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return (w**2).sqrt().sum()


def signs_flipped(w, threshold):
    """Entries smaller than the threshold come out with the other sign: the step runs across zero. It must stop there, or there are no exact zeros. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w - threshold * w.sign()


def hard_threshold(w, threshold):
    """This is the hard threshold: what is beyond it keeps its value. The soft one moves these entries too. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return torch.where(w.abs() > threshold, w, torch.zeros_like(w))


def sign_lost(w, threshold):
    """Negative entries come out positive: multiply by the sign at the end. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return (w.abs() - threshold).clamp(min=0)


def negative_entries_lost(w, threshold):
    """All negative entries become zero: compare sizes, |w|, with the threshold. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return (w - threshold).clamp(min=0)


def subtracted_from_both_signs(w, threshold):
    """The threshold is subtracted from negative entries as well, which makes them larger; they move up, towards zero. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return torch.where(w.abs() > threshold, w - threshold, torch.zeros_like(w))


def clipped_at_the_threshold(w, threshold):
    """You keep what lies within the threshold and cut off the rest; the soft threshold keeps the rest. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.clamp(-threshold, threshold)


def small_entries_kept(w, threshold):
    """Entries smaller than the threshold stay as they were; they become exactly zero. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return torch.where(w.abs() > threshold, w - threshold * w.sign(), w)


def shrunk_by_a_factor(w, threshold):
    """You shrink by a factor, as L2 does. Nothing becomes zero that way: L1 takes the same amount from every entry. Reread "Why L1 finds corners" (chapter 2, notebook 3, section 6)."""
    return w / (1 + threshold)


def pushed_outwards(w, threshold):
    """Entries move away from zero: the sign of the threshold's term is turned round. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.sign() * (w.abs() + threshold)


def threshold_of_the_largest(w, threshold):
    """Your threshold grows with the largest entry; it is an absolute number. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    limit = threshold * w.abs().max()
    return w.sign() * (w.abs() - limit).clamp(min=0)


def shrunk_in_place(w, threshold):
    """The result is right, but the tensor that you were given is overwritten: methods that end in an underscore change the caller's tensor. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w.copy_(w.sign() * (w.abs() - threshold).clamp(min=0))


def divided_by_size(w, threshold):
    """You divide by |w|, so a zero entry with a zero threshold becomes 0/0, which is not a number. Reread "Absolute values and exact zeros" (chapter 2, notebook 3, section 5)."""
    return w * (1 - threshold / w.abs()).clamp(min=0)


def decay_forgotten(params, grads, *, lr, weight_decay):
    """The decay is never used: this is plain gradient descent. A strength that is set and not used is easily overlooked. Reread "Slips taken apart" (chapter 2, notebook 2, section 7)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * grad


def decay_not_times_lr(params, grads, *, lr, weight_decay):
    """The decay is not multiplied by the learning rate. In torch it joins the gradient, and lr multiplies both. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * grad + weight_decay * param


def decay_sign_flipped(params, grads, *, lr, weight_decay):
    """Your decay pushes parameters away from zero; with lr * weight_decay they grow step by step. Reread "Training with decay" (chapter 2, notebook 1, section 3)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad - weight_decay * param)


def decay_after_the_step(params, grads, *, lr, weight_decay):
    """You decay after the step, so the fresh gradient is shrunk as well. The decay uses the parameter as it was before. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * grad
            param *= 1 - lr * weight_decay


def decay_doubled(params, grads, *, lr, weight_decay):
    """Your decay is twice too strong: the gradient of *half* the squared norm is w, not 2w. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad + 2 * weight_decay * param)


def decay_halved(params, grads, *, lr, weight_decay):
    """Your decay is half as strong as it should be: the half of the penalty is gone once you differentiate. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad + 0.5 * weight_decay * param)


def bias_spared(params, grads, *, lr, weight_decay):
    """You spare parameters of one dimension. That is often wise, but torch decays every parameter that it is given, and so it was asked here. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad + (weight_decay * param if param.dim() > 1 else 0))


def decay_divided_by_the_batch(params, grads, *, lr, weight_decay):
    """You divide the decay by the length of a list, as if it were a batch. The optimiser knows no batch: it adds all of the decay. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad + weight_decay * param / len(grads))


def decay_by_sign(params, grads, *, lr, weight_decay):
    """Your decay takes the same amount from every parameter, which is what L1 does; weight decay is proportional to the parameter. Reread "Why L1 finds corners" (chapter 2, notebook 3, section 6)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad + weight_decay * param.sign())


def gradients_overwritten(params, grads, *, lr, weight_decay):
    """The step is right, but the decay is left behind in the gradients: `grad +=` and `add_` change the caller's tensors. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            grad += weight_decay * param
            param -= lr * grad


def steps_uphill(params, grads, *, lr, weight_decay):
    """The step goes along the gradient, uphill; descent goes against it. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param += lr * (grad + weight_decay * param)


def parameters_replaced(params, grads, *, lr, weight_decay):
    """New tensors are made and put into the list; the model still holds the old ones, which have not moved. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    for i, (param, grad) in enumerate(zip(params, grads, strict=True)):
        params[i] = (param - lr * (grad + weight_decay * param)).detach().requires_grad_(param.requires_grad)


def name_rebound(params, grads, *, lr, weight_decay):
    """After your step the parameters are what they were. `param = param - ...` makes a new tensor and gives it the old name. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param = param - lr * (grad + weight_decay * param)


def decay_recorded(params, grads, *, lr, weight_decay):
    """Autograd watches the update and refuses it: put it under `torch.no_grad()`. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    for param, grad in zip(params, grads, strict=True):
        param -= lr * (grad + weight_decay * param)


def stops_asking_for_gradients(params, grads, *, lr, weight_decay):
    """After your step the parameters no longer ask for gradients, so there is no second step. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    for param, grad in zip(params, grads, strict=True):
        param.requires_grad_(False).sub_(lr * (grad + weight_decay * param))


def new_memory(params, grads, *, lr, weight_decay):
    """The parameter gets new memory, so whatever shares the old one, a view or another layer, sees no change. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    for param, grad in zip(params, grads, strict=True):
        param.data = param.data - lr * (grad + weight_decay * param.data)


def stored_gradients_used(params, grads, *, lr, weight_decay):
    """You use the parameter's `.grad` where there is one; the gradients come in the list. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            own = grad if param.grad is None else param.grad
            param -= lr * (own + weight_decay * param)


def recording_left_off(params, grads, *, lr, weight_decay):
    """You switch recording off and do not switch it on again, so nothing that follows has a gradient; `with torch.no_grad():` switches it on by itself. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    torch.set_grad_enabled(False)
    for param, grad in zip(params, grads, strict=True):
        param -= lr * (grad + weight_decay * param)


def asks_for_gradients_everywhere(params, grads, *, lr, weight_decay):
    """You hand the step to torch and leave the parameters asking for gradients, also those that did not: a frozen layer would thaw. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    kept = [param.grad for param in params]
    for param, grad in zip(params, grads, strict=True):
        param.requires_grad_(True).grad = grad.clone()
    torch.optim.SGD(params, lr=lr, weight_decay=weight_decay).step()
    for param, grad in zip(params, kept, strict=True):
        param.grad = grad


def only_the_first_parameter(params, grads, *, lr, weight_decay):
    """Only the first parameter moves: does the function return from inside the loop? Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param -= lr * (grad + weight_decay * param)
            return


def zero_gradients_skipped(params, grads, *, lr, weight_decay):
    """A parameter whose gradient is zero is skipped, but its decay goes on: that is how a null space empties. Reread "Training with decay" (chapter 2, notebook 1, section 3)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            if grad.any():
                param -= lr * (grad + weight_decay * param)


def stored_gradients_alone(params, grads, *, lr, weight_decay):
    """You read each parameter's `.grad`, which may be None or left over from elsewhere; the gradients come in the list. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param in params:
            param -= lr * (param.grad + weight_decay * param)


def slices_assigned(params, grads, *, lr, weight_decay):
    """`param[:] = ...` changes the tensor that you were given, but a parameter of shape () has nothing to slice; `-=`, `sub_` or `copy_` change any. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    with torch.no_grad():
        for param, grad in zip(params, grads, strict=True):
            param[:] = param - lr * (grad + weight_decay * param)


def alpha_times_n(X, y, alpha):
    """Your alpha is multiplied by n, which belongs to a mean loss; here the squared error is summed. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + len(X) * alpha * eye, centred.T @ (y - y_mean))
    return w, y_mean - X.mean(0) @ w


def alpha_divided_by_n(X, y, alpha):
    """Your alpha is divided by n. The squared error is summed, not averaged, so alpha stays as it is. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + alpha / len(X) * eye, centred.T @ (y - y_mean))
    return w, y_mean - X.mean(0) @ w


def alpha_halved(X, y, alpha):
    """Your penalty has a half that the squared error lacks, so it is half as strong as asked. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + 0.5 * alpha * eye, centred.T @ (y - y_mean))
    return w, y_mean - X.mean(0) @ w


def alpha_doubled(X, y, alpha):
    """Your squared error has a half that the penalty lacks, so the penalty is twice as strong as asked. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + 2 * alpha * eye, centred.T @ (y - y_mean))
    return w, y_mean - X.mean(0) @ w


def root_of_alpha_forgotten(X, y, alpha):
    """The rows that you add to X hold alpha; they are squared with the rest, so they must hold its root. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    d, X_mean, y_mean = X.shape[1], X.mean(0), y.mean(0)
    rows = torch.cat([X - X_mean, alpha * torch.eye(d, dtype=X.dtype)])
    w = torch.linalg.lstsq(rows, torch.cat([y - y_mean, torch.zeros(d, 1, dtype=X.dtype)])).solution
    return w, y_mean - X_mean @ w


def alpha_ignored(X, y, alpha):
    """This is least squares: alpha is never used. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    w = torch.linalg.pinv(X - X.mean(0)) @ (y - y.mean(0))
    return w, y.mean(0) - X.mean(0) @ w


def intercept_penalised_too(X, y, alpha):
    """The column of ones is penalised like the rest, which pulls the predictions towards zero. Leave its place on the diagonal at zero. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    solution = torch.linalg.solve(A.T @ A + alpha * torch.eye(A.shape[1], dtype=X.dtype), A.T @ y)
    return solution[:-1], solution[-1]


def no_intercept_in_the_fit(X, y, alpha):
    """The weights are fitted through the origin: centre X and y first, or add a column of ones. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    w = torch.linalg.solve(X.T @ X + alpha * torch.eye(X.shape[1], dtype=X.dtype), X.T @ y)
    return w, torch.zeros(1, dtype=X.dtype)


def intercept_afterwards(X, y, alpha):
    """You fit the weights through the origin and the intercept afterwards, from what is left; they must be fitted together. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    w = torch.linalg.solve(X.T @ X + alpha * torch.eye(X.shape[1], dtype=X.dtype), X.T @ y)
    return w, (y - X @ w).mean(0)


def mean_label_as_intercept(X, y, alpha):
    """Your intercept is the mean of the labels, which is right only for columns of mean zero; take the weights' share off. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    return torch.linalg.solve(centred.T @ centred + alpha * eye, centred.T @ (y - y_mean)), y_mean


def alpha_on_every_entry(X, y, alpha):
    """You add alpha to every entry of XᵀX; it belongs on the diagonal, so multiply it by the identity. With one column nobody notices. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    w = torch.linalg.pinv(centred.T @ centred + alpha) @ centred.T @ (y - y_mean)
    return w, y_mean - X.mean(0) @ w


def columns_standardised(X, y, alpha):
    """You scale the columns to variance 1 before you penalise, so alpha weighs on other numbers than w. Centre only. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    X_mean, y_mean, scale = X.mean(0), y.mean(0), X.std(0)
    Z = (X - X_mean) / scale
    w = torch.linalg.solve(Z.T @ Z + alpha * torch.eye(X.shape[1], dtype=X.dtype), Z.T @ (y - y_mean))
    w = w / scale.reshape(-1, 1)
    return w, y_mean - X_mean @ w


def one_mean_for_all_columns(X, y, alpha):
    """You subtract the mean over all of X; each column has its own. With one column nobody notices. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(), y.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + alpha * eye, centred.T @ (y - y_mean))
    return w, y_mean - X.mean(0) @ w


def data_centred_in_place(X, y, alpha):
    """The result is right, but X and y have lost their means: `-=` changes the caller's data. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    X_mean, y_mean = X.mean(0), y.mean(0)
    X -= X_mean
    y -= y_mean
    w = torch.linalg.solve(X.T @ X + alpha * torch.eye(X.shape[1], dtype=X.dtype), X.T @ y)
    return w, y_mean - X_mean @ w


def ridge_in_double_precision(X, y, alpha):
    """The result is float64 whatever goes in; compute as you like, but results keep the dtype of the data. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    X, y = X.double(), y.double()
    centred = X - X.mean(0)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + alpha * eye, centred.T @ (y - y.mean(0)))
    return w, y.mean(0) - X.mean(0) @ w


def ridge_intercept_as_matrix(X, y, alpha):
    """The intercept has shape (1, 1); (1,) was asked for, so that it adds to (n, 1) and to (n,) alike. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    X_mean, y_mean = X.mean(0, keepdim=True), y.mean(0, keepdim=True)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve((X - X_mean).T @ (X - X_mean) + alpha * eye, (X - X_mean).T @ (y - y_mean))
    return w, y_mean - X_mean @ w


def identity_of_the_rows(X, y, alpha):
    """Your identity has one row per row of X; XᵀX needs one per column. The two sizes agree only by chance. Reread "Ridge, by its other name" (chapter 2, notebook 2, section 3)."""
    centred, y_mean = X - X.mean(0), y.mean(0)
    eye = torch.eye(X.shape[0], dtype=X.dtype)
    w = torch.linalg.solve(centred.T @ centred + alpha * eye, centred.T @ (y - y_mean))
    return w, y_mean - X.mean(0) @ w


def singular_values_not_squared(X, y, alpha):
    """You divide by s + alpha; the singular values are squared in XᵀX, so the factor is s / (s² + alpha). Reread "Shrinkage, direction by direction" (chapter 2, notebook 3, section 3)."""
    X_mean, y_mean = X.mean(0), y.mean(0)
    U, s, Vh = torch.linalg.svd(X - X_mean, full_matrices=False)
    w = Vh.T @ ((U.T @ (y - y_mean)) / (s + alpha).reshape(-1, 1))
    return w, y_mean - X_mean @ w


def strength_unchanged(l2_strength, *, loss, n_samples):
    """You return the strength as it is. That is right for one of the four losses only: compare each loss with MSELoss. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    if loss not in {"half_mean", "mean", "half_sum", "sum"}:
        raise ValueError("unknown loss")
    return float(l2_strength)


def factor_two_missed(l2_strength, *, loss, n_samples):
    """The factor 2 is missing: MSELoss has no half, so its gradient is twice that of a half loss, and the decay must be too. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    factors = {"half_mean": 1, "mean": 1, "half_sum": n_samples, "sum": n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength / factors[loss]


def factor_two_inverted(l2_strength, *, loss, n_samples):
    """The factor 2 goes the wrong way: against a gradient that is twice as large, the decay must be twice as large. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    factors = {"half_mean": 2, "mean": 1, "half_sum": 2 * n_samples, "sum": n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength / factors[loss]


def n_missed(l2_strength, *, loss, n_samples):
    """n is missing: a sum grows with the rows and the penalty does not, so beside a mean the decay must be n times smaller. Reread "The table of conventions" (chapter 2, notebook 2, section 8)."""
    factors = {"half_mean": 2.0, "mean": 1.0, "half_sum": 2.0, "sum": 1.0}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength * factors[loss]


def n_inverted(l2_strength, *, loss, n_samples):
    """n goes the wrong way: beside a sum of n errors the same penalty weighs less, not more. Reread "The table of conventions" (chapter 2, notebook 2, section 8)."""
    factors = {"half_mean": 2.0, "mean": 1.0, "half_sum": 2.0 * n_samples, "sum": 1.0 * n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength * factors[loss]


def n_for_means_too(l2_strength, *, loss, n_samples):
    """You divide by n for the means as well; they have divided by it already, as MSELoss has. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    factors = {"half_mean": 2, "mean": 1, "half_sum": 2, "sum": 1}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength * factors[loss] / n_samples


def halves_confused(l2_strength, *, loss, n_samples):
    """The halves have changed sides: it is the loss *with* the half whose gradient is smaller than MSELoss's. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    factors = {"half_mean": 1, "mean": 2, "half_sum": 1 / n_samples, "sum": 2 / n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength * factors[loss]


def factor_two_everywhere(l2_strength, *, loss, n_samples):
    """You double for every loss; MSELoss has the same gradient as the loss without a half, so nothing is to be doubled there. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    factors = {"half_mean": 1, "mean": 1, "half_sum": n_samples, "sum": n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return 2 * l2_strength / factors[loss]


def penalty_taken_without_half(l2_strength, *, loss, n_samples):
    """You take the penalty's gradient as 2 * strength * w; with the half in the penalty it is strength * w. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    factors = {"half_mean": 4.0, "mean": 2.0, "half_sum": 4 / n_samples, "sum": 2 / n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength * factors[loss]


def unknown_loss_accepted(l2_strength, *, loss, n_samples):
    """An unknown loss gets an answer instead of a `ValueError`: the last branch takes whatever is left over. Reread "The table of conventions" (chapter 2, notebook 2, section 8)."""
    factor = 2.0 if loss.startswith("half") else 1.0
    return l2_strength * factor / (n_samples if loss.endswith("sum") else 1)


def key_error_for_unknown_loss(l2_strength, *, loss, n_samples):
    """An unknown loss raises an error, but not the `ValueError` that was asked for; whoever catches `ValueError` misses it. Reread "The table of conventions" (chapter 2, notebook 2, section 8)."""
    return l2_strength * {"half_mean": 2.0, "mean": 1.0, "half_sum": 2 / n_samples, "sum": 1 / n_samples}[loss]


def none_for_unknown_loss(l2_strength, *, loss, n_samples):
    """For an unknown loss nothing is returned, and the `None` turns up somewhere else later. Raise `ValueError`. Reread "The table of conventions" (chapter 2, notebook 2, section 8)."""
    if loss == "half_mean":
        return 2 * l2_strength
    if loss == "mean":
        return l2_strength
    if loss == "half_sum":
        return 2 * l2_strength / n_samples
    if loss == "sum":
        return l2_strength / n_samples


def loss_recognised_by_its_parts(l2_strength, *, loss, n_samples):
    """A name that merely contains "mean" or "sum" is accepted; only the four names are known. Reread "The table of conventions" (chapter 2, notebook 2, section 8)."""
    if "mean" not in loss.lower() and "sum" not in loss.lower():
        raise ValueError("unknown loss")
    return l2_strength * (2.0 if "half" in loss else 1.0) / (n_samples if "sum" in loss else 1)


def sums_from_half_sum(l2_strength, *, loss, n_samples):
    """You treat "sum" as "half_sum": without the half its gradient is twice as large, so the same penalty weighs half as much. Reread "The factor two" (chapter 2, notebook 2, section 2)."""
    factors = {"half_mean": 2, "mean": 1, "half_sum": 2 / n_samples, "sum": 2 / n_samples}
    if loss not in factors:
        raise ValueError("unknown loss")
    return l2_strength * factors[loss]


def groups_swapped(named_parameters, weight_decay):
    """The two lists have changed places: your weights are free and your biases are decayed. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1]
    return free, [name for name in named_parameters if name not in free]


def names_alone(named_parameters, weight_decay):
    """You look at names alone, so the scale of a normalisation layer, a weight of one dimension, is decayed. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name in named_parameters if name.endswith("bias")]
    return [name for name in named_parameters if name not in free], free


def dimensions_alone(named_parameters, weight_decay):
    """You look at dimensions alone; a bias may come as a row, (1, d), and is free by its name. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if param.dim() == 1]
    return [name for name in named_parameters if name not in free], free


def bias_anywhere_in_the_name(named_parameters, weight_decay):
    """You look for "bias" anywhere in the name; a matrix of a layer called "bias_net" is a weight all the same. Look at the end. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if "bias" in name or param.dim() == 1]
    return [name for name in named_parameters if name not in free], free


def dotted_bias_only(named_parameters, weight_decay):
    """You look for ".bias", but torch also has "in_proj_bias", and the bias of a bare layer is called "bias". Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if name.endswith(".bias") or param.dim() == 1]
    return [name for name in named_parameters if name not in free], free


def both_conditions_needed(named_parameters, weight_decay):
    """You free a parameter only if both its name and its dimension say so; either is enough. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if name.endswith("bias") and param.dim() == 1]
    return [name for name in named_parameters if name not in free], free


def matrices_alone_decayed(named_parameters, weight_decay):
    """You decay matrices alone; the kernel of a convolution has four dimensions and is a weight as well. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    decayed = [name for name, param in named_parameters.items() if param.dim() == 2 and not name.endswith("bias")]
    return decayed, [name for name in named_parameters if name not in decayed]


def squeezed_dimensions(named_parameters, weight_decay):
    """You count only the dimensions that are longer than 1, so the weights of a layer with one output, (1, d), are free. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [n for n, param in named_parameters.items() if n.endswith("bias") or param.squeeze().dim() <= 1]
    return [name for name in named_parameters if name not in free], free


def single_numbers_free(named_parameters, weight_decay):
    """You free tensors with one element rather than with one dimension: a layer with many outputs has a long bias. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if name.endswith("bias") or param.numel() == 1]
    return [name for name in named_parameters if name not in free], free


def names_that_say_weight(named_parameters, weight_decay):
    """You decay what is called "weight"; other matrices, such as a table of positions, are in neither list. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    decayed = [n for n, param in named_parameters.items() if n.endswith("weight") and param.dim() > 1]
    free = [name for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1]
    return decayed, free


def tensors_for_names(named_parameters, weight_decay):
    """You return the tensors; their names were asked for. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1]
    decayed = [name for name in named_parameters if name not in free]
    return [named_parameters[name] for name in decayed], [named_parameters[name] for name in free]


def groups_for_the_optimiser(named_parameters, weight_decay):
    """You return the groups as an optimiser takes them; here two lists of names were asked for. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [param for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1]
    decayed = [param for name, param in named_parameters.items() if not name.endswith("bias") and param.dim() != 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def names_sorted(named_parameters, weight_decay):
    """The names come in alphabetical order; keep the order of the dict, so that a saved optimiser fits again. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = sorted(name for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1)
    return sorted(name for name in named_parameters if name not in free), free


def parameters_taken_out(named_parameters, weight_decay):
    """The lists are right, but the dict that you were given has lost what you took out of it. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [name for name, param in named_parameters.items() if name.endswith("bias") or param.dim() == 1]
    for name in free:
        named_parameters.pop(name)
    return list(named_parameters), free


def no_decay_no_groups(named_parameters, weight_decay):
    """With a decay of zero you put everything into one group; the split must not depend on the number. Reread "Parameter groups" (chapter 2, notebook 2, section 1)."""
    free = [n for n, param in named_parameters.items() if not weight_decay or n.endswith("bias") or param.dim() == 1]
    return [name for name in named_parameters if name not in free], free


def bias_left_free(w, b, X, y, *, lr, weight_decay):
    """Your bias is not decayed. That is how it is mostly done by hand, but torch decays every parameter of the group, and this is half of the famous disagreement. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * error.mean(0)


def decay_divided_by_n(w, b, X, y, *, lr, weight_decay):
    """Your decay is divided by n, as in loss functions that put the penalty inside the mean; torch's optimiser adds all of it. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = torch.sigmoid(X @ w + b) - y
    return (
        w - lr * (X.T @ error + weight_decay * w) / len(X),
        b - lr * (error.sum(0) + weight_decay * b) / len(X),
    )


def summed_log_loss(w, b, X, y, *, lr, weight_decay):
    """Your step follows the summed loss, so it grows with the rows; BCELoss takes the mean. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * (X.T @ error + weight_decay * w), b - lr * (error.sum(0) + weight_decay * b)


def bias_gradient_summed(w, b, X, y, *, lr, weight_decay):
    """The weights follow the mean loss and the bias the summed one; both take the mean. Reread "Two mistakes that look the same" (chapter 2, notebook 2, section 6)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (error.sum(0) + weight_decay * b)


def divided_by_coefficients(w, b, X, y, *, lr, weight_decay):
    """You divide by the number of coefficients, or loop over it; the mean is over the rows. Reread "Two mistakes that look the same" (chapter 2, notebook 2, section 6)."""
    error = torch.sigmoid(X @ w + b) - y
    return (
        w - lr * (X.T @ error / len(w) + weight_decay * w),
        b - lr * (error.sum(0) / len(w) + weight_decay * b),
    )


def loop_over_coefficients(w, b, X, y, *, lr, weight_decay):
    """Your loop over the rows ends after as many rows as there are coefficients, so the others are never seen. Reread "Two mistakes that look the same" (chapter 2, notebook 2, section 6)."""
    grad_w, grad_b, n = torch.zeros_like(w), torch.zeros_like(b), len(X)
    for i in range(min(len(w), n)):
        error = torch.sigmoid(X[i] @ w + b) - y[i]
        grad_w, grad_b = grad_w + X[i].reshape(-1, 1) * error / n, grad_b + error / n
    return w - lr * (grad_w + weight_decay * w), b - lr * (grad_b + weight_decay * b)


def error_sign_flipped(w, b, X, y, *, lr, weight_decay):
    """Your error is y - p, so the data push uphill; the gradient has p - y. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = y - torch.sigmoid(X @ w + b)
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (error.mean(0) + weight_decay * b)


def decay_pushes_outwards(w, b, X, y, *, lr, weight_decay):
    """Your decay makes the weights grow: its sign is turned round. Reread "Training with decay" (chapter 2, notebook 1, section 3)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * (X.T @ error / len(X) - weight_decay * w), b - lr * (error.mean(0) - weight_decay * b)


def logistic_decay_after_the_step(w, b, X, y, *, lr, weight_decay):
    """You decay after the step, so the fresh gradient is shrunk as well; the decay uses the weights as they were before. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    error = torch.sigmoid(X @ w + b) - y
    shrink = 1 - lr * weight_decay
    return shrink * (w - lr * X.T @ error / len(X)), shrink * (b - lr * error.mean(0))


def logistic_decay_doubled(w, b, X, y, *, lr, weight_decay):
    """Your decay is twice too strong: the gradient of *half* the squared norm is w, not 2w. Reread "The penalty and its gradient" (chapter 2, notebook 1, section 2)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * (X.T @ error / len(X) + 2 * weight_decay * w), b - lr * (error.mean(0) + 2 * weight_decay * b)


def logistic_decay_not_times_lr(w, b, X, y, *, lr, weight_decay):
    """The decay is not multiplied by the learning rate. In torch it joins the gradient, and lr multiplies both. Reread "One step by hand" (chapter 2, notebook 2, section 4)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * X.T @ error / len(X) - weight_decay * w, b - lr * error.mean(0) - weight_decay * b


def logistic_decay_unused(w, b, X, y, *, lr, weight_decay):
    """The decay is set and never used. Reread "Slips taken apart" (chapter 2, notebook 2, section 7)."""
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * X.T @ error / len(X), b - lr * error.mean(0)


def sigmoid_forgotten(w, b, X, y, *, lr, weight_decay):
    """The sigmoid is missing: this is a step of linear regression. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = X @ w + b - y
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (error.mean(0) + weight_decay * b)


def squared_loss_behind_the_sigmoid(w, b, X, y, *, lr, weight_decay):
    """Your gradient has the factor p(1 - p), which is that of a squared loss behind the sigmoid; in the log loss it cancels. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    p = torch.sigmoid(X @ w + b)
    error = (p - y) * p * (1 - p)
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (error.mean(0) + weight_decay * b)


def predictions_rounded(w, b, X, y, *, lr, weight_decay):
    """You round the probabilities to 0 and 1 before you take the error, so rows that are right by a hair teach nothing. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = (torch.sigmoid(X @ w + b) > 0.5).to(y.dtype) - y
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (error.mean(0) + weight_decay * b)


def bias_sees_moved_weights(w, b, X, y, *, lr, weight_decay):
    """The weights move first and the bias sees the new ones; both move from one and the same error. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    n = len(X)
    w = w - lr * (X.T @ (torch.sigmoid(X @ w + b) - y) / n + weight_decay * w)
    return w, b - lr * ((torch.sigmoid(X @ w + b) - y).mean(0) + weight_decay * b)


def arguments_stepped(w, b, X, y, *, lr, weight_decay):
    """The numbers are right, but w and b that you were given have moved; return new tensors. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = torch.sigmoid(X @ w + b) - y
    w -= lr * (X.T @ error / len(X) + weight_decay * w)
    b -= lr * (error.mean(0) + weight_decay * b)
    return w, b


def left_asking_for_gradients(w, b, X, y, *, lr, weight_decay):
    """The numbers are right, but w and b are left asking for gradients and holding some: work on detached copies. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    w.requires_grad_()
    b.requires_grad_()
    torch.nn.functional.binary_cross_entropy(torch.sigmoid(X @ w + b), y).backward()
    with torch.no_grad():
        return w - lr * (w.grad + weight_decay * w), b - lr * (b.grad + weight_decay * b)


def logistic_bias_as_matrix(w, b, X, y, *, lr, weight_decay):
    """Your bias comes back with shape (1, 1): keep only the dimension that it came with. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = torch.sigmoid(X @ w + b) - y
    grad_b = error.mean(0, keepdim=True)
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (grad_b + weight_decay * b)


def labels_broadcast_in_the_step(w, b, X, y, *, lr, weight_decay):
    """Labels of shape (n,) are paired with every prediction: (n, 1) minus (n,) is (n, n). Keep the column. Reread "The disagreement" (chapter 2, notebook 2, section 5)."""
    error = torch.sigmoid(X @ w + b) - y.flatten()
    return w - lr * (X.T @ error / len(X) + weight_decay * w), b - lr * (error.mean(0) + weight_decay * b)


def variance_around_the_truth(predictions, truth):
    """Your variance is taken around the truth, so it contains the bias as well, and the parts add up to too much. Take it around the mean prediction. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return ((predictions.mean(0) - truth) ** 2).mean(), ((predictions - truth) ** 2).mean()


def one_run_less(predictions, truth):
    """You divide by one run less (ddof 1), which is torch's default in `var`. Then bias² and variance do not add up to the squared error. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return ((predictions.mean(0) - truth) ** 2).mean(), predictions.var(dim=0).mean()


def bias_of_single_runs(predictions, truth):
    """Your bias² is the squared error of single runs, averaged; average the predictions first, then compare with the truth. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return ((predictions - truth) ** 2).mean(), predictions.var(dim=0, unbiased=False).mean()


def parts_swapped(predictions, truth):
    """The two numbers are right and have changed places. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return predictions.var(dim=0, unbiased=False).mean(), ((predictions.mean(0) - truth) ** 2).mean()


def signed_biases_averaged(predictions, truth):
    """You average the bias over the points before you square, so errors of different signs cancel. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return (predictions.mean(0) - truth).mean() ** 2, predictions.var(dim=0, unbiased=False).mean()


def bias_not_squared(predictions, truth):
    """You average the sizes of the bias; only its square adds up with the variance. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return (predictions.mean(0) - truth).abs().mean(), predictions.var(dim=0, unbiased=False).mean()


def standard_deviation(predictions, truth):
    """You return a standard deviation; the variance is its square, and only squares add up. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return ((predictions.mean(0) - truth) ** 2).mean(), predictions.std(dim=0, unbiased=False).mean()


def averaged_over_points_first(predictions, truth):
    """You average over the points where the runs were meant: each row is a run, so the mean over the runs goes along dimension 0. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    mean = predictions.mean(dim=1)
    return ((mean - truth) ** 2).mean(), ((predictions - mean.reshape(-1, 1)) ** 2).mean()


def all_points_together(predictions, truth):
    """Your variance throws all points together, so it mostly says how much the points differ. Take each point's own runs. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return ((predictions.mean(0) - truth) ** 2).mean(), predictions.var(unbiased=False)


def summed_over_points(predictions, truth):
    """You sum over the points; the average was asked for. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return ((predictions.mean(0) - truth) ** 2).sum(), predictions.var(dim=0, unbiased=False).sum()


def one_number_per_point(predictions, truth):
    """You return one number per point; average them over the points. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    return (predictions.mean(0) - truth) ** 2, predictions.var(dim=0, unbiased=False)


def difference_of_squares(predictions, truth):
    """You subtract the square of the mean from the mean of the squares. On paper that is the variance; in float32, far from zero, two large numbers cancel and their rounding is left. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    mean = predictions.mean(0)
    return ((mean - truth) ** 2).mean(), ((predictions**2).mean(0) - mean**2).mean()


def median_for_mean(predictions, truth):
    """You take the median over the runs; the bias is defined by the mean, and only with it do the parts add up. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    middle = predictions.median(dim=0).values
    return ((middle - truth) ** 2).mean(), ((predictions - middle) ** 2).mean()


def truth_subtracted_in_place(predictions, truth):
    """The numbers are right, but the predictions that you were given hold errors afterwards: `-=` changes the caller's tensor. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    predictions -= truth
    mean = predictions.mean(0)
    return (mean**2).mean(), ((predictions - mean) ** 2).mean()


def one_mean_for_everything(predictions, truth):
    """You take one mean over all runs and all points; the mean prediction is taken at each point, over its runs. Reread "Three parts of an error" (chapter 2, notebook 3, section 1)."""
    mean = predictions.mean()
    return ((mean - truth) ** 2).mean(), ((predictions - mean) ** 2).mean()


def row_space_instead(X, w):
    """This is the norm of the part that X does see, in its row space; the other part was asked for. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (torch.linalg.pinv(X) @ X @ w).norm().item()


def whole_norm(X, w):
    """This is the norm of all of w. Take off the part along the rows of X first. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return w.norm().item()


def what_the_data_see(X, w):
    """This is the norm of Xw, which is what the data see; the null space is where Xw is zero. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (X @ w).norm().item()


def squared_null_norm(X, w):
    """This is the squared norm; take the root. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (w - torch.linalg.pinv(X) @ X @ w).square().sum().item()


def null_norm_as_tensor(X, w):
    """You return a tensor; a float was asked for. `.item()` makes one. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (w - torch.linalg.pinv(X) @ X @ w).norm()


def full_rank_assumed(X, w):
    """You keep as many directions as X has rows or columns, even where rows depend on each other. Directions with a singular value of zero are not seen. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    Vh = torch.linalg.svd(X, full_matrices=False).Vh
    return (w - Vh.T @ (Vh @ w)).norm().item()


def gram_matrix_inverted(X, w):
    """You invert XXᵀ, which cannot be done with more rows than columns or with dependent rows: rounding decides what comes out. Use the pseudo-inverse. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (w - X.T @ torch.linalg.solve(X @ X.T, X @ w)).norm().item()


def rows_taken_as_orthonormal(X, w):
    """XᵀXw is the part that X sees only if the rows are orthogonal and of length 1. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (w - X.T @ X @ w).norm().item()


def rows_projected_off_one_by_one(X, w):
    """You take off the part along each row in turn; unless the rows are orthogonal, a later row brings back what an earlier one took. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    for row in X:
        w = w - row.reshape(-1, 1) * (row @ w) / (row @ row)
    return w.norm().item()


def last_coordinates(X, w):
    """You take the last entries of w; the null space has the right number of dimensions, but it lies askew. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return w[torch.linalg.matrix_rank(X) :].norm().item()


def small_means_unseen(X, w):
    """You compare singular values with a fixed small number, so a tiny X seems to see nothing. Compare them with the largest one. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    _, s, Vh = torch.linalg.svd(X, full_matrices=False)
    Vh = Vh[s > 1e-6]
    return (w - Vh.T @ (Vh @ w)).norm().item()


def fraction_of_the_norm(X, w):
    """You return a fraction of w's norm; the norm itself was asked for. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return ((w - torch.linalg.pinv(X) @ X @ w).norm() / w.norm()).item()


def null_space_dimensions(X, w):
    """You return the number of dimensions of the null space; the norm of w's part in it was asked for. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return float(X.shape[1] - torch.linalg.matrix_rank(X).item())


def sum_of_sizes(X, w):
    """You sum the sizes of the unseen part's entries; the norm is the root of the sum of their squares. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    return (w - torch.linalg.pinv(X) @ X @ w).abs().sum().item()


def columns_of_vh(X, w):
    """You take columns of `Vh` for directions; its rows are the directions, each with d entries. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    _, sizes, Vh = torch.linalg.svd(X)
    seen = Vh[:, : int((sizes > 1e-5 * sizes.max()).sum())]
    return (w - seen @ (seen.T @ w)).norm().item()


def columns_of_a_small_vh(X, w):
    """You take the columns of `Vh` for directions, and of the reduced one they have too few entries; its rows are the directions. Reread "Two numbers, predicted" (chapter 2, notebook 1, section 5)."""
    _, sizes, Vh = torch.linalg.svd(X, full_matrices=False)
    seen = Vh[:, : int((sizes > 1e-5 * sizes.max()).sum())]
    return (w - seen @ (seen.T @ w)).norm().item()


MISCONCEPTIONS = {
    "l2_penalty": [
        penalty_without_half,
        norm_for_squared_norm,
        plain_norm,
        mean_of_squares,
        squared_sum,
        penalty_per_weight,
        penalty_as_matrix,
        penalty_cut_off,
        penalty_as_float,
        root_squared_again,
        penalty_in_single_precision,
        weights_squared_in_place,
    ],
    "l1_penalty": [
        signs_cancel,
        size_of_the_sum,
        l1_averaged,
        l1_halved,
        l2_for_l1,
        largest_weight_alone,
        number_of_nonzero_weights,
        l1_per_weight,
        l1_summed_over_rows,
        l1_cut_off,
        root_of_the_square,
    ],
    "soft_threshold": [
        signs_flipped,
        hard_threshold,
        sign_lost,
        negative_entries_lost,
        subtracted_from_both_signs,
        clipped_at_the_threshold,
        small_entries_kept,
        shrunk_by_a_factor,
        pushed_outwards,
        threshold_of_the_largest,
        shrunk_in_place,
        divided_by_size,
    ],
    "decayed_sgd_step": [
        decay_forgotten,
        decay_not_times_lr,
        decay_sign_flipped,
        decay_after_the_step,
        decay_doubled,
        decay_halved,
        bias_spared,
        decay_divided_by_the_batch,
        decay_by_sign,
        gradients_overwritten,
        steps_uphill,
        parameters_replaced,
        name_rebound,
        decay_recorded,
        stops_asking_for_gradients,
        new_memory,
        stored_gradients_used,
        recording_left_off,
        asks_for_gradients_everywhere,
        only_the_first_parameter,
        zero_gradients_skipped,
        stored_gradients_alone,
        slices_assigned,
    ],
    "ridge": [
        alpha_times_n,
        alpha_divided_by_n,
        alpha_halved,
        alpha_doubled,
        root_of_alpha_forgotten,
        alpha_ignored,
        intercept_penalised_too,
        no_intercept_in_the_fit,
        intercept_afterwards,
        mean_label_as_intercept,
        alpha_on_every_entry,
        columns_standardised,
        one_mean_for_all_columns,
        data_centred_in_place,
        ridge_in_double_precision,
        ridge_intercept_as_matrix,
        identity_of_the_rows,
        singular_values_not_squared,
    ],
    "to_weight_decay": [
        strength_unchanged,
        factor_two_missed,
        factor_two_inverted,
        n_missed,
        n_inverted,
        n_for_means_too,
        halves_confused,
        factor_two_everywhere,
        penalty_taken_without_half,
        unknown_loss_accepted,
        key_error_for_unknown_loss,
        none_for_unknown_loss,
        loss_recognised_by_its_parts,
        sums_from_half_sum,
    ],
    "decay_groups": [
        groups_swapped,
        names_alone,
        dimensions_alone,
        bias_anywhere_in_the_name,
        dotted_bias_only,
        both_conditions_needed,
        matrices_alone_decayed,
        squeezed_dimensions,
        single_numbers_free,
        names_that_say_weight,
        tensors_for_names,
        groups_for_the_optimiser,
        names_sorted,
        parameters_taken_out,
        no_decay_no_groups,
    ],
    "logistic_step": [
        bias_left_free,
        decay_divided_by_n,
        summed_log_loss,
        bias_gradient_summed,
        divided_by_coefficients,
        loop_over_coefficients,
        error_sign_flipped,
        decay_pushes_outwards,
        logistic_decay_after_the_step,
        logistic_decay_doubled,
        logistic_decay_not_times_lr,
        logistic_decay_unused,
        sigmoid_forgotten,
        squared_loss_behind_the_sigmoid,
        predictions_rounded,
        bias_sees_moved_weights,
        arguments_stepped,
        left_asking_for_gradients,
        logistic_bias_as_matrix,
        labels_broadcast_in_the_step,
    ],
    "bias_variance": [
        variance_around_the_truth,
        one_run_less,
        bias_of_single_runs,
        parts_swapped,
        signed_biases_averaged,
        bias_not_squared,
        standard_deviation,
        averaged_over_points_first,
        all_points_together,
        summed_over_points,
        one_number_per_point,
        difference_of_squares,
        median_for_mean,
        truth_subtracted_in_place,
        one_mean_for_everything,
    ],
    "null_space_norm": [
        row_space_instead,
        whole_norm,
        what_the_data_see,
        squared_null_norm,
        null_norm_as_tensor,
        full_rank_assumed,
        gram_matrix_inverted,
        rows_taken_as_orthonormal,
        rows_projected_off_one_by_one,
        last_coordinates,
        small_means_unseen,
        fraction_of_the_norm,
        null_space_dimensions,
        sum_of_sizes,
        columns_of_vh,
        columns_of_a_small_vh,
    ],
}

"""Named wrong answers to assignment 3. They stay out of the release and out of the students' archive.

Each function or class is a mistake. Its name names it, and its signature is the exercise's. Its docstring is what a
student reads: what the code seems to do, why that matters, where to reread. Its source is pasted under the exercise's
name, so it uses nothing but torch and builtins. A class may stand on torch's own Adam, which has the same state and
refuses the same values: only its mistake matters. The exercise's tests must reject it. `MISCONCEPTIONS` at the end
lists the mistakes by exercise.
"""

import torch


def starts_at_first_value(values, beta):
    """The average starts at the first value. Adam's starts at zero, which is why it needs a correction at all. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m, averages = values[0], []
    for value in values:
        m = beta * m + (1 - beta) * value
        averages.append(m)
    return torch.stack(averages)


def shares_exchanged(values, beta):
    """beta and 1 - beta have changed places: with beta 0.9 the average would nearly be the newest value. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        m = (1 - beta) * m + beta * value
        averages.append(m)
    return torch.stack(averages)


def value_added_whole(values, beta):
    """The new value is added whole. Without its factor 1 - beta this is a decaying sum, as in momentum, and grows to many times the values. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        m = beta * m + value
        averages.append(m)
    return torch.stack(averages)


def last_average_only(values, beta):
    """You return one number, the average at the end; one for each value was asked for. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m = torch.zeros_like(values[0])
    for value in values:
        m = beta * m + (1 - beta) * value
    return m


def one_value_late(values, beta):
    """Each average comes one value late: it is stored before the value is averaged in. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        averages.append(m)
        m = beta * m + (1 - beta) * value
    return torch.stack(averages)


def corrected_already(values, beta):
    """The averages are corrected for their start at zero; here they were asked for without the correction. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=1):
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta**t))
    return torch.stack(averages)


def averaged_in_single_precision(values, beta):
    """The averages come out in float32 whatever goes in; results keep the dtype. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    m, averages = 0.0, []
    for value in values.tolist():
        m = beta * m + (1 - beta) * value
        averages.append(m)
    return torch.tensor(averages)


def values_overwritten(values, beta):
    """The averages are right, but they are written over the values that you were given. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    values[0] *= 1 - beta
    for t in range(1, len(values)):
        values[t] = beta * values[t - 1] + (1 - beta) * values[t]
    return values


def plain_mean(values, beta):
    """This is the mean of all values so far: each counts the same, and beta does nothing. The moving average forgets old values. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    return values.cumsum(0) / torch.arange(1, len(values) + 1, dtype=values.dtype)


def shares_in_single_precision(values, beta):
    """beta is raised to powers of a tensor of whole numbers, which makes float32 of it: in float64 half the digits are lost. Reread "A moving average" (chapter 3, notebook 1, section 1)."""
    lags = torch.arange(len(values)).reshape(-1, 1) - torch.arange(len(values))
    shares = torch.where(lags >= 0, (1 - beta) * beta ** lags.clamp(min=0), 0.0)
    return shares.to(values.dtype) @ values


def uncorrected(values, beta):
    """The averages are not corrected: the first ones are pulled towards the zero they started from. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        m = beta * m + (1 - beta) * value
        averages.append(m)
    return torch.stack(averages)


def power_one_too_low(values, beta):
    """The power of beta is one too low: the first value is number 1, and 1 - beta**0 is zero. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values):
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta**t))
    return torch.stack(averages)


def power_one_too_high(values, beta):
    """The power of beta is one too high: the first value is number 1, so the first average is divided by 1 - beta. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=2):
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta**t))
    return torch.stack(averages)


def last_correction_for_all(values, beta):
    """All averages are divided by the last one's correction; each has its own, by its own number t. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        m = beta * m + (1 - beta) * value
        averages.append(m)
    return torch.stack(averages) / (1 - beta ** len(values))


def correction_fed_back(values, beta):
    """The corrected average goes back into the recursion and is corrected again and again. Keep m as it is, and correct a copy for the result. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=1):
        m = (beta * m + (1 - beta) * value) / (1 - beta**t)
        averages.append(m)
    return torch.stack(averages)


def multiplied_by_correction(values, beta):
    """The averages are multiplied by 1 - beta^t, so they become still smaller; divide by it. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=1):
        m = beta * m + (1 - beta) * value
        averages.append(m * (1 - beta**t))
    return torch.stack(averages)


def product_for_power(values, beta):
    """The correction is 1 - beta * t; beta is raised to the power t, as each step multiplies the zero's share by beta once more. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=1):
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta * t))
    return torch.stack(averages)


def first_correction_for_all(values, beta):
    """Every average is divided by 1 - beta, which is right for the first one only. The zero's share, beta^t, fades. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta))
    return torch.stack(averages)


def starts_at_first_value_and_corrects(values, beta):
    """The average starts at the first value and is corrected as if it had started at zero, so the first ones are too large. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = values[0], []
    for t, value in enumerate(values, start=1):
        m = beta * m + (1 - beta) * value
        averages.append(m / (1 - beta**t))
    return torch.stack(averages)


def power_in_single_precision(values, beta):
    """beta is raised to a power in float32: a whole-number tensor as exponent gives torch's default dtype. For beta near 1 the difference 1 - beta^t then keeps few digits. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for value in values:
        m = beta * m + (1 - beta) * value
        averages.append(m)
    return torch.stack(averages) / (1 - beta ** torch.arange(1, len(values) + 1))


def shares_exchanged_and_corrected(values, beta):
    """beta and 1 - beta have changed places: the old average keeps the share beta. With beta 0.5 nobody notices. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    m, averages = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=1):
        m = (1 - beta) * m + beta * value
        averages.append(m / (1 - (1 - beta) ** t))
    return torch.stack(averages)


def upside_down(step, betas):
    """The ratio is upside down. Without the corrections the steps are too long, not too short, for the usual betas. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return (1 - betas[1] ** step) ** 0.5 / (1 - betas[0] ** step)


def root_left_out(step, betas):
    """The root is missing: a step is m over the root of v, so the second correction stands under a root too. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return (1 - betas[0] ** step) / (1 - betas[1] ** step)


def only_first_uncorrected(step, betas):
    """Only m lacks its correction. That alone shortens the steps; v lacks its correction too, and that lengthens them more. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return 1 - betas[0] ** step


def only_second_uncorrected(step, betas):
    """Only v lacks its correction. m lacks it too, which takes part of the excess away. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return 1 / (1 - betas[1] ** step) ** 0.5


def betas_exchanged(step, betas):
    """The betas have changed places: beta1 belongs to m, above the line, and beta2 to v, below it. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return (1 - betas[1] ** step) / (1 - betas[0] ** step) ** 0.5


def counted_from_zero(step, betas):
    """The power is one too low: `step` counts from 1, and is itself the exponent. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    return (1 - betas[0] ** (step - 1)) / (1 - betas[1] ** (step - 1)) ** 0.5


def always_the_first_step(step, betas):
    """You give the first step's ratio for every step: beta must be raised to the power of the step. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return (1 - betas[0]) / (1 - betas[1]) ** 0.5


def default_betas(step, betas):
    """You seem to use 0.9 and 0.999 whatever betas are given. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    return (1 - 0.9**step) / (1 - 0.999**step) ** 0.5


def ratio_as_tensor(step, betas):
    """You return a tensor; a float was asked for. Plain numbers are enough here, and `.item()` makes one. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    beta1, beta2 = torch.tensor(betas, dtype=torch.float64)
    return (1 - beta1**step) / (1 - beta2**step) ** 0.5


def ratio_one_step_late(step, betas):
    """The power is one too high: `step` is the number of this step, counted from 1, and both corrections use it as it is. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    beta1, beta2 = betas
    return (1 - beta1 ** (step + 1)) / (1 - beta2 ** (step + 1)) ** 0.5


def ratio_of_products(step, betas):
    """beta is multiplied by the step where it must be raised to its power; at step 1 nobody notices. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    beta1, beta2 = betas
    return (1 - beta1 * step) / (1 - beta2 * step) ** 0.5


def neither_corrected(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """Neither moment is corrected, so the first steps have the wrong length: for the usual betas they are too long. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    param -= lr * exp_avg / (exp_avg_sq.sqrt() + eps)


def first_moment_uncorrected(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """`exp_avg` is not corrected, so the first steps are too short: it started at zero, as the second moment did. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg, exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def second_moment_uncorrected(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """`exp_avg_sq` is not corrected, so the first steps are too long: it started at zero, as the first moment did. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def corrected_by_previous_step(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The correction uses the number of the step before. `step` counts from 1 and is the exponent as it stands. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1 ** (step - 1)), exp_avg_sq / (1 - beta2 ** (step - 1))
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def corrected_as_first_step(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The correction is that of the first step, whatever `step` is: beta must be raised to its power. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1), exp_avg_sq / (1 - beta2)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def both_corrected_by_beta1(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """Both moments are corrected with beta1; the second one has a beta of its own. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta1**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def epsilon_inside_root(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """eps stands inside the root. Where gradients are small, the root of eps is far larger than eps. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat + eps).sqrt()


def epsilon_before_correction(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """eps is added before the root is corrected, so it is scaled as well and counts too much in the first steps. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, root_of_correction = exp_avg / (1 - beta1**step), (1 - beta2**step) ** 0.5
    param -= lr * m_hat / ((exp_avg_sq.sqrt() + eps) / root_of_correction)


def epsilon_left_out(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """eps is missing: where the gradient has always been zero this divides zero by zero. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / v_hat.sqrt()


def epsilon_as_floor(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """eps is used as a smallest value of the root; it is added to it. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / v_hat.sqrt().clamp(min=eps)


def root_of_second_moment_left_out(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The root is missing: the step divides by the second moment itself, so its length depends on the gradient's scale. Reread "Scale does not matter" (chapter 3, notebook 1, section 7)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat + eps)


def absolute_gradient(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The second moment averages the gradient's size; it averages its square. Reread "From gradient descent to Adam" (chapter 3, notebook 1, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).add_(grad.abs(), alpha=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def square_of_first_moment(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The second moment averages the square of `exp_avg`; it averages the square of the gradient. Reread "From gradient descent to Adam" (chapter 3, notebook 1, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(exp_avg, exp_avg, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def betas_swapped(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The betas have changed places: the first belongs to `exp_avg`, the second to `exp_avg_sq`. Reread "From gradient descent to Adam" (chapter 3, notebook 1, section 4)."""
    beta2, beta1 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def one_beta_for_both(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The second moment is averaged with beta1; it has a beta of its own. Reread "From gradient descent to Adam" (chapter 3, notebook 1, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta1).addcmul_(grad, grad, value=1 - beta1)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def gradient_added_whole(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The gradient is added to `exp_avg` whole. Its factor 1 - beta1 is missing, so the steps are too long. Reread "From gradient descent to Adam" (chapter 3, notebook 1, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_decoupled(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay shrinks the parameter itself: that is AdamW. Adam adds it to the gradient, so that both moments see it. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_left_out(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """`weight_decay` is never used. With a zero gradient the decay alone should move the parameter. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_subtracted(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay is subtracted from the gradient, so it makes the parameters grow. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    grad = grad - weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_only_in_first_moment(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The second moment sees the gradient without its decay. Coupled means that both moments see the sum. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad + weight_decay * param, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_twice(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay acts twice: in the gradient, as in Adam, and on the parameter, as in AdamW. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * (m_hat / (v_hat.sqrt() + eps) + weight_decay * param)


def gradient_overwritten(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay is added to the gradient in place, so the caller's gradient changes, and the next step sees the decay twice. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    grad += weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def moments_out_of_place(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The new moments are other tensors: `exp_avg = ...` rebinds a name, and the caller's moments stay as they were. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg = beta1 * exp_avg + (1 - beta1) * grad
    exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * grad**2
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def parameter_out_of_place(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The parameter stays as it was. `param = param - ...` makes another tensor and rebinds a name: the caller's does not move. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param = param - lr * m_hat / (v_hat.sqrt() + eps)


def corrected_moments_stored(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The corrected moments are stored, so the next step averages and corrects them again. Correct copies. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg.div_(1 - beta1**step), exp_avg_sq.div_(1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def uphill(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The step goes along the gradient, uphill; descent goes against it. Reread "The first step" (chapter 3, notebook 1, section 5)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param += lr * m_hat / (v_hat.sqrt() + eps)


def step_returned(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """You return the new parameter; the one that was given must change in place, and nothing is returned. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    return param - lr * m_hat / (v_hat.sqrt() + eps)


def moments_forgotten(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The moments seem to start at zero in every step. They are the memory of the steps before: go on from what you are given. Reread "From gradient descent to Adam" (chapter 3, notebook 1, section 4)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.copy_((1 - beta1) * grad)
    exp_avg_sq.copy_((1 - beta2) * grad**2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def corrected_by_next_step(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The corrections use step + 1; `step` is the number of this step already. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    g = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(g, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).add_(g**2, alpha=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1 ** (step + 1)), exp_avg_sq / (1 - beta2 ** (step + 1))
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def corrected_by_products(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """beta is multiplied by the step where it must be raised to its power; at step 1 nobody notices. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    g = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(g, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).add_(g**2, alpha=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1 * step), exp_avg_sq / (1 - beta2 * step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def slices_of_moments_assigned(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """`exp_avg[:] = ...` changes the tensor that you were given, but one of shape () has nothing to slice; `mul_`, `add_` and `copy_` change any. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    g = grad + weight_decay * param
    exp_avg[:] = beta1 * exp_avg + (1 - beta1) * g
    exp_avg_sq[:] = beta2 * exp_avg_sq + (1 - beta2) * g**2
    param[:] = param - lr * exp_avg / (1 - beta1**step) / ((exp_avg_sq / (1 - beta2**step)).sqrt() + eps)


def decay_coupled(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay is added to the gradient and passes through both moments: that is Adam. AdamW shrinks the parameter itself. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_on_both_paths(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay acts twice: it shrinks the parameter and joins the gradient. Decoupled means that the moments never see it. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    param *= 1 - lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_without_lr(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay is not times the learning rate: torch multiplies the parameter by 1 - lr * weight_decay. Reread "Two meanings of decoupled" (chapter 3, notebook 3, section 6)."""
    beta1, beta2 = betas
    param *= 1 - weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_after_step(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay comes after the step and shrinks the step as well: shrink first, then step. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)
    param *= 1 - lr * weight_decay


def decay_on_corrected_lr(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay is times lr / (1 - beta1**step), the step size with the correction in it; it is times lr alone. Reread "Two meanings of decoupled" (chapter 3, notebook 3, section 6)."""
    beta1, beta2 = betas
    param *= 1 - lr / (1 - beta1**step) * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def no_decay_at_all(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """`weight_decay` is never used. Without gradient each step must multiply the parameter by 1 - lr * weight_decay. Reread "The first step tells them apart" (chapter 3, notebook 3, section 2)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def parameter_grows(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The sign of the decay is turned round: it makes the parameter grow. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    param *= 1 + lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_in_the_fraction(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay is added to m_hat and divided by the root with it, so parameters with large gradients decay less. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * (m_hat + weight_decay * param) / (v_hat.sqrt() + eps)


def decay_by_sign(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The same amount is taken off every parameter, whatever its size: that is the step of an L1 penalty. Decay is in proportion to the parameter. Reread "The first step tells them apart" (chapter 3, notebook 3, section 2)."""
    beta1, beta2 = betas
    param -= lr * weight_decay * param.sign()
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_out_of_place(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """`param = param * ...` makes a new tensor, and all that follows happens to that one: the caller's parameter stays as it was. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    param = param * (1 - lr * weight_decay)
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decay_of_the_first_step_only(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The decay acts in the first step only; it acts in every step. Reread "The first step tells them apart" (chapter 3, notebook 3, section 2)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay * (step == 1)
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decayed_without_correction(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """Neither moment is corrected, so the first steps have the wrong length. The decay is right. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    param -= lr * exp_avg / (exp_avg_sq.sqrt() + eps)


def decayed_with_epsilon_inside(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """eps stands inside the root. Where gradients are small, the root of eps is far larger than eps. The decay is right. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat + eps).sqrt()


def decayed_moments_out_of_place(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The new moments are other tensors: `exp_avg = ...` rebinds a name, and the caller's moments stay as they were. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    exp_avg = beta1 * exp_avg + (1 - beta1) * grad
    exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * grad**2
    m_hat, v_hat = exp_avg / (1 - beta1**step), exp_avg_sq / (1 - beta2**step)
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def correction_counts_from_zero(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The correction uses the number of the step before. `step` counts from 1 and is the exponent as it stands. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m_hat, v_hat = exp_avg / (1 - beta1 ** (step - 1)), exp_avg_sq / (1 - beta2 ** (step - 1))
    param -= lr * m_hat / (v_hat.sqrt() + eps)


def decayed_with_first_correction(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """Every step is corrected as the first one is: raise each beta to the power of `step`. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).add_(grad**2, alpha=1 - beta2)
    param -= lr * exp_avg / (1 - beta1) / ((exp_avg_sq / (1 - beta2)).sqrt() + eps)


def shrunk_and_then_decayed(param, grad, exp_avg, exp_avg_sq, step, *, lr, betas, eps, weight_decay):
    """The parameter shrinks, and then the decay joins the gradient as well, which Adam's step with a decay of zero would not do. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    param *= 1 - lr * weight_decay
    g = grad + weight_decay * param
    exp_avg.mul_(beta1).add_(g, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).add_(g**2, alpha=1 - beta2)
    param -= lr * exp_avg / (1 - beta1**step) / ((exp_avg_sq / (1 - beta2**step)).sqrt() + eps)


def maximum_after_correction(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The maximum is taken of *corrected* second moments. torch takes it of the uncorrected ones and corrects afterwards; after one large gradient the two go far apart. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq / (1 - beta2**step), out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def maximum_never_used(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The maximum is kept but never used: the step divides by the root of `exp_avg_sq`, as Adam's does. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    v_hat = exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def maximum_not_kept(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The maximum is worked out but not stored in `max_exp_avg_sq`, so the next step has forgotten it. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    largest = torch.maximum(max_exp_avg_sq, exp_avg_sq)
    v_hat = largest / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def maximum_of_the_step_before(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The step divides by the maximum of the step before: update it first, then use it. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def second_moment_overwritten(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The maximum is written into `exp_avg_sq`, which then never falls. Keep the average and its maximum apart. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    max_exp_avg_sq.copy_(torch.maximum(max_exp_avg_sq, exp_avg_sq, out=exp_avg_sq))
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def minimum_for_maximum(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """You keep the smallest second moment; AMSGrad keeps the largest, so that the step size cannot grow again. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.minimum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def one_maximum_for_all(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """One maximum serves all elements; each element has its own. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    max_exp_avg_sq.copy_(torch.maximum(max_exp_avg_sq, exp_avg_sq).max().expand_as(exp_avg_sq))
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def maximum_of_squared_gradients(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The maximum is that of the squared gradients; it is that of their moving average. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, grad**2, out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def maximum_uncorrected(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The maximum is not corrected before its root is taken, so the first steps are too long. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def average_uncorrected(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """`exp_avg` is not corrected, so the first steps are too short. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (v_hat.sqrt() + eps)


def maximum_with_epsilon_inside(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """eps stands inside the root; it is added to the corrected root. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq / (1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat + eps).sqrt()


def maximum_corrected_and_stored(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """The correction is stored in `max_exp_avg_sq`, so the next step compares a corrected number with one that is not. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    torch.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    v_hat = max_exp_avg_sq.div_(1 - beta2**step)
    param -= lr * exp_avg / (1 - beta1**step) / (v_hat.sqrt() + eps)


def slices_of_averages_assigned(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq, step, *, lr, betas, eps):
    """`exp_avg[:] = ...` changes the tensor that you were given, but one of shape () has nothing to slice; `mul_`, `add_` and `copy_` change any. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""
    beta1, beta2 = betas
    exp_avg[:] = beta1 * exp_avg + (1 - beta1) * grad
    exp_avg_sq[:] = beta2 * exp_avg_sq + (1 - beta2) * grad**2
    max_exp_avg_sq[:] = torch.maximum(max_exp_avg_sq, exp_avg_sq)
    param[:] = param - lr * exp_avg / (1 - beta1**step) / ((max_exp_avg_sq / (1 - beta2**step)).sqrt() + eps)


class step_uncorrected(torch.optim.Adam):
    """Neither moment is corrected, so the first steps have the wrong length: for the usual betas they are too long. Reread "Too large, not too small" (chapter 3, notebook 1, section 3)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = exp_avg_sq.sqrt().add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr)


class step_counted_too_late(torch.optim.Adam):
    """The correction uses the number of steps before this one; the step must be counted first, or 1 - beta**0 is zero. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))
                state["step"] += 1


class power_of_a_float32_tensor(torch.optim.Adam):
    """beta is raised to the power of the `step` tensor, which is float32, so the corrections keep seven digits at most, in float64 too. Take `.item()` first. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"]
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.sub_(lr / (1 - beta1**step) * exp_avg / denom)


class epsilon_under_the_root(torch.optim.Adam):
    """eps stands inside the root; torch adds it to the corrected root. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq / (1 - beta2**step) + eps).sqrt()
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class epsilon_not_after_correction(torch.optim.Adam):
    """eps is added before the root is corrected, so it is scaled as well and counts too much in the first steps. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = exp_avg_sq.sqrt().add_(eps) / (1 - beta2**step) ** 0.5
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class adamw_for_adam(torch.optim.Adam):
    """The decay shrinks the parameter itself, as AdamW does; torch's Adam adds it to the gradient. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad
                param.mul_(1 - lr * group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class gradient_takes_the_decay(torch.optim.Adam):
    """The decay is added to `param.grad` in place: the caller's gradient changes, and a second step without a new backward adds the decay again. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add_(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class counter_per_optimizer(torch.optim.Adam):
    """The steps are counted once for the whole optimiser. A parameter whose gradient comes later is then corrected as if its moments were old. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    @torch.no_grad()
    def step(self):
        self.steps = getattr(self, "steps", 0) + 1
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = self.steps
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class counter_for_all_parameters(torch.optim.Adam):
    """One `step` tensor is shared by all parameters, so it counts once for each of them in every step. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    @torch.no_grad()
    def step(self):
        shared = getattr(self, "shared", torch.tensor(0.0))
        self.shared = shared
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = shared
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class state_shared_by_shape(torch.optim.Adam):
    """Parameters of the same shape share one state: their gradients run into the same averages. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                shared = self.__dict__.setdefault("by_shape", {})
                state = self.state[param] = shared.setdefault(param.shape, {})
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class none_ends_the_step(torch.optim.Adam):
    """A parameter without gradient ends the whole step, and those after it never move: `continue` skips one, `return` all. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    return
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class amsgrad_in_the_papers_order(torch.optim.Adam):
    """The maximum is taken of corrected second moments; torch takes it of the uncorrected ones and corrects afterwards. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(
                        state["max_exp_avg_sq"], exp_avg_sq / (1 - beta2**step), out=state["max_exp_avg_sq"]
                    )
                denom = (exp_avg_sq if group["amsgrad"] else exp_avg_sq / (1 - beta2**step)).sqrt().add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class maximum_kept_but_unused(torch.optim.Adam):
    """The maximum is kept in the state, but the step divides by the root of `exp_avg_sq`, as without amsgrad. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class moments_not_stored(torch.optim.Adam):
    """The moments go on in local names and never back into the state, so every step starts from zero moments. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class update_watched(torch.optim.Adam):
    """Autograd watches the update and refuses it: put the step under `torch.no_grad()`. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class moments_watched(torch.optim.Adam):
    """Autograd does not watch the parameter's update, but it watches the moments': with `param` in it, the gradient plus decay is recorded, so each step keeps the graphs of all steps before it and memory grows. Put the whole step under `torch.no_grad()`. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = state["max_exp_avg_sq"] = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq)
                with torch.no_grad():
                    denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                    param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class parameters_rebound(torch.optim.Adam):
    """`param = param - ...` makes a new tensor, and the parameter stays where it was. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param = param - lr / (1 - beta1**step) * exp_avg / denom


class names_of_ones_own(torch.optim.Adam):
    """The state has names of its own. torch's `load_state_dict` takes it without a word, and its next step fails, or starts from nothing. Reread "Stop, save, resume" (chapter 3, notebook 2, section 9)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["t"] = torch.tensor(0.0)
                    state["m"], state["v"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["v_max"] = torch.zeros_like(param)
                state["t"] += 1
                step = state["t"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["m"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["v"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["v_max"], exp_avg_sq, out=state["v_max"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class state_outside_of_state(torch.optim.Adam):
    """The moments lie outside `self.state`, so `state_dict` does not save them: a run that is resumed has lost its memory. Reread "Stop, save, resume" (chapter 3, notebook 2, section 9)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.__dict__.setdefault("memory", {}).setdefault(param, {})
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class textbook_order(torch.optim.Adam):
    """Right to a few roundings, but not torch's bits: textbook order rounds at other places. Compare the order of your operations with torch's, one by one. Reread "Why the textbook order differs" (chapter 3, notebook 2, section 6)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq / (1 - beta2**step)).sqrt() + eps
                param -= lr * (exp_avg / (1 - beta1**step)) / denom


class older_releases_average(torch.optim.Adam):
    """Right to a few roundings, but not torch's bits: `mul_().add_()` rounds otherwise than `lerp_`, which torch uses now. Reread "Rebuilt, bit for bit" (chapter 3, notebook 2, section 5)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(param), torch.zeros_like(param)
                    if group["amsgrad"]:
                        state["max_exp_avg_sq"] = torch.zeros_like(param)
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class gradient_cleared(torch.optim.Adam):
    """step() clears the gradients. torch leaves that to `zero_grad`, and code that looks at gradients after a step finds none. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    def step(self):
        super().step()
        self.zero_grad()


class none_taken_for_zero(torch.optim.Adam):
    """A gradient that is None is treated as zero: the parameter decays or drifts on, and its step counts. It must be skipped. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is None:
                    param.grad = torch.zeros_like(param)
        super().step()


class first_group_only(torch.optim.Adam):
    """Only the first group takes a step; the others are in `param_groups` too. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    def step(self):
        groups = self.param_groups
        self.param_groups = groups[:1]
        super().step()
        self.param_groups = groups


class options_of_the_optimizer(torch.optim.Adam):
    """The options are those of the optimiser, not of the group: a group's own lr, betas or decay do nothing, nor do loaded ones. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""

    def step(self):
        groups = self.param_groups
        self.param_groups = [{**group, **self.defaults} for group in groups]
        super().step()
        self.param_groups = groups


class amsgrad_never_looked_at(torch.optim.Adam):
    """`amsgrad` is taken and never looked at: the maximum is missing in the state and in the step. Reread "AMSGrad" (chapter 3, notebook 2, section 7)."""

    def step(self):
        groups = self.param_groups
        self.param_groups = [{**group, "amsgrad": False} for group in groups]
        super().step()
        self.param_groups = groups


class anything_accepted(torch.optim.Adam):
    """Nothing is refused: a negative learning rate or a beta of 1 should be a `ValueError` at once, not a strange run later. Reread "What is refused" (chapter 3, notebook 2, section 2)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        torch.optim.Optimizer.__init__(self, params, torch.optim.Adam([torch.zeros(1)]).defaults | options)


class nan_accepted(torch.optim.Adam):
    """NaN slips through: `nan < 0` is false, and so is every comparison with it. Ask whether the value is right, not whether it is wrong. Reread "What is refused" (chapter 3, notebook 2, section 2)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or any(beta < 0 or beta >= 1 for beta in betas):
            raise ValueError("a value is refused")
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        torch.optim.Optimizer.__init__(self, params, torch.optim.Adam([torch.zeros(1)]).defaults | options)


class beta_of_one_accepted(torch.optim.Adam):
    """A beta of 1 is accepted: then 1 - beta**step is zero for ever, and the correction divides by it. Reread "What is refused" (chapter 3, notebook 2, section 2)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0 and all(0 <= beta <= 1 for beta in betas)):
            raise ValueError("a value is refused")
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        torch.optim.Optimizer.__init__(self, params, torch.optim.Adam([torch.zeros(1)]).defaults | options)


class zero_refused(torch.optim.Adam):
    """Zero is refused where torch takes it: lr, eps and decay may be zero, and so may the betas. Reread "What is refused" (chapter 3, notebook 2, section 2)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if not (lr > 0 and eps > 0 and weight_decay >= 0 and all(0 < beta < 1 for beta in betas)):
            raise ValueError("a value is refused")
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        torch.optim.Optimizer.__init__(self, params, torch.optim.Adam([torch.zeros(1)]).defaults | options)


class decay_not_checked(torch.optim.Adam):
    """A negative `weight_decay` is accepted; torch refuses it like a negative lr. Reread "What is refused" (chapter 3, notebook 2, section 2)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if not (lr >= 0 and eps >= 0 and all(0 <= beta < 1 for beta in betas)):
            raise ValueError("a value is refused")
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        torch.optim.Optimizer.__init__(self, params, torch.optim.Adam([torch.zeros(1)]).defaults | options)


class assertion_for_refusal(torch.optim.Adam):
    """A bad value is refused, but by an `AssertionError`; torch raises `ValueError`, and whoever catches that misses yours. Reread "What is refused" (chapter 3, notebook 2, section 2)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        assert lr >= 0 and eps >= 0 and weight_decay >= 0 and all(0 <= beta < 1 for beta in betas)
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        torch.optim.Optimizer.__init__(self, params, torch.optim.Adam([torch.zeros(1)]).defaults | options)


class state_made_in_advance(torch.optim.Optimizer):
    """State is made for all parameters when the optimiser is: a group that is added later has none, and parameters that never get a gradient have some. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0 and all(0 <= beta < 1 for beta in betas)):
            raise ValueError("a value is refused")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad))
        for group in self.param_groups:
            for param in group["params"]:
                self.state[param] = {
                    name: torch.zeros_like(param.detach()) for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                }
                self.state[param]["step"] = torch.tensor(0.0)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                state["step"] += 1
                step = state["step"].item()
                grad = param.grad.add(param, alpha=group["weight_decay"])
                exp_avg = state["exp_avg"].lerp_(grad, 1 - beta1)
                exp_avg_sq = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                if group["amsgrad"]:
                    exp_avg_sq = torch.maximum(state["max_exp_avg_sq"], exp_avg_sq, out=state["max_exp_avg_sq"])
                denom = (exp_avg_sq.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
                param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1**step))


class base_class_not_started(torch.optim.Optimizer):
    """`super().__init__(params, defaults)` is never called, so there are no groups, no state and no state_dict. Reread "State, made when needed" (chapter 3, notebook 2, section 3)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        self.params = list(params)
        self.options = (lr, betas, eps, weight_decay, amsgrad)

    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                param.data.sub_(group["lr"] * param.grad)


def bits_counted(optimizer, dtype):
    """These are bits; a byte has eight of them. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}
    sizes = {"bfloat16": 16, "float32": 32, "float64": 64}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * sizes[dtype]


def parameter_and_gradient_counted(optimizer, dtype):
    """Parameter and gradient are counted as well. They are there without an optimiser, too; only its state was asked for. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return (2 + tensors[optimizer]) * sizes[dtype]


def one_moment_counted(optimizer, dtype):
    """One tensor is missing: Adam keeps both moments, and AMSGrad their maximum too. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 1, "amsgrad": 2}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * sizes[dtype]


def maximum_not_counted(optimizer, dtype):
    """AMSGrad keeps the largest second moment beside the second moment itself: three tensors, not two. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 2}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * sizes[dtype]


def state_always_in_float32(optimizer, dtype):
    """Four bytes are counted whatever the dtype; torch makes the state in the dtype of the parameter. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * 4


def sgd_keeps_one(optimizer, dtype):
    """Plain SGD has no state at all: without momentum it forgets each gradient. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 1, "momentum": 1, "adam": 2, "amsgrad": 3}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * sizes[dtype]


def bytes_as_float(optimizer, dtype):
    """You return a float; a number of bytes is an int. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * sizes[dtype] / 1


def momentum_keeps_none(optimizer, dtype):
    """SGD with momentum keeps one tensor, the running sum of gradients. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 0, "adam": 2, "amsgrad": 3}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown optimizer or dtype")
    return tensors[optimizer] * sizes[dtype]


def key_error_for_unknown(optimizer, dtype):
    """An unknown name does raise an error, but a `KeyError`; `ValueError` was asked for. Reread "What is refused" (chapter 3, notebook 2, section 2)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}
    return tensors[optimizer] * {"bfloat16": 2, "float32": 4, "float64": 8}[dtype]


def unknown_counts_nothing(optimizer, dtype):
    """An unknown optimizer or dtype passes silently as 0 bytes; it was to raise `ValueError`. Reread "What is refused" (chapter 3, notebook 2, section 2)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "amsgrad": 3}
    return tensors.get(optimizer, 0) * {"bfloat16": 2, "float32": 4, "float64": 8}.get(dtype, 0)


def adamw_known_too(optimizer, dtype):
    """You answer for "adamw", a name that the exercise does not list: it asks for a `ValueError`. Reread "What it costs in memory" (chapter 3, notebook 2, section 10)."""
    tensors = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2, "amsgrad": 3}
    sizes = {"bfloat16": 2, "float32": 4, "float64": 8}
    if optimizer not in tensors or dtype not in sizes:
        raise ValueError("unknown name")
    return tensors[optimizer] * sizes[dtype]


def list_filled_with_new_tensors(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The list gets new tensors, and the parameters themselves stay as they were: copy each piece into its parameter. Reread "Many small tensors" (chapter 3, notebook 4, section 3)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for i, piece in enumerate(flat.split([param.numel() for param in params])):
        params[i] = piece.reshape(params[i].shape)


def pieces_not_copied_back(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The parameters stay as they were. `torch.cat` copies, and what moves is the flat copy: write each piece back. Reread "Many small tensors" (chapter 3, notebook 4, section 3)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    params = [
        piece.reshape(param.shape)
        for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True)
    ]


def buffers_replaced(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """`state[...] = ...` puts new tensors into the dict; the flat buffers that you were given must change in place. Reread "Six ways" (chapter 3, notebook 4, section 2)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * grad
    state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * grad**2
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


def column_by_column(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """Matrices lie in the buffer column by column; `flatten()` goes row by row, and so must the state. Reread "Many small tensors" (chapter 3, notebook 4, section 3)."""
    beta1, beta2 = betas
    flat = torch.cat([param.permute(list(range(param.dim()))[::-1]).flatten() for param in params])
    grad = torch.cat([grad.permute(list(range(grad.dim()))[::-1]).flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape[::-1]).permute(list(range(param.dim()))[::-1]))


def first_parameter_only(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """Only the first parameter is written back: does the function return from inside the loop? Reread "Many small tensors" (chapter 3, notebook 4, section 3)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))
        return


def pieces_from_the_start(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """Every parameter gets its piece from the start of the buffer: the offset does not move on. Reread "Many small tensors" (chapter 3, notebook 4, section 3)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param in params:
        param.copy_(flat[: param.numel()].reshape(param.shape))


def flat_without_correction(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """Neither moment is corrected: the step of the whole buffer needs both corrections, as one tensor does. Reread "The correction" (chapter 3, notebook 1, section 2)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"]).sqrt() + eps
    flat -= lr * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


def flat_without_decay(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """`weight_decay` is never used; it joins the flat gradient as it joins a single one. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads])
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


def flat_decay_decoupled(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The decay shrinks the parameters themselves, as AdamW does; here it belongs to the gradient. Reread "Two places for the decay" (chapter 3, notebook 3, section 1)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads])
    flat *= 1 - lr * weight_decay
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


def flat_epsilon_inside_root(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """eps stands inside the root; it is added to the corrected root. Reread "Where epsilon goes" (chapter 3, notebook 1, section 6)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step) + eps).sqrt()
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


def one_norm_for_all(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The step is divided by one number for the whole buffer; each element has its own second moment. Reread "Six ways" (chapter 3, notebook 4, section 2)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat([grad.flatten() for grad in grads]) + weight_decay * flat
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    denom = denom.mean()
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


def gradients_decayed_in_place(params, grads, state, step, *, lr, betas, eps, weight_decay):
    """The decay is added to the gradients in place, so the caller's gradients change. Reread "The update, line by line" (chapter 3, notebook 2, section 4)."""
    beta1, beta2 = betas
    flat = torch.cat([param.flatten() for param in params])
    grad = torch.cat(
        [grad.add_(param, alpha=weight_decay).flatten() for grad, param in zip(grads, params, strict=True)]
    )
    state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    denom = (state["exp_avg_sq"] / (1 - beta2**step)).sqrt() + eps
    flat -= lr / (1 - beta1**step) * state["exp_avg"] / denom
    for param, piece in zip(params, flat.split([param.numel() for param in params]), strict=True):
        param.copy_(piece.reshape(param.shape))


MISCONCEPTIONS = {
    "ema": [
        starts_at_first_value,
        shares_exchanged,
        value_added_whole,
        last_average_only,
        one_value_late,
        corrected_already,
        averaged_in_single_precision,
        values_overwritten,
        plain_mean,
        shares_in_single_precision,
    ],
    "bias_corrected_ema": [
        uncorrected,
        power_one_too_low,
        power_one_too_high,
        last_correction_for_all,
        correction_fed_back,
        multiplied_by_correction,
        product_for_power,
        first_correction_for_all,
        starts_at_first_value_and_corrects,
        power_in_single_precision,
        shares_exchanged_and_corrected,
    ],
    "uncorrected_ratio": [
        upside_down,
        root_left_out,
        only_first_uncorrected,
        only_second_uncorrected,
        betas_exchanged,
        counted_from_zero,
        always_the_first_step,
        default_betas,
        ratio_as_tensor,
        ratio_one_step_late,
        ratio_of_products,
    ],
    "adam_step": [
        neither_corrected,
        first_moment_uncorrected,
        second_moment_uncorrected,
        corrected_by_previous_step,
        corrected_as_first_step,
        both_corrected_by_beta1,
        epsilon_inside_root,
        epsilon_before_correction,
        epsilon_left_out,
        epsilon_as_floor,
        root_of_second_moment_left_out,
        absolute_gradient,
        square_of_first_moment,
        betas_swapped,
        one_beta_for_both,
        gradient_added_whole,
        decay_decoupled,
        decay_left_out,
        decay_subtracted,
        decay_only_in_first_moment,
        decay_twice,
        gradient_overwritten,
        moments_out_of_place,
        parameter_out_of_place,
        corrected_moments_stored,
        uphill,
        step_returned,
        moments_forgotten,
        corrected_by_next_step,
        corrected_by_products,
        slices_of_moments_assigned,
    ],
    "adamw_step": [
        decay_coupled,
        decay_on_both_paths,
        decay_without_lr,
        decay_after_step,
        decay_on_corrected_lr,
        no_decay_at_all,
        parameter_grows,
        decay_in_the_fraction,
        decay_by_sign,
        decay_out_of_place,
        decay_of_the_first_step_only,
        decayed_without_correction,
        decayed_with_epsilon_inside,
        decayed_moments_out_of_place,
        correction_counts_from_zero,
        decayed_with_first_correction,
        shrunk_and_then_decayed,
    ],
    "amsgrad_step": [
        maximum_after_correction,
        maximum_never_used,
        maximum_not_kept,
        maximum_of_the_step_before,
        second_moment_overwritten,
        minimum_for_maximum,
        one_maximum_for_all,
        maximum_of_squared_gradients,
        maximum_uncorrected,
        average_uncorrected,
        maximum_with_epsilon_inside,
        maximum_corrected_and_stored,
        slices_of_averages_assigned,
    ],
    "Adam": [
        step_uncorrected,
        step_counted_too_late,
        power_of_a_float32_tensor,
        epsilon_under_the_root,
        epsilon_not_after_correction,
        adamw_for_adam,
        gradient_takes_the_decay,
        counter_per_optimizer,
        counter_for_all_parameters,
        state_shared_by_shape,
        none_ends_the_step,
        amsgrad_in_the_papers_order,
        maximum_kept_but_unused,
        moments_not_stored,
        update_watched,
        moments_watched,
        parameters_rebound,
        names_of_ones_own,
        state_outside_of_state,
        textbook_order,
        older_releases_average,
        gradient_cleared,
        none_taken_for_zero,
        first_group_only,
        options_of_the_optimizer,
        amsgrad_never_looked_at,
        anything_accepted,
        nan_accepted,
        beta_of_one_accepted,
        zero_refused,
        decay_not_checked,
        assertion_for_refusal,
        state_made_in_advance,
        base_class_not_started,
    ],
    "optimizer_bytes": [
        bits_counted,
        parameter_and_gradient_counted,
        one_moment_counted,
        maximum_not_counted,
        state_always_in_float32,
        sgd_keeps_one,
        bytes_as_float,
        momentum_keeps_none,
        key_error_for_unknown,
        unknown_counts_nothing,
        adamw_known_too,
    ],
    "flat_adam_step": [
        list_filled_with_new_tensors,
        pieces_not_copied_back,
        buffers_replaced,
        column_by_column,
        first_parameter_only,
        pieces_from_the_start,
        flat_without_correction,
        flat_without_decay,
        flat_decay_decoupled,
        flat_epsilon_inside_root,
        one_norm_for_all,
        gradients_decayed_in_place,
    ],
}

"""Data: made ones with a known answer, minibatches, and scikit-learn's bundled sets as tensors."""

from collections.abc import Iterator, Sequence

import torch
from sklearn.datasets import load_breast_cancer, load_diabetes
from torch import Tensor


def synthetic_regression(
    true_w: Sequence[float] | Tensor,
    true_b: float,
    n_samples: int,
    *,
    noise: float,
    seed: int,
    dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor]:
    """Make linear data with a known answer: y = X w + b + noise.

    The inputs are standard normal. The numbers come from a generator of their own, so the global one stays untouched;
    draw weights from another seed, or they are proportional to the first row.

    Args:
        true_w: d weights, as floats or a tensor of shape (d,) or (d, 1).
        true_b: the bias.
        n_samples: number of rows n, at least 1.
        noise: standard deviation of the noise on y, in y's unit, at least 0.
        seed: of the generator.
        dtype: float32 or float64.

    Returns:
        X of shape (n, d) and y of shape (n, 1).

    Raises:
        ValueError: an argument is out of its range.

    Example:
        >>> X, y = synthetic_regression([2, -3.4], 4.2, 100, noise=0.0, seed=0)
        >>> X.shape, y.shape
        (torch.Size([100, 2]), torch.Size([100, 1]))
        >>> torch.allclose(y, X @ torch.tensor([[2.0], [-3.4]]) + 4.2)
        True
    """
    w = torch.as_tensor(true_w, dtype=dtype)
    if w.numel() == 0 or w.shape not in {(w.numel(),), (w.numel(), 1)}:
        raise ValueError(f"`true_w` must be d weights of shape (d,) or (d, 1): got shape {tuple(w.shape)}.")
    if n_samples < 1:
        raise ValueError(f"`n_samples` must be at least 1: got {n_samples}.")
    if noise < 0:
        raise ValueError(f"`noise` is a standard deviation and must be at least 0: got {noise}.")
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n_samples, w.numel(), generator=generator, dtype=dtype)
    errors = noise * torch.randn(n_samples, 1, generator=generator, dtype=dtype)
    return X, X @ w.reshape(-1, 1) + true_b + errors


def minibatches(
    X: Tensor, y: Tensor, *, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Go through the rows once, in random order, a batch at a time; the last batch may be short.

    Args:
        X: inputs of shape (n, d).
        y: labels of shape (n, 1).
        batch_size: rows a batch, at least 1.
        generator: gives the order, and moves on.

    Returns:
        An iterator over (X_batch, y_batch).

    Raises:
        ValueError: the rows do not match, or `batch_size` is out of its range; raised at the call.

    Example:
        >>> X, y = synthetic_regression([1.0], 0.0, 5, noise=0.0, seed=0)
        >>> [len(rows) for rows, _ in minibatches(X, y, batch_size=2, generator=torch.Generator())]
        [2, 2, 1]
    """
    if len(X) != len(y):
        raise ValueError(f"`X` and `y` do not match: X is {tuple(X.shape)}, y is {tuple(y.shape)}; one label per row.")
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be at least 1: got {batch_size}.")
    order = torch.randperm(len(X), generator=generator)
    return ((X[rows], y[rows]) for rows in order.split(batch_size))


def standardise(X: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give every column mean 0 and standard deviation 1.

    Args:
        X: of shape (n, d), no column constant.

    Returns:
        The standardised X (n, d), the means (d,) and the standard deviations (d,), which divide by n.

    Raises:
        ValueError: X is not a matrix, or a column is constant.

    Example:
        >>> standardise(torch.tensor([[1.0, 10.0], [3.0, 30.0]]))[0]
        tensor([[-1., -1.],
                [ 1.,  1.]])
    """
    if X.ndim != 2:
        raise ValueError(f"`X` must be a matrix of shape (n, d): got shape {tuple(X.shape)}.")
    mean, std = X.mean(dim=0), X.std(dim=0, correction=0)
    constant = (X[:1] == X).all(dim=0).nonzero().flatten().tolist()
    if constant:
        raise ValueError(f"`X` has columns that are constant and cannot be standardised: {constant}. Leave them out.")
    return (X - mean) / std, mean, std


def diabetes(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Load scikit-learn's diabetes data: ten measurements of 442 people, and the disease's progression a year later.

    Args:
        dtype: float32 or float64.

    Returns:
        X of shape (442, 10), in the original units; y of shape (442, 1); the ten names.

    Example:
        >>> X, y, names = diabetes()
        >>> X.shape, y.shape, names[2]
        (torch.Size([442, 10]), torch.Size([442, 1]), 'bmi')

    Reference: B. Efron et al., Least Angle Regression, Annals of Statistics 32 (2004).
    """
    found = load_diabetes(scaled=False)
    return _as_tensors(found, tuple(found.feature_names), dtype)


def breast_cancer(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Load scikit-learn's breast cancer data: thirty measurements of 569 tumours, and 1 where it is benign.

    Args:
        dtype: float32 or float64.

    Returns:
        X of shape (569, 30), in the original units; y of shape (569, 1), zeros and ones; the thirty names.

    Example:
        >>> X, y, names = breast_cancer()
        >>> X.shape, y.unique().tolist(), names[0]
        (torch.Size([569, 30]), [0.0, 1.0], 'mean radius')

    Reference: W. Street, W. Wolberg, O. Mangasarian, Nuclear feature extraction for breast tumor diagnosis (1993).
    """
    found = load_breast_cancer()
    return _as_tensors(found, tuple(str(name) for name in found.feature_names), dtype)


def _as_tensors(found, names: tuple[str, ...], dtype: torch.dtype) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    return torch.tensor(found.data, dtype=dtype), torch.tensor(found.target, dtype=dtype).reshape(-1, 1), names

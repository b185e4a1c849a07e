"""helpers.data: right, reproducible, and clear about bad input."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import breast_cancer, diabetes, minibatches, standardise, synthetic_regression


def test_synthetic_data_follow_the_line_with_the_noise_asked_for():
    X, y = synthetic_regression([2, -3.4], 4.2, 20_000, noise=0.5, seed=3, dtype=torch.float64)
    errors = y - X @ torch.tensor([[2], [-3.4]], dtype=torch.float64) - 4.2
    assert abs(errors.std().item() - 0.5) < 0.01 and abs(errors.mean().item()) < 0.015
    assert abs(X.std().item() - 1) < 0.02


def test_synthetic_data_depend_on_the_seed_alone():
    before = torch.get_rng_state()
    first = synthetic_regression([1.0], 0, 5, noise=1, seed=1)
    torch.manual_seed(99)
    second = synthetic_regression([1.0], 0, 5, noise=1, seed=1)
    assert first[0].equal(second[0]) and first[1].equal(second[1])
    assert not first[0].equal(synthetic_regression([1.0], 0, 5, noise=1, seed=2)[0])
    torch.set_rng_state(before)


def test_synthetic_data_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    synthetic_regression([1.0], 0, 5, noise=1, seed=1)
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize("true_w", [[2.0, 1.0], torch.tensor([2.0, 1.0]), torch.tensor([[2.0], [1.0]])])
def test_weights_come_as_floats_or_a_column(true_w):
    X, y = synthetic_regression(true_w, 0.0, 4, noise=0.0, seed=0)
    torch.testing.assert_close(y, X @ torch.tensor([[2.0], [1.0]]))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"true_w": []}, r"`true_w` must be d weights"),
        ({"true_w": torch.zeros(1, 2)}, r"got shape \(1, 2\)"),
        ({"n_samples": 0}, "`n_samples` must be at least 1: got 0"),
        ({"noise": -0.1}, "`noise` is a standard deviation .* got -0.1"),
    ],
)
def test_bad_synthetic_data_are_refused(arguments, message):
    good = {"true_w": [1.0], "true_b": 0.0, "n_samples": 3, "noise": 0.0, "seed": 0}
    with pytest.raises(ValueError, match=message):
        synthetic_regression(**good | arguments)


@given(n_rows=st.integers(1, 40), batch_size=st.integers(1, 50), seed=st.integers(0, 99))
def test_minibatches_visit_every_row_once(n_rows, batch_size, seed):
    X = torch.arange(n_rows).reshape(-1, 1)
    batches = list(minibatches(X, -X, batch_size=batch_size, generator=torch.Generator().manual_seed(seed)))
    assert torch.cat([rows for rows, _ in batches]).sort(dim=0).values.equal(X)
    assert all(labels.equal(-rows) for rows, labels in batches)
    assert [len(rows) for rows, _ in batches[:-1]] == [batch_size] * (len(batches) - 1)


def test_minibatches_are_shuffled_by_the_generator_and_by_nothing_else():
    X = torch.arange(50).reshape(-1, 1)

    def order(generator):
        return torch.cat([rows for rows, _ in minibatches(X, X, batch_size=7, generator=generator)])

    generator = torch.Generator().manual_seed(1)
    first, second = order(generator), order(generator)
    assert not first.equal(X) and not first.equal(second)
    assert first.equal(order(torch.Generator().manual_seed(1)))


def test_bad_minibatches_are_refused_at_the_call():
    X, generator = torch.zeros(4, 2), torch.Generator()
    with pytest.raises(ValueError, match=r"`X` and `y` do not match: X is \(4, 2\), y is \(3, 1\)"):
        minibatches(X, torch.zeros(3, 1), batch_size=2, generator=generator)
    with pytest.raises(ValueError, match="`batch_size` must be at least 1: got 0"):
        minibatches(X, torch.zeros(4, 1), batch_size=0, generator=generator)


def test_standardised_columns_have_mean_0_and_deviation_1():
    X = diabetes()[0]
    scaled, mean, std = standardise(X)
    torch.testing.assert_close(scaled.mean(dim=0), torch.zeros(10, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(scaled.std(dim=0, correction=0), torch.ones(10, dtype=torch.float64))
    torch.testing.assert_close(scaled * std + mean, X)


def test_what_cannot_be_standardised_is_refused():
    with pytest.raises(ValueError, match=r"constant and cannot be standardised: \[1\]"):
        standardise(torch.tensor([[1.0, 5.0], [2.0, 5.0]]))
    with pytest.raises(ValueError, match=r"must be a matrix .* got shape \(3,\)"):
        standardise(torch.ones(3))


@pytest.mark.parametrize("load, shape", [(diabetes, (442, 10)), (breast_cancer, (569, 30))])
def test_bundled_sets_are_columns_with_names(load, shape):
    X, y, names = load(torch.float32)
    assert X.shape == shape and y.shape == (shape[0], 1) and len(names) == shape[1]
    assert X.dtype == y.dtype == torch.float32 and X.isfinite().all()

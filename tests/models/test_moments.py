"""Linear models from moments against the same models from all rows at once, written out as a slow oracle."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import ar1, market, samples_of

from beatnaive.models import moments
from beatnaive.models.linear import Linear, Ridge
from beatnaive.models.moments import Moments, solutions, squared_errors, total

RNG = np.random.default_rng(0)


def panel(n=500, symbols=6, horizon=1, seed=1):
    """Ten columns of very different size and place, of which two are sums of others and one stands still."""
    samples = samples_of(market(ar1(n, 0.1, seed=seed, symbols=symbols)), horizon=horizon)
    rng, k = np.random.default_rng(seed), len(samples.inputs)
    free = rng.normal(size=(k, 7)) * [1, 1e-6, 1e8, 1, 1, 1, 1] + [0, 5, -1e9, 1e3, 0, 0, 0]
    free[:, 6] = samples.inputs.x[:, 0]
    x = np.column_stack([free, free[:, 0] + free[:, 4], free[:, 5] - 2 * free[:, 4], np.full(k, 7.0)])
    x[~np.isfinite(x)] = 0.0
    return replace(samples, inputs=replace(samples.inputs, x=x, features=tuple(f"c{j}" for j in range(x.shape[1]))))


def standard(x):
    spread = x.std(0)
    return x.mean(0), np.where(spread > 1e-12 * np.abs(x).max(0), spread, 1.0)


def slow(train, penalties=None, chains=4):
    """(shift, scale, weights, mean, penalty): least squares by singular values, or ridge with its chain, row by row."""
    x, y, origin = train.inputs.x[train.rows], train.y, train.inputs.origin[train.rows]

    def at(rows, penalty):
        shift, scale = standard(x[rows])
        z = (x[rows] - shift) / scale
        if penalty is None:
            return shift, scale, np.linalg.lstsq(z, y[rows] - y[rows].mean(), rcond=None)[0], y[rows].mean()
        gram = z.T @ z + penalty * np.eye(z.shape[1])
        return shift, scale, np.linalg.solve(gram, z.T @ (y[rows] - y[rows].mean())), y[rows].mean()

    every = np.arange(len(y))
    if penalties is None:
        return (*at(every, None), None)
    errors = np.zeros(len(penalties))
    for begin, end in pairwise(np.linspace(0, len(y), chains + 2).astype(int)[1:]):
        past = np.flatnonzero(train.known_at <= origin[begin])
        for k, penalty in enumerate(penalties):
            shift, scale, weights, mean = at(past, penalty)
            errors[k] += ((mean + (x[begin:end] - shift) / scale @ weights - y[begin:end]) ** 2).sum()
    penalty = penalties[int(errors.argmin())]
    return (*at(every, penalty), penalty)


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("symbols", [1, 6])
def test_forecasts_are_those_of_all_rows_at_once_to_a_billionth(symbols, horizon):
    train = panel(symbols=symbols, horizon=horizon, seed=symbols + horizon)
    x = train.inputs.x[train.rows]
    for recipe, penalties in ((Linear(), None), (Ridge(), Ridge().penalties)):
        shift, scale, weights, mean, penalty = slow(train, penalties)
        fitted = recipe.fit(train, RNG)
        assert fitted.penalty == penalty
        assert (fitted.facts.windows, fitted.facts.parameters) == (len(train), 11)
        ours = fitted.predict(train.inputs, train.rows).mean
        np.testing.assert_allclose(ours, mean + (x - shift) / scale @ weights, rtol=0, atol=1e-9)


@pytest.mark.parametrize("at_once", [7, 100, 1 << 14])
def test_how_many_rows_are_read_at_a_time_changes_nothing_that_counts(monkeypatch, at_once):
    train = panel(n=300)
    whole = Ridge().fit(train, RNG).predict(train.inputs, train.rows).mean
    monkeypatch.setattr(moments, "AT_ONCE", at_once)
    parts = Ridge().fit(train, RNG).predict(train.inputs, train.rows).mean
    np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-11)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.floats(-1e6, 1e6), st.integers(0, 99))
def test_moments_add_up_wherever_the_rows_are_cut(counts, away, seed):
    u = away + np.random.default_rng(seed).normal(size=(sum(counts), 3))
    parts = [Moments.of(part) for part in np.split(u, np.cumsum(counts)[:-1])]
    both, whole = total(parts, 3), Moments.of(u)
    assert both.n == len(u)
    np.testing.assert_allclose(both.mean, u.mean(0), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(both.spread, whole.spread, rtol=0, atol=1e-9 * max(abs(away), 1.0) * len(u))


def test_squared_errors_of_a_block_equal_a_loop_over_its_rows():
    rng = np.random.default_rng(4)
    past, block = (np.column_stack([x := rng.normal(3, 2, (n, 3)), x[:, 0] + rng.normal(size=n)]) for n in (80, 30))
    known, penalties = Moments.of(past), np.array([0.0, 1.0, 100.0])
    scaling, weights = solutions(known, penalties)
    found = squared_errors(Moments.of(block), known, scaling, weights)
    for own, b in zip(found, weights, strict=True):
        e = [row[3] - known.mean[3] - scaling(row[:3]) @ b for row in block]
        assert own == pytest.approx(sum(one**2 for one in e), rel=1e-12)


def test_a_pooled_fit_makes_no_copy_of_its_rows():
    train = panel(n=20_000)
    tracemalloc.start()
    try:
        Ridge().fit(train, RNG)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.8 * train.inputs.x.nbytes, f"{peak / train.inputs.x.nbytes:.1f} times the columns"


def test_without_any_column_the_mean_is_forecast():
    train = panel(n=200, symbols=2)
    for recipe in (Linear(columns=()), Ridge(columns=())):
        mean = recipe.fit(train, RNG).predict(train.inputs, train.rows).mean
        np.testing.assert_allclose(mean, train.y.mean(), rtol=1e-12)

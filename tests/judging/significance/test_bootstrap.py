"""Stationary bootstrap and confidence set against direct loops, a closed form and arch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.judging.significance.bootstrap import block_length, blocks, bootstrap_means
from beatnaive.judging.significance.confidence_set import confidence_set


def resampled(x, block, count, seed):
    """The same samples, row by row: the mean of the rows that each block takes."""
    n = len(x)
    starts, lengths = blocks(n, block, count, np.random.default_rng(seed))
    for start, length in zip(starts, lengths, strict=True):
        rows = [(s + k) % n for s, many in zip(start, length, strict=True) for k in range(many)]
        assert len(rows) == n
        yield x[rows]


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 40), st.floats(1, 12), st.integers(0, 2**31))
def test_means_are_those_of_the_resampled_rows(n, block, seed):
    x = np.random.default_rng(seed).normal(size=(n, 2))
    means = bootstrap_means(x, block=block, replications=20, seed=seed)
    direct = [part.mean(0) - x.mean(0) for part in resampled(x, block, 20, seed)]
    assert means == pytest.approx(np.array(direct), abs=1e-12)


def test_blocks_have_the_mean_length_asked_for():
    starts, lengths = blocks(2000, 10.0, 400, np.random.default_rng(0))
    used = (lengths > 0).sum(1)
    assert used.mean() == pytest.approx(1 + 1999 / 10, rel=0.02)
    assert starts.min() == 0
    assert starts.max() == 1999


def test_variance_is_that_of_politis_and_romano():
    """Closed form: c_0 + 2 sum b_k c_k, b_k = (1 - k/n)(1 - p)^k + (k/n)(1 - p)^(n-k), over n."""
    rng = np.random.default_rng(1)
    x = np.convolve(rng.normal(size=305), np.ones(6), "valid")
    n, p = len(x), 1 / 8
    e = x - x.mean()
    c = [e[k:] @ e[: n - k] / n for k in range(n)]
    weight = [(1 - k / n) * (1 - p) ** k + k / n * (1 - p) ** (n - k) for k in range(n)]
    expected = (c[0] + 2 * sum(w * v for w, v in zip(weight[1:], c[1:], strict=True))) / n
    means = bootstrap_means(x[:, None], block=8, replications=20_000, seed=2)
    assert means.var() == pytest.approx(expected, rel=0.04)
    assert means.mean() == pytest.approx(0, abs=4 * (expected / 20_000) ** 0.5)


def test_one_seed_gives_one_set_of_samples_whatever_is_resampled():
    x = np.random.default_rng(3).normal(size=(100, 4))
    whole = bootstrap_means(x, block=5, replications=700, seed=4)
    assert bootstrap_means(x[:, :1], block=5, replications=700, seed=4) == pytest.approx(whole[:, :1], abs=1e-14)
    assert bootstrap_means(x, block=5, replications=500, seed=4) == pytest.approx(whole[:500], abs=1e-14)


def test_block_length_grows_with_horizon():
    assert block_length(239) == pytest.approx(239 ** (1 / 3), abs=1e-8)
    assert block_length(239, 5) == 10
    assert block_length(30, 20) == 30


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_confidence_set_equals_arch(seed):
    from arch.bootstrap import MCS

    rng = np.random.default_rng(seed)
    losses = rng.chisquare(3, size=(200, 5)) + np.array([0, 0.1, 0.4, 0.9, 2.0])
    mcs = MCS(losses, size=0.1, reps=300, block_size=6, method="R", seed=seed)
    mcs.compute()
    draws = np.array([losses[rows].mean(0) for rows in mcs._bootstrap_indices]) - losses.mean(0)
    expected = mcs.pvalues["Pvalue"].sort_index().to_numpy()
    assert confidence_set(losses.mean(0), draws) == pytest.approx(expected, abs=1e-12)


def test_confidence_set_of_two_equal_models():
    rng = np.random.default_rng(20)
    loss = rng.chisquare(3, size=(100, 1))
    x = np.hstack([loss, loss, loss + 3 + rng.normal(size=(100, 1))])
    p = confidence_set(x.mean(0), bootstrap_means(x, block=5, replications=300, seed=0))
    assert p[0] > 0.1
    assert p[1] > 0.1
    assert p[2] < 0.1


def test_confidence_set_of_many_models_fits_into_memory_and_equals_the_elimination_loop():
    """200 models: pairs are made in parts; the loop drops one model at a time and looks at all pairs that are left."""
    rng = np.random.default_rng(21)
    x = rng.normal(size=(80, 12)) + np.linspace(0, 0.6, 12)
    mean, means = x.mean(0), bootstrap_means(x, block=3, replications=200, seed=0)
    pairs = means[:, :, None] - means[:, None, :]
    spread = np.sqrt((pairs**2).mean(0))
    np.fill_diagonal(spread, np.inf)
    t, left, p, so_far = (mean[:, None] - mean[None]) / spread, list(range(12)), np.ones(12), 0.0
    while len(left) > 1 and (largest := t[np.ix_(left, left)].max()) > 0:
        null = (pairs / spread)[:, left][:, :, left].max((1, 2))
        so_far = max(so_far, float((null > largest).mean()))
        out = left[int(np.argwhere(t[np.ix_(left, left)] == largest)[0, 0])]
        p[out] = so_far
        left.remove(out)
    assert confidence_set(mean, means) == pytest.approx(p, abs=1e-12)
    assert confidence_set(rng.normal(size=200), rng.normal(size=(300, 200))).shape == (200,)

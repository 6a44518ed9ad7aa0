"""Stationary bootstrap, step-down and confidence set against direct loops, a closed form and arch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.judging.significance.bootstrap import block_length, blocks, bootstrap_means
from beatnaive.judging.significance.confidence_set import confidence_set
from beatnaive.judging.significance.step_down import hopeless, step_down


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


def slow_step_down(gain, means, n):
    """Romano and Wolf's algorithm as they write it: remove one hypothesis at a time, look at the rest."""
    k = len(gain)
    error = [float(np.std([m[j] for m in means])) for j in range(k)]
    t = [gain[j] / error[j] for j in range(k)]
    centre = [0.0 if t[j] >= -np.sqrt(2 * np.log(np.log(n))) else t[j] for j in range(k)]
    left, p, so_far = list(range(k)), [0.0] * k, 0.0
    while left:
        top = max(left, key=lambda j: t[j])
        reached = 0
        for m in means:
            reached += max(m[j] / error[j] + centre[j] for j in left) >= t[top]
        so_far = max(so_far, (1 + reached) / (1 + len(means)))
        p[top] = so_far
        left.remove(top)
    return p


@pytest.mark.parametrize("seed", range(8))
def test_step_down_equals_a_slow_loop(seed):
    rng = np.random.default_rng(seed)
    d = rng.standard_t(5, size=(60, 4)) * [1, 5, 0.1, 2] + [0.2, -3.0, 0.02, 0.0]
    means = bootstrap_means(d, block=4, replications=199, seed=seed)
    assert step_down(d.mean(0), means, 60).p_adjusted.tolist() == slow_step_down(d.mean(0), means.tolist(), 60)


def test_a_unit_changes_no_p_value():
    d = np.random.default_rng(9).standard_t(4, size=(250, 6)) + 0.1
    unit = np.array([1, 100, 1, 1, 1, 1])
    p = [
        step_down(x.mean(0), bootstrap_means(x, block=6, replications=999, seed=0), 250).p_adjusted
        for x in (d, d * unit)
    ]
    assert p[0].tolist() == p[1].tolist()


def test_a_quiet_winner_among_noisy_rivals_is_found():
    rng = np.random.default_rng(10)
    d = rng.normal(size=(250, 8)) * 100
    d[:, 0] = 0.3 + rng.normal(size=250)
    p = step_down(d.mean(0), bootstrap_means(d, block=6, replications=999, seed=0), 250).p_adjusted
    assert p[0] < 0.05 < p[1:].min()


def test_hopeless_models_cost_no_power():
    rng = np.random.default_rng(11)
    d = rng.normal(size=(250, 1)) + 0.15
    awful = np.hstack([d, rng.normal(size=(250, 40)) - 5])
    alone, beside = (
        step_down(x.mean(0), bootstrap_means(x, block=6, replications=1999, seed=0), 250).p_adjusted[0]
        for x in (d, awful)
    )
    assert beside == pytest.approx(alone, abs=0.002)
    assert hopeless(250) < 5 * np.sqrt(250)


def test_a_model_equal_to_naive_has_no_evidence():
    d = np.hstack([np.zeros((50, 1)), np.random.default_rng(12).normal(size=(50, 1))])
    result = step_down(d.mean(0), bootstrap_means(d, block=4, replications=99, seed=0), 50)
    assert result.p_adjusted[0] == 1.0
    assert result.t[0] == 0.0


def test_adjusted_p_rises_as_t_falls():
    d = np.random.default_rng(13).normal(size=(120, 9)) + np.linspace(-0.2, 0.3, 9)
    result = step_down(d.mean(0), bootstrap_means(d, block=5, replications=499, seed=1), 120)
    assert (np.diff(result.p_adjusted[np.argsort(-result.t)]) >= 0).all()


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

"""Probabilistic scores against scoringrules, closed forms and slow loops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scoringrules
from scipy.stats import norm

from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS, Floats
from beatnaive.judging.quantile_scores import (
    coverage,
    crps,
    interval,
    pinball,
    pit,
    pit_counts,
    pit_test,
    wilson,
    winkler,
)
from beatnaive.judging.significance.christoffersen import conditional_coverage

RNG = np.random.default_rng(0)
NORMAL = norm.ppf(LEVELS)


def gaussian(n: int) -> tuple[Floats, Floats]:
    mean, sd = RNG.normal(0, 1, n), RNG.uniform(0.5, 2, n)
    return RNG.normal(mean, sd), mean[:, None] + sd[:, None] * NORMAL


def test_pinball_equals_scoringrules() -> None:
    y, q = gaussian(200)
    np.testing.assert_allclose(pinball(y, q), scoringrules.quantile_score(y[:, None], q, np.array(LEVELS)), atol=1e-12)


def test_winkler_equals_scoringrules() -> None:
    y, q = gaussian(200)
    lower, upper = interval(q, 0.95)
    np.testing.assert_allclose(
        winkler(y, lower, upper, 0.95), scoringrules.interval_score(y, lower, upper, 0.05), atol=1e-12
    )


def test_crps_over_many_levels_is_that_of_the_normal_distribution() -> None:
    levels = tuple(np.linspace(0.0005, 0.9995, 1999))
    y = RNG.normal(size=100)
    q = np.tile(norm.ppf(levels), (100, 1))
    np.testing.assert_allclose(crps(y, q, levels), scoringrules.crps_normal(y, 0.0, 1.0), atol=2e-4)


def test_crps_over_the_nine_levels_is_close_and_ranks_a_sharper_forecast_first() -> None:
    y, q = gaussian(4000)
    wide = q + 0.7 * (q - q[:, 4:5])
    exact = scoringrules.crps_normal(y, q[:, 4], (q[:, 5] - q[:, 4]) / NORMAL[5])
    assert crps(y, q).mean() == pytest.approx(exact.mean(), rel=0.05)
    assert crps(y, q).mean() < crps(y, wide).mean()


def test_crps_of_quantiles_equals_scoringrules_mean_of_pinball_losses() -> None:
    levels = (np.arange(99) + 1) / 100
    y = RNG.normal(size=50)
    q = np.tile(norm.ppf(levels), (50, 1))
    theirs = scoringrules.crps_quantile(y, q, levels)  # twice the mean pinball loss: the same integral, another rule
    np.testing.assert_allclose(crps(y, q, tuple(levels)) / theirs, 1.0, atol=0.02)


def test_coverage_counts_and_leaves_out_rows_without_quantiles() -> None:
    q = np.tile(np.arange(9.0) - 4, (5, 1))
    q[4] = np.nan
    got = coverage(np.array([0.0, 2.0, 2.1, -9.0, 0.0]), q, 0.8)
    assert (got.observed, got.n) == (0.5, 4)
    assert got.low < 0.5 < got.high


def test_wilson_equals_scipy() -> None:
    from scipy.stats import binomtest

    own = binomtest(188, 200).proportion_ci(0.95, method="wilson")
    assert wilson(0.94, 200) == pytest.approx((own.low, own.high), abs=1e-12)


def test_coverages_that_are_not_stated_are_refused() -> None:
    with pytest.raises(InputError, match="95%, 90%, 80%, 50%"):
        interval(np.zeros((1, 9)), 0.99)


def test_pit_is_uniform_for_the_true_distribution_and_not_for_a_narrow_one() -> None:
    y, q = gaussian(5000)
    middle = q[:, 4:5]
    assert pit_test(y, q)[1] > 0.01
    assert pit_test(y, middle + 0.8 * (q - middle))[1] < 1e-6
    assert pit(y, q).mean() == pytest.approx(0.5, abs=0.02)
    counts, expected = pit_counts(y, q)
    assert counts.sum() == expected.sum() == pytest.approx(5000)


def test_pit_is_linear_between_quantiles() -> None:
    q = np.tile(np.arange(9.0), (3, 1))
    np.testing.assert_allclose(pit(np.array([-1.0, 3.5, 5.0]), q), [0.0125, 0.375, 0.75])


def test_the_test_of_the_pit_needs_enough_outcomes() -> None:
    y, q = gaussian(50)
    with pytest.raises(InputError, match="too few"):
        pit_test(y, q)


def test_clustered_misses_are_found_and_scattered_ones_are_not() -> None:
    q = np.tile(NORMAL, (4000, 1))
    scattered = RNG.normal(size=4000)
    sd = np.where(np.arange(4000) // 50 % 10 == 0, 3.0, 0.8)
    lower, upper = interval(q, 0.95)
    held = [(lower <= y) & (y <= upper) for y in (scattered, scattered * sd)]
    assert conditional_coverage(held[0], 0.95).p_independence > 0.01
    assert conditional_coverage(held[1], 0.95).p_independence < 1e-6
    assert conditional_coverage(np.ones(50, bool), 0.95).p_independence == 1.0


def test_independence_equals_a_slow_likelihood() -> None:
    y, q = RNG.normal(size=500), np.tile(NORMAL, (500, 1))
    miss = [not (low <= v <= high) for v, low, high in zip(y, *interval(q, 0.8), strict=True)]
    pairs = list(pairwise(miss))
    n = {(a, b): sum(p == (a, b) for p in pairs) for a in (False, True) for b in (False, True)}
    p01, p11 = n[False, True] / (n[False, False] + n[False, True]), n[True, True] / (n[True, False] + n[True, True])
    p = (n[False, True] + n[True, True]) / len(pairs)
    full = n[False, False] * np.log(1 - p01) + n[False, True] * np.log(p01) + n[True, False] * np.log(1 - p11)
    full += n[True, True] * np.log(p11) if n[True, True] else 0.0
    null = (n[False, False] + n[True, False]) * np.log(1 - p) + (n[False, True] + n[True, True]) * np.log(p)
    found = conditional_coverage(~np.array(miss), 0.8)
    assert found.independence == pytest.approx(2 * (full - null), rel=1e-9)

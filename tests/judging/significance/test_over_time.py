"""Fluctuation test, conditional coverage and overlapping calls against slow loops and likelihoods written out."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from beatnaive.core.types import LEVELS
from beatnaive.judging.significance.calibration import conditional_coverage_of_panel
from beatnaive.judging.significance.christoffersen import conditional_coverage
from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.fluctuation import CRITICAL, SHARES, fluctuation, lags_for
from beatnaive.judging.significance.overlapping_calls import overlapping_calls
from beatnaive.judging.significance.pesaran_timmermann import pesaran_timmermann


@pytest.mark.parametrize(("n", "share", "lags"), [(40, 0.1, 0), (61, 0.3, 8), (50, 0.5, 3), (33, 0.9, 0)])
def test_fluctuation_is_the_rolling_mean_over_one_standard_error(n, share, lags):
    rng = np.random.default_rng(n)
    d = np.column_stack([rng.normal(0.2, 2.0, n), np.full(n, 0.1)])
    found = fluctuation(d, lags, share=share)
    m = round(share * n)
    mean = sum(d[:, 0]) / n
    variance = 0.0
    for s in range(n):
        for t in range(n):
            weight = max(0.0, 1 - abs(s - t) / (lags + 1))
            variance += weight * (d[s, 0] - mean) * (d[t, 0] - mean) / n
    slow = [np.sqrt(m) * np.mean(d[first : first + m, 0]) / np.sqrt(variance) for first in range(n - m + 1)]
    assert found.path[:, 0] == pytest.approx(np.array(slow))
    assert not found.path[:, 1].any()
    assert found.centre[0] == m // 2
    assert found.ever_better.tolist() == [max(slow) > found.critical, False]
    assert found.ever_worse.tolist() == [min(slow) < -found.critical, False]


def test_critical_values_are_those_of_brownian_motion():
    """The published table against the limit it tabulates, drawn on 400 steps (which keep a little below the limit)."""
    rng = np.random.default_rng(0)
    steps, paths = 400, 4000
    walk = np.concatenate([np.zeros((paths, 1)), rng.normal(size=(paths, steps)).cumsum(1)], axis=1) / np.sqrt(steps)
    for share, critical, wide in zip(SHARES, CRITICAL[0.05], CRITICAL[0.10], strict=True):
        m = round(share * steps)
        largest = np.abs(walk[:, m:] - walk[:, :-m]).max(1) / np.sqrt(share)
        assert (largest > critical).mean() == pytest.approx(0.05, abs=0.015)
        assert (largest > wide).mean() == pytest.approx(0.10, abs=0.02)


def test_a_share_that_is_not_tabulated_is_an_error():
    with pytest.raises(ValueError, match=r"0\.25"):
        fluctuation(np.zeros(20), share=0.25)


def test_the_fluctuation_test_finds_the_half_in_which_a_model_was_better():
    rng = np.random.default_rng(1)
    d = rng.normal(size=500) + np.where(np.arange(500) < 250, 0.5, -0.5)
    found = fluctuation(d)
    assert found.ever_better[0]
    assert found.ever_worse[0]
    assert found.centre[found.path[:, 0].argmax()] < 250 < found.centre[found.path[:, 0].argmin()]


def test_lags_follow_the_overlap():
    assert [lags_for(1000, h) for h in (1, 5, 20)] == [0, 8, 38]
    assert lags_for(1000, 20, persistent=True) == 38


def written_out(missed, p):
    """Likelihoods as products over days."""
    share = np.mean(missed)
    rate = sum(np.log(share if m else 1 - share) - np.log(p if m else 1 - p) for m in missed)
    pairs = list(pairwise(missed))
    after = {state: [now for before, now in pairs if before == state] for state in (False, True)}
    single = np.mean([now for _, now in pairs])
    independence = 0.0
    for before, now in pairs:
        two = np.mean(after[before])
        independence += np.log(two if now else 1 - two) - np.log(single if now else 1 - single)
    return 2 * rate, 2 * independence


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=60), st.sampled_from([0.8, 0.9, 0.95]))
def test_conditional_coverage_is_the_likelihood_ratio_written_out(missed, nominal):
    missed = np.array(missed)
    found = conditional_coverage(~missed, nominal)
    rate, independence = written_out(missed, 1 - nominal)
    assert found.rate == pytest.approx(rate, abs=1e-9)
    assert found.independence == pytest.approx(independence, abs=1e-9)
    assert found.both == pytest.approx(rate + independence, abs=1e-9)
    assert found.p_rate == pytest.approx(stats.chi2.sf(rate, 1), abs=1e-5)
    assert found.p_both == pytest.approx(stats.chi2.sf(rate + independence, 2), abs=1e-5)
    assert (found.misses, found.n) == (missed.sum(), len(missed))


def test_misses_that_come_together_are_seen_though_their_rate_is_right():
    inside = np.ones(500, bool)
    inside[100:125] = False
    found = conditional_coverage(inside, 0.95)
    assert found.p_rate == pytest.approx(1.0)
    assert found.p_independence < 1e-6
    spread = np.random.default_rng(0).random(500) < 0.95
    assert conditional_coverage(spread, 0.95).p_both > 0.1


def test_beyond_horizon_one_rows_that_do_not_overlap_are_tested():
    inside = np.random.default_rng(2).random(300) < 0.9
    each = [conditional_coverage(inside[k::5], 0.9) for k in range(5)]
    worst = min(each, key=lambda one: one.p_both)
    found = conditional_coverage(inside, 0.9, horizon=5)
    assert found.both == worst.both
    assert found.p_both == pytest.approx(min(1.0, 5 * worst.p_both))
    assert np.isnan(conditional_coverage(np.ones(1, bool), 0.9).p_both)


def test_overlapping_calls_are_the_cosine_t_of_the_covariance_of_two_indicators():
    rng = np.random.default_rng(3)
    move, call = rng.normal(size=80), rng.normal(size=(80, 3))
    move[5] = call[9, 0] = 0.0
    call[:, 2] = 1.0
    found = overlapping_calls(move, call, 5)
    classic = pesaran_timmermann(move, call)
    for k in range(2):
        used = [t for t in range(80) if move[t] != 0 and call[t, k] != 0]
        a, b = [float(move[t] > 0) for t in used], [float(call[t, k] > 0) for t in used]
        x = np.array([(i - np.mean(a)) * (j - np.mean(b)) for i, j in zip(a, b, strict=True)])
        test, n = mean_test(x, cosine_count(len(used), 5)), len(used)
        given_back = 0.0  # the covariance of the two means, as far as a call can know outcomes before it
        for t in range(n):
            for later in range(t + 1, min(t + 10, n)):
                weight = (1 - (later - t) / n) / n**2
                given_back += weight * (a[t] - np.mean(a)) * (b[later] - np.mean(b))
        statistic = (x.mean() + given_back) / (test.error[0] * n / (n - 5))
        assert found.statistic[k] == pytest.approx(statistic)
        assert found.p_value[k] == pytest.approx(stats.t.sf(statistic, test.df))
        # twice the covariance is the share of hits beyond the expected one
        assert found.hits[k] - found.expected[k] == pytest.approx(2 * x.mean())
    assert found.hits == pytest.approx(classic.hits)
    assert found.expected == pytest.approx(classic.expected)
    assert found.n.tolist() == classic.n.tolist()
    assert np.isnan(found.statistic[2])
    assert np.isnan(overlapping_calls(np.zeros(4), np.ones((4, 1)), 5).hits[0])


def test_persistent_calls_on_overlapping_outcomes_are_no_skill():
    """Where the test for independent rows rejects far too often."""
    rng = np.random.default_rng(4)
    rejected = {"overlap": 0, "independent": 0}
    for _ in range(400):
        move = np.convolve(rng.normal(size=1019), np.ones(20), "valid")
        call = np.convolve(rng.normal(size=1019), np.ones(20), "valid")
        rejected["overlap"] += overlapping_calls(move, call, 20).p_value[0] < 0.05
        rejected["independent"] += pesaran_timmermann(move, call).p_value[0] < 0.05
    assert stats.binom.ppf(0.001, 400, 0.04) <= rejected["overlap"] <= stats.binom.ppf(0.999, 400, 0.065)
    assert rejected["independent"] > 60


def test_a_bet_on_reversion_is_no_skill_on_a_random_walk():
    """Its calls depend on the outcomes before them; at twelve spans that cost 10 % of false skill, once."""
    rng, rejected = np.random.default_rng(5), 0
    for _ in range(400):
        walk = rng.normal(size=239 + 26).cumsum()
        now = np.arange(6, 245)
        average = np.convolve(walk, np.full(7, 1 / 7), "valid")[:239]
        rejected += overlapping_calls(walk[now + 20] - walk[now], average - walk[now], 20).p_value[0] < 0.05
    assert stats.binom.ppf(0.001, 400, 0.04) <= rejected <= stats.binom.ppf(0.999, 400, 0.065)


def test_conditional_coverage_of_a_panel_tests_every_symbol_and_counts_them():
    """Thirty honest symbols and two whose intervals are too narrow: these two stand out; p is Bonferroni's smallest."""
    rng = np.random.default_rng(4)
    symbol = np.repeat(np.arange(32), 300)
    y = rng.normal(size=len(symbol)) * np.where(symbol < 2, 1.8, 1.0)
    quantiles = np.tile(stats.norm.ppf(LEVELS), (len(y), 1))
    shuffled = np.argsort(rng.random(32)[symbol], kind="stable")
    found = conditional_coverage_of_panel("m", y[shuffled], quantiles[shuffled], symbol[shuffled])
    inside = np.abs(y) <= stats.norm.ppf(0.975)
    each = [conditional_coverage(inside[symbol == k], 0.95).p_both for k in range(32)]
    passed = [k for k, p in enumerate(sorted(each), 1) if p <= 0.05 * k / 32]
    assert found.details["broken"] == max(passed) == 2
    assert found.p_value == pytest.approx(32 * min(each))
    assert "2 of 32 symbols stand out" in found.words
    assert "too many in 2" in found.words
    none = conditional_coverage_of_panel("m", np.full(4, np.nan), quantiles[:4], np.array([0, 0, 1, 1]))
    assert none.p_value is None
    assert "too few to be tested" in none.words


def test_a_panel_in_which_every_interval_holds_is_told_in_words():
    """The usual case: nothing stands out, and there is no reason to name."""
    rng = np.random.default_rng(0)
    y, symbol = rng.normal(size=3000), np.repeat(np.arange(3), 1000)
    quantiles = np.tile(stats.norm.ppf(LEVELS), (3000, 1))
    found = conditional_coverage_of_panel("m", y, quantiles, symbol)
    assert "0 of 3 symbols stand out when all are counted: misses as rare as promised" in found.words
    assert found.details["broken"] == 0

"""Break-even, its interval, drawdowns and the same exposure at random."""

import numpy as np
import pytest

from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.tails import t_point
from beatnaive.payoff.at_random import shifted, spectrum
from beatnaive.payoff.break_even import break_even
from beatnaive.payoff.drawdown import deepest


def test_the_interval_holds_the_costs_that_the_rule_cannot_tell_from_none_left():
    rng = np.random.default_rng(0)
    gross, turnover = rng.normal(0.0005, 0.01, 500), rng.random(500)
    found = break_even(gross, turnover)
    edge = t_point(0.05, cosine_count(500))
    for cost, size in ((found.low, edge), (found.high, -edge), (found.cost, 0.0)):
        t = mean_test(gross - 1e-4 * cost * turnover, cosine_count(500)).t[0]
        assert t == pytest.approx(size, abs=1e-6)


def test_nothing_traded_no_break_even():
    assert break_even(np.ones(50), np.zeros(50)).cost is None
    assert break_even(np.ones(50), np.eye(1, 50)[0]).cost is None  # bought once and held


def test_coverage_of_the_interval_in_400_worlds():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        x = rng.normal(0, 0.01, 601)
        signal = 0.1 * x[1:] + rng.normal(0, 0.01, 600)
        w = (signal > 0).astype(float)
        turnover = np.abs(np.diff(w, prepend=0.0))
        gross = w * x[1:]
        found = break_even(gross, turnover)
        true = 1e4 * 0.01 * 0.1 / np.sqrt(1.01) / np.sqrt(2 * np.pi) / 0.5  # E[w x] over E|w_t - w_t-1|
        inside += found.low <= true <= found.high
    assert 0.88 <= inside / 400 <= 0.92


def test_drawdown_and_its_length_are_those_of_a_loop():
    x = np.random.default_rng(1).normal(0, 0.02, 300)
    value, peak, worst, under, longest = 1.0, 1.0, 0.0, 0, 0
    for one in x:
        value *= 1 + one
        peak = max(peak, value)
        under = under + 1 if value < peak else 0
        longest, worst = max(longest, under), min(worst, value / peak - 1)
    assert deepest(x) == (pytest.approx(worst), longest)


def test_shifts_are_those_of_a_loop():
    rng = np.random.default_rng(2)
    w, x = rng.random((37, 3)), rng.normal(size=(37, 3))
    loop = [np.mean([(w[(t - s) % 37] * x[t]).sum() for t in range(37)]) for s in range(37)]
    assert shifted(w, spectrum(x)) == pytest.approx(loop)

"""The trading rule in worlds without direction: who knows the direction there, and who does not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.payoff.test_fills import market

from beatnaive.payoff.accounts import accounts
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.ruling import field_of, largest_gain
from beatnaive.study.traded import placebo_of_worth


def test_the_statistic_is_the_largest_t_against_the_worse_of_cash_and_holding():
    one = market(n=200, models=3)
    made = accounts(one, Plan(cost=3))
    gains = made.gains()
    t = [min(test.t for test in (mean(gains[:, b, k]) for b in range(gains.shape[1]))) for k in range(3)]
    assert largest_gain(made) == pytest.approx(max(t))
    assert field_of(made).gain.shape[2] == 3


def mean(values):
    from beatnaive.judging.significance.cosines import cosine_count, mean_test

    found = mean_test(values[:, None], cosine_count(len(values)))
    return type("T", (), {"t": float(found.t[0])})


def test_worlds_that_earn_as_much_are_counted():
    found = placebo_of_worth(1.0, [0.5, 1.0, None, -np.inf], Plan(rule="scaled", fill="open", cost=1))
    assert found.p_value == pytest.approx(2 / 4)
    assert found.n == 3
    assert "In 1 of 3 worlds" in found.words
    assert "(scaled, filled at the next open, 1 basis point)" in found.words
    assert placebo_of_worth(None, [1.0], Plan()) is None
    assert placebo_of_worth(1.0, [None], Plan()) is None

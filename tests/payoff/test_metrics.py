"""The metrics that other libraries have, against golden values of theirs (golden/make_metrics.py), and who is right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from beatnaive.payoff.accounts import Account
from beatnaive.payoff.drawdown import deepest
from beatnaive.payoff.strategy import strategy

FOUND = json.loads(Path(__file__).with_name("golden").joinpath("metrics.json").read_text(encoding="utf-8"))
OWN, MARKET = (np.array(FOUND["returns"][name]) for name in ("own", "market"))
NOTHING = np.zeros(750)


@pytest.fixture(scope="module")
def ours():
    own, market = (Account(gross=one, turnover=NOTHING) for one in (OWN, MARKET))
    return strategy(own, market, market, cost=5.0, cash=0.0, yearly=252.0, trials=1)


def test_growth_and_drawdown_are_empyricals_and_ffns(ours):
    assert ours.growth == pytest.approx(FOUND["empyrical"]["annual_return"])
    assert ours.drawdown == pytest.approx(FOUND["empyrical"]["max_drawdown"])
    assert ours.drawdown == pytest.approx(FOUND["ffn"]["calc_max_drawdown"])


def test_the_longest_drawdown_is_ffns_in_sessions(ours):
    """ffn counts from the last peak to the recovery in days; from the session after the peak to the one before."""
    assert ours.under_water in (FOUND["ffn"]["longest"], FOUND["ffn"]["longest"] - 1)
    assert deepest(OWN)[1] == ours.under_water


def test_the_sharpe_ratio_is_theirs_but_for_the_divisor(ours):
    """They divide by the sample's deviation (n - 1), we by the population's, for which Lo's error is derived.

    Both are right: the estimates are the same to a part in 2 n, a hundredth of their standard error.
    """
    for theirs in (FOUND["empyrical"]["sharpe_ratio"], FOUND["ffn"]["calc_sharpe"]):
        assert ours.sharpe * np.sqrt(749 / 750) == pytest.approx(theirs)
        assert abs(ours.sharpe - theirs) < 0.01 * ours.sharpe_error


def test_beta_is_empyricals_and_alpha_is_a_mean_where_theirs_is_compounded(ours):
    """Alpha is the mean of what the market does not explain; compounding it, (1 + a)^252 - 1, adds what was not earned.

    A mean of alpha, beta and costs adds up to the mean net return, which is why ours is the arithmetic one.
    """
    assert ours.beta == pytest.approx(FOUND["empyrical"]["beta"])
    assert (1 + ours.alpha / 252) ** 252 - 1 == pytest.approx(FOUND["empyrical"]["alpha"])
    assert ours.alpha + ours.beta * 252 * MARKET.mean() == pytest.approx(ours.net)

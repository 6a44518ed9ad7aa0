"""Sharpe ratios, deflation, overfitting and Newey-West, against published values and statsmodels."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from beatnaive.payoff.hac import lags_of, mean_error, regression
from beatnaive.payoff.overfitting import probability_of_overfitting
from beatnaive.payoff.sharpe import Sharpe, deflated, expected_best, sharpe


def test_published_value_of_the_deflated_sharpe_ratio():
    one = Sharpe(2.5 / math.sqrt(250), float("nan"), -3.0, 10.0, 1250)
    assert expected_best(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)
    assert deflated(one, 100, 0.5 / 250) == pytest.approx(0.9004, abs=5e-5)


def test_more_trials_deflate_more():
    one = sharpe(np.random.default_rng(0).normal(0.1, 1, 1000))
    values = [deflated(one, trials, 0.001) for trials in (1, 5, 50, 500)]
    assert values == sorted(values, reverse=True)


def test_the_error_of_a_sharpe_ratio_is_what_it_varies_by():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(600, 501))
    x = 0.1 + 0.3 * noise[:, :-1] + noise[:, 1:]  # a moving average: neighbours are correlated
    found = [sharpe(one) for one in x]
    assert np.mean([one.error for one in found]) == pytest.approx(np.std([one.ratio for one in found]), rel=0.08)
    independent = sharpe(rng.normal(0.2, 1, 20_000))
    assert independent.error == pytest.approx(math.sqrt((1 + independent.ratio**2 / 2) / 20_000), rel=0.05)


def test_returns_that_never_vary_have_no_sharpe_ratio():
    assert math.isnan(sharpe(np.full(50, 0.001)).ratio)


@pytest.mark.parametrize("lags", [0, 4, 11])
def test_newey_west_equals_statsmodels(lags):
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    y = 0.2 + 0.7 * x + np.convolve(rng.normal(size=303), [1, 0.8, 0.5, 0.2], "valid")
    theirs = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    ours = regression(y, x, lags)
    assert [ours.alpha, ours.beta] == pytest.approx(theirs.params)
    assert [ours.alpha_error, ours.beta_error] == pytest.approx(theirs.bse)
    alone = sm.OLS(y, np.ones(300)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    assert mean_error(y, lags) == pytest.approx(alone.bse[0])
    assert lags_of(300) == 5


def test_a_dominant_strategy_is_not_overfitted_and_noise_is_in_half_of_all_splits():
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(30, 640, 20))
    assert np.mean([probability_of_overfitting(one, blocks=10) for one in noise]) == pytest.approx(0.5, abs=0.08)
    strong = noise[0].copy()
    strong[:, 7] += 1.0
    assert probability_of_overfitting(strong) == 0.0


def test_overfitting_is_that_of_a_loop_over_all_splits():
    from itertools import combinations

    x = np.random.default_rng(3).normal(size=(120, 11))
    parts, low = np.split(x, 6), []
    for half in combinations(range(6), 3):
        inside = np.concatenate([parts[k] for k in half])
        outside = np.concatenate([parts[k] for k in range(6) if k not in half])
        best = (inside.mean(0) / inside.std(0)).argmax()
        score = outside.mean(0) / outside.std(0)
        rank = 1 + sum(score < score[best])
        low.append(math.log(rank / 12 / (1 - rank / 12)) <= 0)
    assert probability_of_overfitting(x, blocks=6) == pytest.approx(np.mean(low))

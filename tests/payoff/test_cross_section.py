"""Ranks and portfolios, against scipy and loops."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from tests.payoff.test_fills import market

from beatnaive.core.errors import InputError
from beatnaive.payoff.book import Book
from beatnaive.payoff.cross_section import cross_section
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.portfolios import by_rank, portfolio
from beatnaive.payoff.ranks import outcomes, rank_correlation


def with_forecast(one: Book, **forecast) -> Book:
    return Book(**{**vars(one), "forecast": forecast})


def test_rank_correlations_equal_scipys_with_ties_and_gaps():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, (40, 15)).astype(float), rng.normal(size=(40, 15))
    a[3, :4], b[5, 2:9], a[7] = np.nan, np.nan, 1.0
    found = rank_correlation(a, b)
    assert np.isnan(found[5])
    assert np.isnan(found[7])
    for t in np.flatnonzero(np.isfinite(found)):
        both = np.isfinite(a[t]) & np.isfinite(b[t])
        assert found[t] == pytest.approx(spearmanr(a[t][both], b[t][both]).statistic)
    assert np.isfinite(found).sum() == 38


def test_perfect_ranks_are_one_and_reversed_minus_one():
    one = market(symbols=12)
    truth = outcomes(one, 1)
    panel = cross_section(with_forecast(one, knows=truth, wrong=-truth), Plan(cost=0), replications=99)
    assert panel.models["knows"].ic.ic == pytest.approx(1)
    assert panel.models["wrong"].ic.ic == pytest.approx(-1)
    knows = panel.models["knows"]
    assert knows.rises == 4
    assert knows.quantiles[-1] > panel.market > knows.quantiles[0]


def test_noise_is_not_ranked_and_knowledge_is():
    one = market(n=200, symbols=20, seed=1)
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(200, 20))
    some = outcomes(one, 1) + 0.03 * noise
    panel = cross_section(with_forecast(one, noise=noise, some=some), Plan(), replications=499)
    assert panel.models["some"].ruling == "ranks"
    assert panel.models["noise"].ruling == "cannot tell"
    assert panel.models["some"].low < panel.models["some"].ic.ic < panel.models["some"].high


@pytest.mark.parametrize("fill", ["close", "open"])
def test_a_portfolio_is_that_of_a_loop_with_shares_and_money(fill):
    one = market(n=60, symbols=10)
    rng = np.random.default_rng(3)
    weight = rng.random((60, 10))
    weight /= weight.sum(1, keepdims=True)
    found = portfolio(one, weight, fill)
    shares, money, gross, traded = np.zeros(10), 1.0, [], []
    for t in range(60):
        start = money + shares @ one.close[t]
        price = one.close[t] if fill == "close" else one.open[t + 1]
        value = money + shares @ price
        new = weight[t] * value / price
        traded.append((np.abs(new - shares) * price).sum() / value)
        money, shares = value - new @ price, new
        gross.append((money + shares @ one.close[t + 1]) / start - 1)
    assert found.gross == pytest.approx(gross, abs=1e-13)
    assert found.turnover == pytest.approx(traded, abs=1e-12)


def test_quantile_portfolios_hold_the_forecasts_they_name():
    one = market(n=5, symbols=10)
    truth = outcomes(one, 1)
    folios = by_rank(with_forecast(one, knows=truth), "knows", count=5, top=2, fill="close", cash=0.0)
    simple = np.sort(np.expm1(truth), axis=1)
    for k in range(5):
        assert folios.quantiles[k].gross == pytest.approx(simple[:, 2 * k : 2 * k + 2].mean(1))
    assert folios.top.gross == pytest.approx(simple[:, -2:].mean(1))


def test_what_does_not_fit_a_panel_is_one_line():
    with pytest.raises(InputError, match="top=12: of 12 symbols that is everything"):
        cross_section(market(symbols=12), Plan(), top=12)
    with pytest.raises(InputError, match="needs 10 symbols at least, this has 1"):
        cross_section(market(), Plan())
    with pytest.raises(InputError, match="quantiles=7"):
        cross_section(market(symbols=12), Plan(), count=7)

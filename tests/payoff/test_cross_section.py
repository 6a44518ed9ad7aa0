"""Ranks and portfolios, against scipy and loops."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from tests.payoff.test_fills import market

from beatnaive.core.errors import InputError
from beatnaive.payoff.book import Book
from beatnaive.payoff.cross_section import correlations, cross_section, ranked_of
from beatnaive.payoff.fills import Moves
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.portfolios import by_rank, portfolio
from beatnaive.payoff.ranks import Ranked, outcomes, rank_correlation


def with_forecast(one: Book, **forecast) -> Book:
    return Book(**{**vars(one), "forecast": forecast})


def test_rank_correlations_equal_scipys_with_ties_and_gaps():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, (40, 15)).astype(float), rng.normal(size=(40, 15))
    a[3, :4], b[5, 2:9], a[7] = np.nan, np.nan, 1.0
    found = rank_correlation(Ranked.of(a), Ranked.of(b))
    assert np.isnan(found[5])
    assert np.isnan(found[7])
    for t in np.flatnonzero(np.isfinite(found)):
        both = np.isfinite(a[t]) & np.isfinite(b[t])
        assert found[t] == pytest.approx(spearmanr(a[t][both], b[t][both]).statistic)
    assert np.isfinite(found).sum() == 38


def test_perfect_ranks_are_one_and_reversed_minus_one():
    one = market(symbols=12)
    truth = outcomes(one, 1)
    panel, _ = cross_section(with_forecast(one, knows=truth, wrong=-truth), Plan(cost=0), replications=99)
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
    panel, _ = cross_section(with_forecast(one, noise=noise, some=some), Plan(), replications=499)
    assert panel.models["some"].ruling == "ranks"
    assert panel.models["noise"].ruling == "cannot tell"
    assert panel.models["some"].low < panel.models["some"].ic.ic < panel.models["some"].high


def slow_panel(one: Book, model: str, count: int) -> tuple[list[float], list[list[float]]]:
    """Correlations and, per fifth, gross returns: session by session, with scipy's ranks and lists of names."""
    correlations, gross, held = [], [[] for _ in range(count)], [[] for _ in range(count)]
    truth = outcomes(one, one.horizon)
    for t in range(len(one)):
        f = one.forecast[model][t]
        can = [s for s in range(len(one.symbols)) if one.present[t, s] and one.tradable[t, s] and np.isfinite(f[s])]
        both = [s for s in can if np.isfinite(truth[t, s])]
        fit = len(both) >= 10 and len(set(f[both])) > 1
        correlations.append(spearmanr(f[both], truth[t, both]).statistic if fit else np.nan)
        if len(can) >= 10 and len(set(f[can])) > 1:
            order = sorted(can, key=lambda s: (f[s], s))
            held = [[s for k, s in enumerate(order) if k * count // len(order) == q] for q in range(count)]
        for q in range(count):
            move = [np.nan_to_num(one.close[t + 1, s] / one.close[t, s] - 1) for s in held[q]]
            gross[q].append(float(np.mean(move)) if move else 0.0)
    return correlations, gross


def test_ranks_with_ties_halts_and_gaps_are_those_of_a_loop():
    one = market(n=150, symbols=14, seed=4)
    rng = np.random.default_rng(5)
    forecast = np.round(one.forecast["m0"], 3)  # many ties
    forecast[rng.random(forecast.shape) < 0.05] = np.nan
    forecast[40], forecast[90, :6] = 0.001, np.nan  # nothing to rank; too few
    tradable = one.tradable & (rng.random(one.tradable.shape) > 0.03)
    one = Book(**{**vars(one), "forecast": {"m0": forecast}, "tradable": tradable})
    wanted, gross = slow_panel(one, "m0", 4)
    found = correlations(one, (1,))["m0"][1]
    assert found == pytest.approx(wanted, nan_ok=True)
    assert np.isnan(found[[40, 90]]).all()
    (name,) = one.models
    ranked = ranked_of(one, name)
    folios = by_rank(Moves.of(one), ranked, count=4, top=2)
    assert np.stack([x.gross for x in folios.quantiles]) == pytest.approx(np.array(gross), abs=1e-13)


@pytest.mark.parametrize("fill", ["close", "open"])
def test_a_portfolio_is_that_of_a_loop_with_shares_and_money(fill):
    one = market(n=60, symbols=10)
    rng = np.random.default_rng(3)
    weight = rng.random((60, 10))
    weight /= weight.sum(1, keepdims=True)
    found = portfolio(Moves.of(one, fill), weight)
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
    folios = by_rank(Moves.of(one), Ranked.of(truth), count=5, top=2)
    simple = np.sort(np.expm1(truth), axis=1)
    for k in range(5):
        assert folios.quantiles[k].gross == pytest.approx(simple[:, 2 * k : 2 * k + 2].mean(1))
    assert folios.top.gross == pytest.approx(simple[:, -2:].mean(1))


def test_what_does_not_fit_a_panel_is_one_line():
    with pytest.raises(InputError, match="top=12: of 12 symbols that is everything"):
        cross_section(market(symbols=12), Plan(), top=12)
    with pytest.raises(InputError, match="top=0: hold one symbol at least"):
        cross_section(market(symbols=12), Plan(), top=0)
    with pytest.raises(InputError, match=r"needs 10 symbols at least, this has 1 symbol$"):
        cross_section(market(), Plan())
    with pytest.raises(InputError, match="quantiles=7"):
        cross_section(market(symbols=12), Plan(), count=7)

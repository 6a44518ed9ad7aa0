import numpy as np
import pytest
from markets import prices_of

from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.targets import target
from beatnaive.models.base import PerSymbol
from beatnaive.models.baselines import Drift, HistoricalMean, MovingAverage, Naive

RNG = np.random.default_rng(0)


def made(horizon=1, symbols=("A",), n=50):
    prices = [prices_of(s, n, seed=k) for k, s in enumerate(symbols)]
    return assemble(gather(prices, [], [np.empty((n, 0))] * len(prices)), target("return", horizon))


def mean(recipe, samples):
    return recipe.fit(samples, RNG).predict(samples.inputs, samples.rows).mean


def test_naive_says_no_change():
    assert (mean(Naive(), made()) == 0).all()


def test_drift_is_the_line_from_the_first_price_to_the_last():
    samples = made(horizon=3)
    close = samples.inputs.close
    expected = 3 * (np.log(close[-1]) - np.log(close[0])) / (len(close) - 1)
    np.testing.assert_allclose(mean(Drift(), samples), expected, rtol=1e-14)


def test_historical_mean_is_each_symbols_own():
    samples = made(symbols=("A", "B"))
    codes = samples.inputs.symbol[samples.rows]
    for code in (0, 1):
        np.testing.assert_allclose(mean(HistoricalMean(), samples)[codes == code], samples.y[codes == code].mean())


def test_moving_average_of_a_hand_made_week():
    samples = made()
    close = samples.inputs.close
    forecast = close[samples.rows] * np.exp(mean(MovingAverage(window=7), samples))
    assert np.isnan(forecast[:6]).all()
    np.testing.assert_allclose(forecast[6], close[:7].mean())
    np.testing.assert_allclose(forecast[-1], close[-8:-1].mean())


@pytest.mark.parametrize("recipe", [Naive(), Drift(), HistoricalMean(), MovingAverage()])
def test_one_model_per_symbol_is_what_each_symbol_alone_gives(recipe, tmp_path):
    both, alone = made(symbols=("A", "B")), made(symbols=("A",))
    fitted = PerSymbol(recipe).fit(both, RNG)
    fitted.save(tmp_path)
    mine = np.flatnonzero(both.inputs.symbol[both.rows] == 0)
    expected = mean(recipe, alone)
    for one in (fitted, PerSymbol(recipe).load(tmp_path)):
        np.testing.assert_array_equal(one.predict(both.inputs, both.rows).mean[mine], expected)

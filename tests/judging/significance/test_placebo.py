"""Worlds without direction, and what they say; calibration in words."""

from dataclasses import replace

import numpy as np
import pytest
from examples import losses, noise

from beatnaive.core.types import CLOSE, HIGH, LEVELS, LOW, OPEN, VOLUME, Prices, Provenance
from beatnaive.judging.significance.calibration import coverage_evidence, pit_evidence
from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.placebo import flip, largest_gain, placebo


def prices(n=300, seed=0, symbol="X", start="2020-01-01"):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp((0.01 * rng.standard_normal(n)).cumsum())
    open_ = close * np.exp(0.003 * rng.standard_normal(n))
    high = np.maximum(open_, close) * np.exp(0.004 * rng.random(n))
    low = np.minimum(open_, close) * np.exp(-0.004 * rng.random(n))
    sessions = np.datetime64(start) + np.arange(n)
    bars = np.column_stack([open_, high, low, close, rng.integers(1000, 9000, n).astype(float)])
    return Prices(
        symbol=symbol,
        sessions=sessions,
        closes_at=sessions.astype("datetime64[s]"),
        bars=bars,
        dividends=np.zeros(n),
        splits=np.ones(n),
        filled=np.zeros(n, bool),
        calendar="24/7",
        provenance=Provenance("test", ""),
    )


def returns(one):
    return np.diff(np.log(one.bars[:, CLOSE]))


def test_sizes_stay_and_signs_go():
    one = prices()
    (world,) = flip([one], np.random.default_rng(1))
    assert np.abs(returns(world)) == pytest.approx(np.abs(returns(one)))
    same = np.sign(returns(world)) == np.sign(returns(one))
    assert 0.4 < same.mean() < 0.6
    assert (world.bars[:, VOLUME] == one.bars[:, VOLUME]).all()
    assert world.bars[0] == pytest.approx(one.bars[0])


def test_bars_stay_bars():
    (world,) = flip([prices()], np.random.default_rng(2))
    o, h, low, c = world.bars[:, [OPEN, HIGH, LOW, CLOSE]].T
    assert (h >= np.maximum(o, c) - 1e-9).all()
    assert (low <= np.minimum(o, c) + 1e-9).all()
    assert np.log(h / low) == pytest.approx(np.log(prices().bars[:, HIGH] / prices().bars[:, LOW]))


def test_symbols_turn_together():
    """What ties symbols together stays: the same date has the same sign everywhere."""
    pair = [prices(seed=3), prices(seed=3, symbol="Y", start="2020-01-11")]
    worlds = flip(pair, np.random.default_rng(4))
    kept = [np.sign(returns(world)) == np.sign(returns(one)) for world, one in zip(worlds, pair, strict=True)]
    assert (kept[0][10:] == kept[1][: len(kept[0]) - 10]).all()


def test_direction_that_was_there_is_gone():
    rng = np.random.default_rng(5)
    r = np.zeros(3000)
    for day in range(1, 3000):
        r[day] = 0.3 * r[day - 1] + 0.01 * rng.standard_normal()
    one = prices(3000)
    bars = one.bars.copy()
    bars[:, : CLOSE + 1] = (100 * np.exp(r.cumsum()))[:, None]
    one = replace(one, bars=bars)
    (world,) = flip([one], rng)
    assert np.corrcoef(returns(one)[1:], returns(one)[:-1])[0, 1] > 0.25
    assert abs(np.corrcoef(returns(world)[1:], returns(world)[:-1])[0, 1]) < 0.08


def test_gaps_keep_their_place():
    one = prices()
    bars = one.bars.copy()
    bars[50:53] = np.nan
    (world,) = flip([replace(one, bars=bars)], np.random.default_rng(6))
    assert np.isnan(world.bars[50:53, CLOSE]).all()
    assert abs(np.log(world.bars[53, CLOSE] / world.bars[49, CLOSE])) == pytest.approx(
        abs(np.log(one.bars[53, CLOSE] / one.bars[49, CLOSE]))
    )


def test_the_statistic_is_the_largest_studentised_gain():
    y, forecasts = noise()
    expected = max(mean_test(y**2 - (y - f) ** 2, cosine_count(len(y))).t[0] for f in forecasts.values())
    assert largest_gain(losses(y, forecasts)) == pytest.approx(expected)
    assert largest_gain(losses(y, {"copy": 0 * y})) == -np.inf


def test_p_counts_worlds_that_gain_as_much():
    found = placebo(1.0, [0.2, 1.0, 3.0, -1.0])
    assert found.p_value == pytest.approx(3 / 5)
    assert found.n == 4
    assert "In 2 of 4 worlds" in found.words


def test_calibration_in_words():
    from scipy.stats import norm

    rng = np.random.default_rng(7)
    y = rng.standard_normal(800)
    honest = np.tile(norm.ppf(LEVELS), (800, 1))
    assert "as promised" in coverage_evidence("m", y, honest, 0.95).words
    assert "too few" in coverage_evidence("m", y, 0.5 * honest, 0.95).words
    assert "too many" in coverage_evidence("m", y, 2 * honest, 0.8).words
    assert pit_evidence("m", y, honest).p_value > 0.01
    assert pit_evidence("m", y, 0.5 * honest).p_value < 0.001

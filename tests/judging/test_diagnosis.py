"""Reasons: each with a number that can be checked by hand."""

import numpy as np
import pytest
from examples import losses, noise

from beatnaive.core.types import Fit, Forecast, Track
from beatnaive.judging.diagnosis import (
    diagnose,
    lagged_copy,
    levels_and_returns,
    overfitting,
    parameters_per_window,
    seed_luck,
)


def walk_losses(forecast_of, n=400, seed=0):
    """A random walk's losses; `forecast_of(prices with today last)` gives the forecast price from each close."""
    r = 0.01 * np.random.default_rng(seed).standard_normal(n + 10)
    price = 100 * np.exp(r.cumsum())
    today = np.arange(9, n + 9)
    part = losses(r[today + 1], {"m": np.log(forecast_of(price, today) / price[today])})
    from dataclasses import replace

    return replace(part, close=price[today])


def test_a_lagged_copy_is_recognised():
    found = lagged_copy(walk_losses(lambda p, t: p[t - 1]), "m")
    assert found.value == 2  # yesterday's price: two sessions before the price it forecasts
    assert found.applies
    assert found.details["r2_on_last_close"] > 0.9
    assert found.details["share_left"] == 0.0
    assert "2 sessions before the one they forecast" in found.words


def test_a_forecast_that_knows_is_no_copy():
    found = lagged_copy(walk_losses(lambda p, t: p[t] ** 0.2 * p[t + 1] ** 0.8), "m")
    assert found.value == 0
    assert not found.applies
    assert found.details["share_left"] > 0.9


def test_levels_flatter_and_returns_do_not():
    part = walk_losses(lambda p, t: p[t] * 1.0001)
    found = levels_and_returns(part, "m")
    price, forecast = part.close * np.exp(part.y), part.close * 1.0001
    assert found.details["r2_levels"] == pytest.approx(
        1 - np.sum((price - forecast) ** 2) / np.sum((price - price.mean()) ** 2)
    )
    assert found.details["r2_levels"] > 0.9
    assert found.value < 0.01
    assert found.applies


def test_parameters_per_window():
    found = parameters_per_window("lstm", [Fit(parameters=31_901, windows=907)])
    assert found.value == pytest.approx(31_901 / 907)
    assert "35 per window" in found.words
    assert found.applies
    assert not parameters_per_window("linear", [Fit(parameters=3, windows=900)]).applies
    assert parameters_per_window("naive", [Fit()]) is None


def test_overfitting_from_the_two_curves():
    fit = Fit(history={"loss": [4.0, 2.0, 1.0, 0.5], "val_loss": [3.0, 2.0, 2.5, 4.0]})
    found = overfitting("lstm", [fit, fit])
    assert found.details == {"best_epoch": 2, "epochs": 4, "rise": 2.0}
    assert found.value == 8.0
    assert found.applies
    assert "epoch 2 of 4" in found.words
    falling = Fit(history={"loss": [4.0, 2.0, 1.0], "val_loss": [4.0, 2.0, 1.1]})
    assert not overfitting("lstm", [falling]).applies
    assert overfitting("linear", [Fit()]) is None


def test_seed_luck():
    y, _ = noise(200)
    seeds = np.array([0.1 * y, -0.1 * y, 0.0 * y])
    part = losses(y, {"net": seeds.mean(0)}, seeds={"net": list(seeds)})
    found = seed_luck(part, "net")
    assert found.details["best"] == pytest.approx(10.0)
    assert found.details["worst"] == pytest.approx(-10.0)
    assert found.applies
    assert "seed alone decides" in found.words
    assert seed_luck(losses(y, {"net": seeds[0]}), "net") is None


def test_all_reasons_of_all_models():
    y, forecasts = noise(100, 2)
    part = losses(y, forecasts, seeds={"m0": [forecasts["m0"], 0.5 * forecasts["m0"]]})
    fit = Fit(parameters=50, windows=100, history={"loss": [2.0, 1.0], "val_loss": [2.0, 3.0]})
    rows = np.arange(100)
    tracks = {
        name: Track(
            model=name,
            rows=rows,
            fold=np.zeros(100, np.int32),
            forecast=Forecast(f),
            seeds={-1: Forecast(f)},
            facts={(0, -1): fit},
        )
        for name, f in forecasts.items()
    }
    found = diagnose(part, tracks)
    assert {(d.model, d.kind) for d in found} == {
        ("m0", "lagged_copy"), ("m0", "levels_and_returns"), ("m0", "parameters_per_window"), ("m0", "overfitting"),
        ("m0", "seed_luck"), ("m1", "lagged_copy"), ("m1", "levels_and_returns"), ("m1", "parameters_per_window"),
        ("m1", "overfitting"),
    }  # fmt: skip
    assert all(np.isfinite(d.value) and d.words.endswith(".") for d in found)

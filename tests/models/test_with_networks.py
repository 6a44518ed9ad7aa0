"""The hybrid and the variance LSTM: an LSTM fed by another model's residuals, or by variances."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, market, samples_of

from beatnaive.core.types import Fitted, Forecaster, Samples
from beatnaive.models.hybrid import Hybrid, residuals
from beatnaive.models.volatility.network import LSTMVariance


@pytest.fixture(scope="module", params=["hybrid", "lstm_variance"])
def fitted(request: pytest.FixtureRequest) -> tuple[Forecaster, Samples, Fitted]:
    hybrid = request.param == "hybrid"
    recipe = Hybrid(lookback=5, units=(4,), epochs=2) if hybrid else LSTMVariance(lookback=5, units=(4,), epochs=2)
    samples = samples_of(market(ar1(260, 0.3)), "return" if hybrid else "volatility")
    return recipe, samples, recipe.fit(samples, np.random.default_rng(0))


def test_no_forecast_changes_when_the_future_does(fitted: tuple[Forecaster, Samples, Fitted]) -> None:
    _, samples, model = fitted
    rows = np.arange(200, 220)
    bars = samples.inputs.bars.copy()
    bars[220:] *= np.linspace(1, 2, 40)[:, None]
    before = model.predict(samples.inputs, rows).mean
    after = model.predict(replace(samples.inputs, bars=bars), rows).mean
    assert np.isfinite(before).all()
    np.testing.assert_allclose(after, before, rtol=1e-9)


def test_saved_and_loaded_to_the_bit(fitted: tuple[Forecaster, Samples, Fitted], tmp_path: Path) -> None:
    recipe, samples, model = fitted
    model.save(tmp_path)
    rows = samples.rows[-20:]
    again = recipe.load(tmp_path).predict(samples.inputs, rows).mean
    np.testing.assert_array_equal(again, model.predict(samples.inputs, rows).mean)


def test_another_currency_changes_nothing(fitted: tuple[Forecaster, Samples, Fitted]) -> None:
    _, samples, model = fitted
    dear = replace(samples.inputs, bars=samples.inputs.bars * 137.0)
    rows = samples.rows[-20:]
    np.testing.assert_allclose(model.predict(dear, rows).mean, model.predict(samples.inputs, rows).mean, rtol=1e-4)


def test_residuals_are_returns_less_the_forecasts_made_a_session_before() -> None:
    samples = samples_of(market(ar1(260, 0.3)))
    model = Hybrid(lookback=5, units=(4,), epochs=1).fit(samples, np.random.default_rng(0))
    forecast = model.first.predict(samples.inputs, np.arange(100, 110)).mean
    returns = np.log(samples.inputs.close[101:111] / samples.inputs.close[100:110])
    np.testing.assert_allclose(residuals(model.first, samples.inputs).x[101:111, 0], returns - forecast, atol=1e-8)

"""ARIMA, ETS and Theta rolled forward equal statsforecast asked origin by origin, and never look ahead."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, inputs_of, market, samples_of

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.models.arima import AutoARIMA
from beatnaive.models.arima_gradients import PATCHED, quick_slopes
from beatnaive.models.ets import ETS
from beatnaive.models.theta import Theta, running_line
from beatnaive.models.univariate import Univariate

RECIPES = [AutoARIMA(), ETS(), Theta()]
RNG = np.random.default_rng(0)
ids = [type(recipe).__name__ for recipe in RECIPES]


def walk(n: int = 700, phi: float = 0.25, drift: float = 0.0) -> Floats:
    return np.concatenate([[0.0], ar1(n, phi)[:, 0] + drift]).cumsum()


def asked_directly(recipe: Univariate, train: Floats, origin: Floats, horizon: int) -> float:
    """statsforecast's own forecast of the log return, from parameters estimated on `train`."""
    import statsforecast.models as models

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the search's own convergence warnings
        if isinstance(recipe, AutoARIMA):
            model = models.AutoARIMA(d=0, D=0, seasonal=False, approximation=True).fit(np.diff(train))
            return float(model.forward(np.diff(origin), h=horizon)["mean"].sum())
        if isinstance(recipe, Theta):
            return float(models.Theta().fit(train).forward(origin, h=horizon)["mean"][-1] - origin[-1])
        # one session at a time: statsforecast 2.1 counts phi twice from the second step of a damped trend on
        ets, path = models.AutoETS(model="AZN").fit(train), origin
        for _ in range(horizon):
            path = np.append(path, ets.forward(path, h=1)["mean"])
        return float(path[-1] - origin[-1])


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("drift", [0.0, 0.004])
def test_rolled_forward_equals_statsforecast_at_each_origin(recipe: Univariate, horizon: int, drift: float) -> None:
    prices = walk(drift=drift)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forecasts = recipe.roll(recipe.estimate(prices[:500], horizon), prices, horizon)
    origins = [250, 499, 500, 620, 700]
    direct = [asked_directly(recipe, prices[:500], prices[: k + 1], horizon) for k in origins]
    np.testing.assert_allclose(forecasts[origins], direct, rtol=0, atol=1e-9)


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_no_forecast_changes_when_the_future_does(recipe: Univariate) -> None:
    samples = samples_of(market(ar1(400, 0.2)))
    fitted = recipe.fit(samples, RNG)
    rows = np.arange(300, 350)
    before = fitted.predict(samples.inputs, rows).mean
    bars = samples.inputs.bars.copy()
    bars[350:] *= 1.3
    np.testing.assert_array_equal(fitted.predict(replace(samples.inputs, bars=bars), rows).mean, before)
    np.testing.assert_array_equal(fitted.predict(samples.inputs, rows[::-7]).mean, before[::-7])


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_another_currency_changes_nothing(recipe: Univariate) -> None:
    samples = samples_of(market(ar1(300, 0.3)))
    dear = replace(samples, inputs=replace(samples.inputs, bars=samples.inputs.bars * 137.0))
    rows = samples.rows
    one, other = (recipe.fit(s, RNG).predict(s.inputs, rows).mean for s in (samples, dear))
    np.testing.assert_allclose(other, one, atol=2e-9)


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_saved_and_loaded_to_the_bit(recipe: Univariate, tmp_path: Path) -> None:
    samples = samples_of(market(ar1(300, 0.3)), horizon=3)
    fitted = recipe.fit(samples, RNG)
    fitted.save(tmp_path)
    again = recipe.load(tmp_path)
    np.testing.assert_array_equal(
        again.predict(samples.inputs, samples.rows).mean, fitted.predict(samples.inputs, samples.rows).mean
    )
    assert again.facts.parameters == fitted.facts.parameters


def test_a_session_without_a_close_gets_no_forecast_and_stops_nobody() -> None:
    samples = samples_of(market(ar1(300, 0.3)))
    fitted = ETS().fit(samples, RNG)
    bars = samples.inputs.bars.copy()
    bars[200, 3] = np.nan
    mean = fitted.predict(replace(samples.inputs, bars=bars), np.array([199, 200, 201])).mean
    assert np.isnan(mean).tolist() == [False, True, False]


@pytest.mark.filterwarnings("ignore:possible convergence problem")  # statsforecast's own, on either side
def test_quick_slopes_change_no_bit_of_any_order_search() -> None:
    from statsforecast import models

    for seed in range(3):
        returns = np.random.default_rng(seed).standard_t(5, 400) * 0.01
        returns[1:] += 0.3 * returns[:-1]
        plain = models.AutoARIMA(d=0, D=0, seasonal=False, approximation=True)
        with quick_slopes():
            quick = models.AutoARIMA(d=0, D=0, seasonal=False, approximation=True).fit(returns).model_["coef"]
        assert quick == plain.fit(returns).model_["coef"]


def test_quick_slopes_are_still_needed() -> None:
    """Fails when statsforecast gives SciPy gradients of its own, or is of a version that nobody has looked at."""
    import ast
    import inspect
    from importlib.metadata import version

    from statsforecast import arima

    mine = ".".join(version("statsforecast").split(".")[:2])
    assert mine in PATCHED, f"statsforecast {mine}: add it to PATCHED if the next assertion holds for it"
    tree = ast.walk(ast.parse(inspect.getsource(arima)))
    calls = [one for one in tree if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "minimize"]
    given = [keyword.arg for call in calls for keyword in call.keywords]
    assert calls
    assert "jac" not in given, "statsforecast hands SciPy a gradient now: quick_slopes can go"
    assert set(given) <= {"args", "method", "tol", "options"}


def test_another_statsforecast_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from statsforecast import arima

    before = arima.minimize
    with quick_slopes():
        assert arima.minimize is not before
    monkeypatch.setattr("beatnaive.models.arima_gradients.PATCHED", ())
    with quick_slopes():
        assert arima.minimize is before


def test_arima_finds_a_planted_autoregression() -> None:
    samples = samples_of(market(ar1(1500, 0.4, seed=3)))
    fitted = AutoARIMA().fit(samples, RNG)
    forecast = fitted.predict(samples.inputs, samples.rows).mean
    truth = 0.4 * samples.inputs.x[samples.rows, 0]
    assert np.corrcoef(forecast, truth)[0, 1] > 0.95
    assert fitted.facts.parameters >= 1


def test_running_line_equals_polyfit() -> None:
    y = RNG.normal(size=30).cumsum()
    intercept, slope = running_line(y)
    for n in (2, 3, 17, 30):
        np.testing.assert_allclose(
            [slope[n - 1], intercept[n - 1]], np.polyfit(np.arange(1, n + 1), y[:n], 1), atol=1e-10
        )


def test_two_symbols_at_once_are_refused() -> None:
    samples = samples_of(market(ar1(100, 0.2, symbols=2)))
    with pytest.raises(InputError, match="per_symbol = true"):
        ETS().fit(samples, RNG)


def test_inputs_without_any_close_give_no_forecast() -> None:
    fitted = Theta().fit(samples_of(market(ar1(200, 0.2))), RNG)
    assert np.isnan(fitted.predict(inputs_of(np.full((3, 5), np.nan)), np.arange(3)).mean).all()


def test_a_rolling_window_forgets_what_came_before_it() -> None:
    samples = samples_of(market(ar1(500, 0.2)))
    late = samples.take(samples.rows >= 200)
    bars = samples.inputs.bars.copy()
    bars[:200] *= np.linspace(5, 1, 200)[:, None]
    other = replace(late, inputs=replace(samples.inputs, bars=bars))
    for recipe in RECIPES:
        one, two = (recipe.fit(part, RNG).predict(part.inputs, late.rows).mean for part in (late, other))
        np.testing.assert_array_equal(one, two)

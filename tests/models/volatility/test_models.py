"""Variance models against slow loops and arch's own; the contract; and what they are for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import closes, inputs_of, samples_of

from beatnaive.core.types import Floats, Samples
from beatnaive.models.univariate import Univariate
from beatnaive.models.volatility.base import running_mean, smoothed
from beatnaive.models.volatility.garch import GARCH, GJR, PERCENT, filtered
from beatnaive.models.volatility.har import HAR
from beatnaive.models.volatility.simple import EWMA, ExpandingMean, LastValue, MeanVariance

RECIPES = [LastValue(), MeanVariance(), ExpandingMean(), EWMA(), GARCH(), GJR(), HAR()]
ids = [type(recipe).__name__ for recipe in RECIPES]
RNG = np.random.default_rng(0)


def garch_bars(n: int, seed: int = 0) -> Floats:
    """Daily bars of a GARCH(1,1) market with a range around each session's path."""
    draw = np.random.default_rng(seed)
    s, out, price = 1e-4, [], 100.0
    for _ in range(n):
        path = price * np.exp(np.concatenate([[0.0], draw.normal(0, np.sqrt(s / 40), 40).cumsum()]))
        out.append([path[0], path.max(), path.min(), path[-1], 1e6])
        s = 2e-6 + 0.1 * np.log(path[-1] / price) ** 2 + 0.88 * s
        price = path[-1]
    return np.array(out)


@pytest.fixture(scope="module")
def samples() -> Samples:
    return usable(samples_of(inputs_of(garch_bars(900)), "volatility"))


def usable(samples: Samples) -> Samples:
    return samples.take(samples.rows >= 1)


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_no_forecast_changes_when_the_future_does_and_all_are_positive(recipe: Univariate, samples: Samples) -> None:
    fitted = recipe.fit(samples, RNG)
    everything = fitted.predict(samples.inputs, samples.rows).mean
    assert (everything > 0).all()
    rows = np.arange(600, 640)
    bars = samples.inputs.bars.copy()
    bars[640:] *= np.linspace(1, 2, 260)[:, None]
    later = replace(samples.inputs, bars=bars)
    np.testing.assert_array_equal(fitted.predict(later, rows[::-3]).mean, everything[rows - 1][::-3])


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_another_currency_changes_nothing(recipe: Univariate, samples: Samples) -> None:
    dear = replace(samples, inputs=replace(samples.inputs, bars=samples.inputs.bars * 137.0))
    one, other = (recipe.fit(s, RNG).predict(s.inputs, s.rows).mean for s in (samples, dear))
    np.testing.assert_allclose(other, one, rtol=1e-6)


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_saved_and_loaded_to_the_bit(recipe: Univariate, samples: Samples, tmp_path: Path) -> None:
    fitted = recipe.fit(samples, RNG)
    fitted.save(tmp_path)
    again = recipe.load(tmp_path).predict(samples.inputs, samples.rows).mean
    np.testing.assert_array_equal(again, fitted.predict(samples.inputs, samples.rows).mean)


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_the_level_over_five_sessions_is_right(recipe: Univariate) -> None:
    week = usable(samples_of(inputs_of(garch_bars(2500, seed=4)), "volatility", 5))
    forecast = recipe.fit(week, RNG).predict(week.inputs, week.rows).mean
    assert np.mean(week.y[250:]) / np.mean(forecast[250:]) == pytest.approx(1.0, abs=0.12)


def test_a_session_without_movement_leaves_every_forecast_positive() -> None:
    bars = garch_bars(400)
    bars[300] = [*[bars[299, 3]] * 4, 0.0]
    calm = usable(samples_of(inputs_of(bars), "volatility"))
    for recipe in RECIPES:
        assert (recipe.fit(calm, RNG).predict(calm.inputs, calm.rows).mean > 0).all()


def test_closes_alone_are_enough() -> None:
    bars = garch_bars(500)
    plain = usable(samples_of(inputs_of(closes(*bars[:, 3])), "volatility"))
    for recipe in RECIPES:
        assert np.isfinite(recipe.fit(plain, RNG).predict(plain.inputs, plain.rows).mean).all()


def test_moving_averages_equal_slow_loops() -> None:
    x = RNG.random(50)
    np.testing.assert_allclose(running_mean(x, 7), [x[max(0, k - 6) : k + 1].mean() for k in range(50)], rtol=1e-12)
    np.testing.assert_allclose(running_mean(x), [x[: k + 1].mean() for k in range(50)], rtol=1e-12)
    weights = 0.94 ** np.arange(50)
    slow = [np.average(x[: k + 1], weights=weights[: k + 1][::-1]) for k in range(50)]
    np.testing.assert_allclose(smoothed(x, 0.94), slow, rtol=1e-12)


@pytest.mark.parametrize("recipe", [GARCH(), GJR()], ids=["GARCH", "GJR"])
def test_the_filter_and_the_forecasts_equal_archs_own(recipe: GARCH, samples: Samples) -> None:
    from arch import arch_model

    series = recipe.series(samples.inputs, samples.inputs.session[0])[1]
    parameters = recipe.estimate(series, 1)
    model = arch_model(np.round(PERCENT * series[:, 1], 6), p=1, o=int(recipe.asymmetric), q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off")
    s = filtered(parameters, series[:, 1]) * PERCENT**2
    np.testing.assert_allclose(np.sqrt(s[:-1]), fitted.conditional_volatility, rtol=1e-6)
    own = recipe.roll(parameters, series, 5)[-1] / parameters["level"] * PERCENT**2
    assert own == pytest.approx(fitted.forecast(horizon=5).variance.to_numpy().sum(), rel=1e-6)


def test_the_filter_equals_a_slow_loop() -> None:
    p = {"mu": 0.1, "omega": 0.2, "alpha": 0.05, "gamma": 0.1, "beta": 0.8, "start": 1.5}
    returns = RNG.normal(0, 0.01, 40)
    s, e2, falls = [], 1.5, 0.5
    variance = 1.5
    for r in [*returns, 0.0]:
        variance = 0.2 + (0.05 + 0.1 * falls) * e2 + 0.8 * variance
        s.append(variance)
        e2, falls = (100 * r - 0.1) ** 2, float(100 * r - 0.1 < 0)
    np.testing.assert_allclose(filtered(p, returns) * 1e4, s, rtol=1e-12)


def test_har_equals_a_slow_regression() -> None:
    series = np.column_stack([RNG.gamma(2.0, 1e-4, 200), RNG.normal(0, 0.01, 200)])
    recipe = HAR(spans=(1.0, 5.0))
    v, r = series.T

    def average(x: Floats, memory: float, t: int) -> float:
        return float(np.average(x[: t + 1], weights=np.exp(-np.arange(t + 1) / memory)[::-1]))

    rows = []
    for t in range(200):
        now = np.sqrt(np.average(v[: t + 1], weights=0.9 ** np.arange(t + 1)[::-1]))
        logs = [np.log(max(average(v, k, t), 0.01 * v[: t + 1].mean())) for k in (1.0, 5.0)]
        rows.append([1.0, *logs, average(r, 4.5, t) / now, min(r[t] / now, 0.0)])
    x = np.array(rows)
    label = v[1:-1] + v[2:]
    b = np.linalg.lstsq(x[:-2], np.log(label), rcond=None)[0]
    level = np.mean(label / np.exp(x[:-2] @ b))
    np.testing.assert_allclose(recipe.roll(recipe.estimate(series, 2), series, 2), level * np.exp(x @ b), rtol=1e-9)


def test_har_sees_volatility_coming_on_a_garch_market(samples: Samples) -> None:
    market = usable(samples_of(inputs_of(garch_bars(3000, seed=9)), "volatility"))
    train, test = market.take(np.arange(2000)), market.take(np.arange(2000, len(market)))

    def qlike(recipe: Univariate) -> float:
        f = recipe.fit(replace(train, inputs=market.inputs.until(train.known_at[-1])), RNG).predict(
            market.inputs, test.rows
        )
        return float(np.mean(np.log(f.mean) + test.y / f.mean))

    naive = [qlike(recipe) for recipe in RECIPES[:3]]
    assert qlike(HAR()) < min(naive)
    assert qlike(GARCH()) < min(naive)

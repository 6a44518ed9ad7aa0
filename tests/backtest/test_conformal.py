"""Adaptive conformal quantiles against a slow loop of the paper's recursion, and what they promise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, closes, inputs_of, market, samples_of

from beatnaive.backtest import conformal
from beatnaive.backtest.conformal import (
    IntervalSettings,
    adaptive_quantiles,
    calibrate,
    from_score,
    to_score,
    together,
    volatility,
)
from beatnaive.core.types import LEVELS, WARMUP, Floats, Forecast, Ints, Samples, Track
from beatnaive.judging.quantile_scores import coverage

RNG = np.random.default_rng(0)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def slow(scores: Floats, revealed: Ints, settings: IntervalSettings) -> Floats:
    """Gibbs and Candes' recursion, origin by origin from the start, with numpy's own quantile."""
    out = np.full((len(scores), len(LEVELS)), np.nan)
    for t in range(len(scores)):
        for k, tau in enumerate(LEVELS):
            level = tau
            for s in range(revealed[t]):
                if np.isfinite(out[s, k]):
                    level = min(max(level + settings.step * (tau - float(scores[s] <= out[s, k])), 0.0), 1.0)
            known = scores[max(0, revealed[t] - settings.memory) : revealed[t]]
            if len(known) >= settings.least:
                out[t, k] = np.quantile(known, level, method="weibull")
        out[t] = np.sort(out[t])
    return out


@pytest.mark.parametrize("late", [0, 4])
def test_equal_to_the_papers_recursion(late: int) -> None:
    settings = IntervalSettings(memory=60, step=0.02, least=20)
    scores = RNG.standard_t(4, 220) * np.where(np.arange(220) > 150, 3, 1)
    revealed = np.maximum(np.arange(220) - late, 0)
    np.testing.assert_allclose(
        adaptive_quantiles(scores, revealed, settings), slow(scores, revealed, settings), atol=1e-12
    )


def test_series_side_by_side_equal_each_alone() -> None:
    settings = IntervalSettings(memory=50, step=0.02, least=20)
    scores = [RNG.standard_t(4, n).round(1) for n in (150, 5, 90)]
    scores[2][40:45] = np.nan
    revealed = [np.maximum(np.arange(len(one)) - late, 0) for one, late in zip(scores, (0, 0, 3), strict=True)]
    found = together(scores, revealed, settings)
    for one, known, got in zip(scores, revealed, found, strict=True):
        np.testing.assert_array_equal(got, adaptive_quantiles(one, known, settings))


def track(samples: Samples, mean: Floats) -> Track:
    forecast = Forecast(mean)
    return Track(
        model="m",
        rows=samples.rows,
        fold=np.zeros(len(samples), np.int32),
        forecast=forecast,
        seeds={-1: forecast},
        facts={},
    )


def quantiles(samples: Samples, mean: Floats | None = None) -> Floats:
    mean = np.zeros(len(samples)) if mean is None else mean
    found = calibrate({"m": track(samples, mean)}, samples)["m"].forecast.quantiles
    assert found is not None
    return found


def test_rows_of_the_warm_up_start_the_intervals_and_are_let_go() -> None:
    samples = wild(600, 2)
    whole = track(samples, np.zeros(len(samples)))
    fold = np.where(samples.rows < 400, WARMUP, 0).astype(np.int32)
    found = calibrate({"m": replace(whole, fold=fold)}, samples)["m"]
    kept = fold != WARMUP
    assert (found.fold == 0).all()
    np.testing.assert_array_equal(found.rows, whole.rows[kept])
    np.testing.assert_array_equal(found.seeds[-1].mean, whole.seeds[-1].mean[kept])
    assert found.forecast.quantiles is not None
    np.testing.assert_array_equal(found.forecast.quantiles, quantiles(samples)[kept])


def wild(n: int, symbols: int = 1) -> Samples:
    """Returns whose volatility changes fourfold every 250 sessions."""
    sd = np.where(np.arange(n) // 250 % 2 == 0, 0.005, 0.02)[:, None]
    return samples_of(market(RNG.standard_t(5, (n, symbols)) * sd))


def test_coverage_is_kept_while_volatility_changes() -> None:
    samples = wild(4000)
    q = quantiles(samples)
    for nominal in (0.5, 0.8, 0.9, 0.95):
        assert coverage(samples.y, q, nominal).observed == pytest.approx(nominal, abs=0.01)
    calm = np.flatnonzero(samples.rows // 250 % 2 == 0)
    assert coverage(samples.y[calm], q[calm], 0.95).observed == pytest.approx(0.95, abs=0.02)


def test_quantiles_never_cross_and_are_missing_only_at_the_start() -> None:
    samples = wild(600)
    q = quantiles(samples)
    first = int(np.flatnonzero(np.isfinite(q[:, 0]))[0])
    assert first < 20 + 40 + 5
    assert np.isfinite(q[first:]).all()
    assert (np.diff(q[first:], axis=1) >= 0).all()


@pytest.mark.parametrize("horizon", [1, 5])
def test_no_quantile_changes_when_the_future_does(horizon: int) -> None:
    samples = samples_of(market(ar1(500, 0.0)), horizon=horizon)
    cut = 300
    later = np.flatnonzero(samples.known_at > samples.inputs.origin[samples.rows[cut]])
    y = samples.y.copy()
    y[later] = 9.0
    bars = samples.inputs.bars.copy()
    bars[samples.rows[cut] + 1 :] *= 5
    other = replace(samples, y=y, inputs=replace(samples.inputs, bars=bars))
    np.testing.assert_array_equal(quantiles(other)[: cut + 1], quantiles(samples)[: cut + 1])


def test_an_outcome_counts_as_soon_as_it_is_known_and_no_sooner() -> None:
    samples = samples_of(market(ar1(300, 0.0)), horizon=5)
    y = samples.y.copy()
    y[200] = 9.0
    changed = (quantiles(replace(samples, y=y)) != quantiles(samples)).any(axis=1)
    changed[:70] = False
    assert int(np.flatnonzero(changed)[0]) == 205


def test_symbols_do_not_share_their_errors() -> None:
    two = wild(500, symbols=2)
    mine = np.flatnonzero(two.inputs.symbol[two.rows] == 1)
    alone = replace(two, y=np.where(two.inputs.symbol[two.rows] == 0, 7.0, two.y))
    np.testing.assert_array_equal(quantiles(alone)[mine], quantiles(two)[mine])


def test_how_many_series_are_at_work_at_a_time_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = wild(300, symbols=7)
    alone = quantiles(samples)
    monkeypatch.setattr(conformal, "_TOGETHER", 2)
    monkeypatch.setattr(conformal, "cores", lambda: 3)
    np.testing.assert_array_equal(quantiles(samples), alone)


def test_a_biased_forecast_gets_intervals_where_the_outcomes_are() -> None:
    samples = wild(3000)
    q = quantiles(samples, np.full(len(samples), 0.01))
    assert coverage(samples.y[1000:], q[1000:], 0.8).observed == pytest.approx(0.8, abs=0.015)


def test_variance_forecasts_get_positive_quantiles_that_hold() -> None:
    samples = samples_of(market(RNG.normal(0, 0.01, (2500, 1))), "volatility")
    q = quantiles(samples, np.full(len(samples), 1e-4))
    stated = q[np.isfinite(q[:, 0])]
    assert (stated > 0).all()
    # squared returns: a sixth of them lies below the hundredth of the forecast at which scores begin
    assert coverage(samples.y, q, 0.8).observed >= 0.79


def test_scores_are_undone_exactly() -> None:
    y, mean, scale = RNG.normal(size=30), RNG.normal(size=30), RNG.uniform(1, 2, 30)
    np.testing.assert_allclose(from_score(to_score(y, mean, scale)[:, None], mean, scale)[:, 0], y, atol=1e-14)
    v = np.exp(y)
    np.testing.assert_allclose(from_score(to_score(v, np.exp(mean), None)[:, None], np.exp(mean), None)[:, 0], v)


def test_volatility_equals_a_slow_average_and_survives_a_standstill() -> None:
    price = 100 * np.exp(np.concatenate([RNG.normal(0, 0.01, 60).cumsum(), np.zeros(400)]))
    got = volatility(inputs_of(closes(*price)), 0.94)
    r2 = np.diff(np.log(price)) ** 2
    weights = 0.94 ** np.arange(40)[::-1]
    assert got[40] == pytest.approx(np.sqrt(np.average(r2[:40], weights=weights)), rel=1e-12)
    assert np.isnan(got[:20]).all()
    assert got[-1] == pytest.approx(0.2 * np.sqrt(r2.mean()), rel=1e-9)


def test_the_documented_bound_is_that_of_our_constants():
    """Gibbs and Candes 2021, proposition 4.1, for the outermost level and the default step."""
    step, page = IntervalSettings().step, (DOCS / "intervals.md").read_text(encoding="utf-8")
    bound = {n: 100 * (max(LEVELS) + step) / (step * n) for n in (2520, 25200)}
    assert f"{bound[2520]:.1f} points after 2,520 outcomes (ten years) and {bound[25200]:.1f} after 25,200" in page

"""Simulated markets whose truth is known, and the models that are fitted on them.

Arrays: s markets, t days. Returns are log returns with a daily deviation of about 1 %.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DAILY = 0.01
BURN = 30  # days of history before the first training row: the longest look-back of a model is 20


def normal(rng: np.random.Generator, markets: int, days: int) -> Array:
    """Independent normal returns."""
    return DAILY * rng.standard_normal((markets, days))


def garch(rng: np.random.Generator, markets: int, days: int) -> Array:
    """GARCH(1,1) with alpha 0.08, beta 0.90 and Student-t innovations with 5 degrees of freedom."""
    z = rng.standard_t(5, (days + 100, markets)) * np.sqrt(3 / 5)
    variance = np.ones(markets)
    returns = np.empty((days + 100, markets))
    for day in range(days + 100):
        returns[day] = np.sqrt(variance) * z[day]
        variance = 0.02 + 0.08 * returns[day] ** 2 + 0.90 * variance
    return DAILY * np.ascontiguousarray(returns[100:].T)


def breaks(rng: np.random.Generator, markets: int, days: int) -> Array:
    """Student-t(5) returns whose deviation jumps between a half, one and two, on average once a year."""
    jumps = rng.random((markets, days)) < 1 / 250
    jumps[:, 0] = True
    level = rng.choice([0.5, 1.0, 2.0], (markets, days))
    last = np.maximum.accumulate(np.where(jumps, np.arange(days), 0), axis=1)
    deviation = np.take_along_axis(level, last, axis=1)
    return DAILY * deviation * rng.standard_t(5, (markets, days)) * np.sqrt(3 / 5)


def autoregression(innovations: Array, coefficient: float) -> Array:
    """r_t = coefficient r_(t-1) + innovation."""
    returns = innovations.copy()
    for day in range(1, returns.shape[1]):
        returns[:, day] += coefficient * returns[:, day - 1]
    return returns


def gjr(rng: np.random.Generator, markets: int, days: int, nu: float = 3.0) -> Array:
    """GJR-GARCH(1,1) with alpha 0.03, gamma 0.12, beta 0.89 and Student-t innovations with `nu` degrees of freedom."""
    z = rng.standard_t(nu, (days + 200, markets)) * np.sqrt((nu - 2) / nu)
    variance = np.ones(markets)
    returns = np.empty((days + 200, markets))
    for day in range(days + 200):
        returns[day] = np.sqrt(variance) * z[day]
        variance = 0.02 + (0.03 + 0.12 * (returns[day] < 0)) * returns[day] ** 2 + 0.89 * variance
    return DAILY * np.ascontiguousarray(returns[200:].T)


MARKETS = {"normal": normal, "GARCH-t": garch, "t with breaks": breaks}


def ahead(returns: Array, horizon: int) -> Array:
    """(s, t - h) sum of the next `horizon` returns."""
    total = np.concatenate([np.zeros((len(returns), 1)), returns.cumsum(1)], axis=1)
    return total[:, horizon + 1 :] - total[:, 1:-horizon]


def lags(returns: Array, count: int) -> Array:
    """(s, t, count) the last `count` returns, newest first; zero before the start."""
    padded = np.concatenate([np.zeros((len(returns), count - 1)), returns], axis=1)
    return np.lib.stride_tricks.sliding_window_view(padded, count, axis=1)[:, :, ::-1]


def least_squares(x: Array, y: Array, known: slice, penalty: float = 0.0) -> Array:
    """(s, t) fitted values of a regression with intercept, estimated on the `known` rows of every market."""
    mean, target = x[:, known].mean(1, keepdims=True), y[:, known].mean(1, keepdims=True)
    centred = x[:, known] - mean
    square = np.matmul(centred.transpose(0, 2, 1), centred)
    ridge = penalty * np.einsum("sii->s", square)[:, None, None] / x.shape[2] * np.eye(x.shape[2])
    moment = np.matmul(centred.transpose(0, 2, 1), (y[:, known] - target)[:, :, None])
    slope = np.linalg.solve(square + ridge, moment)
    return np.matmul(x - mean, slope)[:, :, 0] + target


def seven(returns: Array, train: int, test: int, horizon: int) -> tuple[Array, Array]:
    """Outcomes (s, n) and forecasts (s, n, 7) of seven fitted models on the test rows.

    Mean return; reversion to the 7-day average; regressions on 1, 5 and 20 lags, the last also as ridge; and on 5 lags,
    momentum and volatility. Trained on labels known at the last training close.
    """
    x = lags(returns, 20)
    y = ahead(returns, horizon)
    x = x[:, : y.shape[1]]
    known = slice(BURN, BURN + train - horizon + 1)
    rows = slice(BURN + train, BURN + train + test)
    weights = np.exp(np.concatenate([np.zeros((*x.shape[:2], 1)), -x[:, :, :6].cumsum(2)], axis=2))
    technical = np.concatenate([x[:, :, :5], x.mean(2, keepdims=True), x.std(2, keepdims=True)], axis=2)
    forecasts = (
        np.broadcast_to(y[:, known].mean(1, keepdims=True), y.shape),
        np.log(weights.mean(2)),
        least_squares(x[:, :, :1], y, known),
        least_squares(x[:, :, :5], y, known),
        least_squares(x, y, known),
        least_squares(x, y, known, penalty=1.0),
        least_squares(technical, y, known),
    )
    return y[:, rows], np.stack([forecast[:, rows] for forecast in forecasts], axis=2)


def three(returns: Array, train: int, test: int) -> tuple[Array, Array]:
    """Outcomes (s, n) and forecasts (s, n, 3) of the cheap ones of the seven: mean, one lag, five lags."""
    x, y = lags(returns, 5), ahead(returns, 1)
    x = x[:, : y.shape[1]]
    known, rows = slice(BURN, BURN + train), slice(BURN + train, BURN + train + test)
    mean = np.broadcast_to(y[:, known].mean(1, keepdims=True), y.shape)
    forecasts = (mean, least_squares(x[:, :, :1], y, known), least_squares(x, y, known))
    return y[:, rows], np.stack([forecast[:, rows] for forecast in forecasts], axis=2)


LINEAR = 3
"""Which of the seven is the linear regression on five lagged returns."""


def variants(rng: np.random.Generator, returns: Array, train: int, test: int, count: int) -> tuple[Array, Array]:
    """Outcomes (s, n) and forecasts (s, n, count) of regressions on random sets of one to five lagged returns."""
    x, y = lags(returns, 20), ahead(returns, 1)
    x = x[:, : y.shape[1]]
    known, rows = slice(BURN, BURN + train), slice(BURN + train, BURN + train + test)
    chosen = [rng.choice(20, rng.integers(1, 6), replace=False) for _ in range(count)]
    return y[:, rows], np.stack([least_squares(x[:, :, c], y, known)[:, rows] for c in chosen], axis=2)


def as_accurate_as_naive(rng: np.random.Generator, markets: int, test: int, horizon: int) -> tuple[Array, Array]:
    """The least favourable null: seven different forecasts, each exactly as accurate as naive in expectation.

    r = e + half the sum of the forecasts, e GARCH-t, so that E[2 r f] = E[f^2] for each. At horizons above one the
    forecasts are sums of daily parts that are known beforehand.
    """
    days = test + horizon
    parts = 0.2 * DAILY * rng.standard_normal((7, markets, days))
    returns = garch(rng, markets, days) + 0.5 * parts.sum(0)
    forecasts = np.stack([ahead(part, horizon) for part in parts], axis=2)
    return ahead(returns, horizon)[:, :test], forecasts[:, :test]


def factor_panel(rng: np.random.Generator, symbols: int, days: int) -> Array:
    """Null returns of many symbols with one common Student-t(5) factor (correlation about 0.3)."""
    common = rng.standard_t(5, days)
    own = rng.standard_t(5, (symbols, days))
    return DAILY * np.sqrt(3 / 5) * (np.sqrt(0.3) * common + np.sqrt(0.7) * own)


def gains(outcomes: Array, forecasts: Array) -> Array:
    """(s, n, k) squared error of naive = 0 less that of the forecasts."""
    return outcomes[:, :, None] ** 2 - (outcomes[:, :, None] - forecasts) ** 2


def heavy_tailed_null(rng: np.random.Generator, markets: int, n: int, models: int, correlation: float = 0.0) -> Array:
    """(s, n, models) gains of forecasts exactly as accurate as naive, in a GJR market with Student-t(3) innovations.

    Forecasts have this correlation; r = e + c x their sum, c such that E[2 r f] = E[f^2] for each.
    """
    common, own = rng.standard_normal((markets, n, 1)), rng.standard_normal((markets, n, models))
    forecasts = 0.2 * DAILY * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
    share = 0.5 / (1 + (models - 1) * correlation)
    return gains(gjr(rng, markets, n) + share * forecasts.sum(2), forecasts)


def few_days_null(rng: np.random.Generator, markets: int, n: int, models: int, days: int) -> Array:
    """(s, n, models) gains of forecasts that differ from naive on `days` rows of their own, and are as accurate."""
    forecasts = np.zeros((markets, n, models))
    rows = rng.random((markets, n, models)).argsort(1)[:, :days]
    np.put_along_axis(forecasts, rows, 0.2 * DAILY * rng.standard_normal((markets, days, models)), 1)
    return gains(gjr(rng, markets, n) + 0.5 * forecasts.sum(2), forecasts)


def true_beside_few_days(rng: np.random.Generator, markets: int, n: int, share: float) -> Array:
    """(s, n, 7) gains of a forecast that holds `share` of the variance of returns, and of six that differ on 3 rows."""
    signal = np.sqrt(share) * DAILY * rng.standard_normal((markets, n))
    noise = gjr(rng, markets, n)
    noise *= np.sqrt(1 - share) * DAILY / noise.std(1, keepdims=True)
    forecasts = np.zeros((markets, n, 7))
    forecasts[:, :, 0] = signal
    rows = rng.random((markets, n, 6)).argsort(1)[:, :3]
    np.put_along_axis(forecasts[:, :, 1:], rows, 0.2 * DAILY * rng.standard_normal((markets, 3, 6)), 1)
    return gains(signal + noise, forecasts)


def variance_null(rng: np.random.Generator, markets: int, n: int, models: int, phi: float, deviation: float) -> Array:
    """(s, n, models) QLIKE gains of forecasts whose log errors are AR(phi), benchmark and models alike."""
    logs = np.empty((n, markets, models + 1))
    now = deviation * rng.standard_normal((markets, models + 1))
    for day in range(n):
        logs[day] = now
        now = phi * now + np.sqrt(1 - phi**2) * deviation * rng.standard_normal(now.shape)
    loss = logs + rng.gamma(4, 1 / 4, (n, markets, 1)) * np.exp(-logs)
    return (loss[:, :, :1] - loss[:, :, 1:]).transpose(1, 0, 2)


def three_benchmarks(rng: np.random.Generator, markets: int, n: int) -> Array:
    """(s, n, 3, 3) gains over benchmarks (axis 2) of models (axis 3), each as good as a different benchmark.

    Losses are Student-t(5); model k's mean loss is benchmark k's, and clearly below the other two's.
    """
    benchmarks, models = (rng.standard_t(5, (markets, n, 3)) for _ in range(2))
    gain = benchmarks[:, :, :, None] - models[:, :, None, :]
    return gain + 2.0 * (1 - np.eye(3))


def null_panel(rng: np.random.Generator, symbols: int, n: int, models: int, nu: float | None = None) -> Array:
    """(symbols, n, models) gains of forecasts as accurate as naive; noise and forecasts share a factor each (0.3).

    Noise is normal, or Student-t with `nu` degrees of freedom.
    """
    draw = rng.standard_normal if nu is None else lambda shape: rng.standard_t(nu, shape) * np.sqrt((nu - 2) / nu)
    noise = DAILY * (np.sqrt(0.3) * draw((1, n)) + np.sqrt(0.7) * draw((symbols, n)))
    common, own = rng.standard_normal((1, n, models)), rng.standard_normal((symbols, n, models))
    forecasts = 0.2 * DAILY * (np.sqrt(0.3) * common + np.sqrt(0.7) * own)
    return gains(noise + 0.5 * forecasts.sum(2), forecasts)


def uneven_null(rng: np.random.Generator, markets: int, n: int, deviation: Array) -> Array:
    """(s, n, 4) gains of forecasts as accurate as naive, in normal noise whose deviation (n,) changes over time."""
    forecasts = 0.2 * DAILY * rng.standard_normal((markets, n, 4))
    return gains(DAILY * deviation * rng.standard_normal((markets, n)) + 0.5 * forecasts.sum(2), forecasts)


def ticks_null(rng: np.random.Generator, markets: int, n: int) -> Array:
    """(s, n, 4) gains of forecasts as accurate as naive of a price that moves in whole ticks, mostly not at all."""
    forecasts = 0.2 * rng.standard_normal((markets, n, 4))
    fair = 0.5 * rng.standard_normal((markets, n)) + 0.5 * forecasts.sum(2)
    return gains(np.floor(fair + rng.random((markets, n))), forecasts)


def crashes(rng: np.random.Generator, markets: int, n: int) -> Array:
    """(s, n, 1) gains of a constant forecast that is as accurate as naive, where returns crash (skew about -8)."""
    returns = DAILY * (1 - rng.lognormal(0.0, 1.1, (markets, n)) / np.exp(1.1**2 / 2))
    constant = 0.1 * DAILY
    return gains(returns + constant / 2, np.full((markets, n, 1), constant))

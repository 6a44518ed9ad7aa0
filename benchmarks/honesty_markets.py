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

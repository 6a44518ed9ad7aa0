"""Small simulated markets for tests: inputs and samples whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from beatnaive.backtest.targets import target
from beatnaive.core.types import Floats, Inputs, Samples


def inputs_of(bars: Floats, symbol: list[int] | None = None) -> Inputs:
    """Bars (n, 5) of one symbol, or of several taking turns, on consecutive days."""
    codes = np.zeros(len(bars), np.int32) if symbol is None else np.array(symbol, np.int32)
    day = np.zeros(len(bars), int)
    for code in np.unique(codes):
        day[codes == code] = np.arange((codes == code).sum())
    session = np.datetime64("2015-01-01") + day
    return Inputs(
        symbols=tuple(f"S{k}" for k in range(codes.max() + 1)),
        symbol=codes,
        session=session,
        origin=session.astype("datetime64[s]"),
        bars=np.asarray(bars, float),
        x=np.empty((len(bars), 0)),
        features=(),
        filled=np.zeros(len(bars), bool),
    )


def closes(*values: float) -> Floats:
    """Bars that have a close only."""
    bars = np.full((len(values), 5), np.nan)
    bars[:, 3] = values
    return bars


def market(returns: Floats, lags: int = 3) -> Inputs:
    """Inputs of symbols whose session log returns are the columns of `returns` (n, symbols), with lagged returns as
    features; closes only."""
    n, symbols = returns.shape
    price = 100 * np.exp(returns.cumsum(axis=0))
    inputs = inputs_of(closes(*price.ravel()), list(range(symbols)) * n)
    x = np.stack([np.vstack([np.full((k, symbols), np.nan), returns[: n - k]]).ravel() for k in range(lags)], axis=1)
    return replace(inputs, x=x, features=tuple(f"r{k}" for k in range(lags)))


def samples_of(inputs: Inputs, name: str = "return", horizon: int = 1) -> Samples:
    """All rows with a label and complete features."""
    aim = target(name, horizon)
    rows = np.arange(len(inputs))
    y = aim.label(inputs, rows, horizon)
    good = np.flatnonzero(np.isfinite(y) & np.isfinite(inputs.x).all(axis=1))
    known_at = inputs.origin[inputs.ahead(good, horizon)]
    return Samples(inputs, good, y[good], known_at, aim)


def ar1(n: int, phi: float, seed: int = 0, symbols: int = 1, sd: float = 0.01) -> Floats:
    """(n, symbols) AR(1) log returns with Gaussian noise."""
    from scipy.signal import lfilter

    noise = np.random.default_rng(seed).normal(0, sd, (n, symbols))
    return np.asarray(lfilter([1.0], [1.0, -phi], noise, axis=0))

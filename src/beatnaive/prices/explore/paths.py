"""How the price moved: averages and where they cross, drawdowns, rolling volatility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats, Instants

SHORT, LONG, MONTH = 7, 50, 21


def moving_average(close: Floats, window: int) -> Floats:
    """Simple mean of the last `window` closes, today's included; NaN before there are so many.

    >>> moving_average(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    array([nan, 1.5, 2.5, 3.5])
    """
    mean = np.full(len(close), np.nan)
    if len(close) >= window:
        mean[window - 1 :] = np.lib.stride_tricks.sliding_window_view(close, window).mean(axis=1)
    return mean


@dataclass(frozen=True)
class Crossing:
    """A session on which the short average rose above the long one ("up") or fell below it ("down")."""

    session: str
    direction: str
    close: float


def crossings(sessions: Instants, close: Floats) -> tuple[Crossing, ...]:
    """Where the average of 7 closes crosses that of 50, oldest first; an average of too few closes crosses nothing."""
    side = np.sign(moving_average(close, SHORT) - moving_average(close, LONG))
    known = np.flatnonzero(np.isfinite(side) & (side != 0))
    turned = known[1:][side[known][1:] != side[known][:-1]]
    names = {1.0: "up", -1.0: "down"}
    return tuple(Crossing(str(sessions[k]), names[float(side[k])], float(close[k])) for k in turned)


def drawdown(close: Floats) -> Floats:
    """(n,) fall from the highest close so far, as a share: 0 at a peak, -0.5 at half of it.

    >>> drawdown(np.array([1.0, 2.0, 1.0]))
    array([ 0. ,  0. , -0.5])
    """
    return np.asarray(close / np.maximum.accumulate(close) - 1.0)


@dataclass(frozen=True)
class Drawdown:
    """One fall: peak, trough and recovery sessions (recovery empty = not yet), depth as a share, length in sessions."""

    peak: str
    trough: str
    recovery: str
    depth: float
    sessions: int


def drawdowns(sessions: Instants, close: Floats, most: int = 5) -> tuple[Drawdown, ...]:
    """The deepest falls from a peak to its recovery, the deepest first.

    >>> days = np.arange("2020-01-01", "2020-01-06", dtype="datetime64[D]")
    >>> [(fall.peak, fall.depth, fall.recovery) for fall in drawdowns(days, np.array([4.0, 3.0, 4.0, 2.0, 3.0]))]
    [('2020-01-03', -0.5, ''), ('2020-01-01', -0.25, '2020-01-03')]
    """
    depth = drawdown(close)
    below = np.concatenate([[False], depth < 0, [False]])
    starts, ends = np.flatnonzero(below[1:] & ~below[:-1]), np.flatnonzero(~below[1:] & below[:-1])
    falls = []
    for start, end in zip(starts, ends, strict=True):  # below the peak from `start` up to, not including, `end`
        trough = start + int(depth[start:end].argmin())
        recovery = str(sessions[end]) if end < len(sessions) else ""
        length = int(end - start + 1)
        falls.append(Drawdown(str(sessions[start - 1]), str(sessions[trough]), recovery, float(depth[trough]), length))
    return tuple(sorted(falls, key=lambda fall: fall.depth)[:most])


def rolling_volatility(r: Floats, window: int = MONTH, per_year: float = 252.0) -> Floats:
    """(n,) annualised standard deviation of the last `window` log returns, in %; NaN before there are so many.

    >>> rolling_volatility(np.array([0.01, -0.01, 0.01]), window=2).round(2)
    array([  nan, 22.45, 22.45])
    """
    out = np.full(len(r), np.nan)
    if len(r) >= window:
        out[window - 1 :] = np.lib.stride_tricks.sliding_window_view(r, window).std(axis=1, ddof=1)
    return np.asarray(100 * np.sqrt(per_year) * out)

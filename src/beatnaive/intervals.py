"""Quantiles for every model: adaptive conformal intervals around out-of-sample forecasts, calm or wild.

A stage between walk and score. It may see labels, but each forecast's quantiles use only those known at its origin.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from beatnaive.types import LEVELS, Floats, Inputs, Ints, Samples, Track

FEWEST = 20
"""Returns, a month of them, without which no volatility is stated."""


@dataclass(frozen=True)
class IntervalSettings:
    """How quantiles adapt. Defaults were chosen on data before 2008 (docs/intervals.md).

    memory: scores whose quantiles are taken, in sessions; step: how far a level moves after an outcome (gamma of
    Gibbs and Candes); decay: of the exponentially weighted variance that scales residuals; least: scores without
    which no quantile is stated.
    """

    memory: int = 500
    step: float = 0.003
    decay: float = 0.94
    least: int = 40


def calibrate(
    tracks: Mapping[str, Track], samples: Samples, settings: IntervalSettings | None = None
) -> dict[str, Track]:
    """The same tracks, with quantiles (k, len(LEVELS)) on each forecast.

    A score is the error of an out-of-sample forecast in units of the volatility known at its origin (for a volatility
    study the log ratio of outcome and forecast). The warm-up rows of a track, forecast by a fit without the last fifth
    of the first training set, supply the first scores. The quantiles of the scores known at an origin, at adapted
    levels (`adaptive_quantiles`), give those of the forecast; symbol by symbol. NaN where there are too few scores.
    """
    settings = settings or IntervalSettings()
    unit = None if samples.target.name == "volatility" else volatility(samples.inputs, settings.decay)
    return {name: _calibrate(track, samples, unit, settings) for name, track in tracks.items()}


def _calibrate(track: Track, samples: Samples, unit: Floats | None, settings: IntervalSettings) -> Track:
    rows, mean = track.rows, track.forecast.mean
    index = samples.at(rows)
    scale = np.sqrt(samples.target.horizon) * unit[rows] if unit is not None else None
    scores = to_score(samples.y[index], mean, scale)
    quantiles = np.full((len(rows), len(LEVELS)), np.nan)
    symbol, origin = samples.inputs.symbol[rows], samples.inputs.origin[rows]
    for code in np.unique(symbol):
        mine = np.flatnonzero(symbol == code)
        revealed = np.searchsorted(samples.known_at[index[mine]], origin[mine], "right")
        quantiles[mine] = adaptive_quantiles(scores[mine], revealed, settings)
    return replace(track, forecast=replace(track.forecast, quantiles=from_score(quantiles, mean, scale)))


def to_score(y: Floats, mean: Floats, scale: Floats | None) -> Floats:
    """(y - mean) / scale, or log(y / mean) of variances where scale is None.

    An outcome of zero variance counts as a hundredth of the forecast: its logarithm would be infinite.
    """
    if scale is None:
        return np.asarray(np.log(np.maximum(y / mean, 0.01)))
    return np.asarray((y - mean) / scale)


def from_score(score: Floats, mean: Floats, scale: Floats | None) -> Floats:
    """The inverse of `to_score` for (k, levels) scores."""
    if scale is None:
        return np.asarray(mean[:, None] * np.exp(score))
    return np.asarray(mean[:, None] + scale[:, None] * score)


def volatility(inputs: Inputs, decay: float) -> Floats:
    """(n,) square root of the exponentially weighted mean square of session log returns up to each close.

    s_t^2 = sum_k decay^k r_{t-k}^2 / sum_k decay^k; a session without a return keeps the value before it. At least a
    fifth of the root mean square of all returns so far, so that a price that stood still for weeks is not taken for
    certain; NaN before `FEWEST` returns.
    """
    known_at_close = np.full(len(inputs), np.nan)
    for code in range(len(inputs.symbols)):
        rows, own = inputs.of_symbol(code)
        known_at_close[rows] = _volatility(np.diff(np.log(own.close), prepend=np.nan) ** 2, decay)
    return known_at_close


def _volatility(squares: Floats, decay: float) -> Floats:
    there = np.isfinite(squares)
    values, count = np.where(there, squares, 0.0), np.cumsum(there)
    recent = _faded(values, decay) / np.maximum(_faded(there.astype(float), decay), np.finfo(float).tiny)
    ever = np.cumsum(values) / np.maximum(count, 1)
    known = (count >= FEWEST) & (ever > 0)
    return np.where(known, np.sqrt(np.maximum(recent, 0.04 * ever)), np.nan)


def _faded(values: Floats, decay: float) -> Floats:
    """s_t = decay s_{t-1} + x_t; a plain loop, because importing scipy.signal takes longer than ten years of it."""
    return np.array(list(accumulate(values.tolist(), lambda total, value: decay * total + value)))


def adaptive_quantiles(scores: Floats, revealed: Ints, settings: IntervalSettings) -> Floats:
    """Quantiles of the next score, from the scores revealed so far, at levels that learn from their misses (ACI).

    For each level tau: q_t is the tau_t-quantile of the last `memory` scores, and when a score u becomes known,
    tau_{t+1} = tau_t + step (tau - 1{u <= q}). So the share of outcomes under q tends to tau whatever the market does.

    scores (n,) in time order, revealed (n,) how many of them are known at each origin (h sessions late for a horizon
    h). Returns (n, len(LEVELS)), increasing along the levels; NaN while fewer than `least` scores are known.

    Reference: Gibbs and Candes 2021, https://proceedings.neurips.cc/paper/2021/hash/0d441de75945e5acbc865406fc9a2559-Abstract.html
    """
    window: list[float] = []
    order: list[float] = []
    levels = list(LEVELS)
    stated: list[list[float] | None] = []
    done = 0
    values = scores.tolist()
    for known in revealed.tolist():
        for u, before in zip(values[done:known], stated[done:known], strict=True):
            if u != u:  # no forecast, no score
                continue
            if before is not None:
                aims = zip(levels, LEVELS, before, strict=True)
                levels = [moved(level, tau, settings.step, u <= q) for level, tau, q in aims]
            insort(window, u)
            order.append(u)
            if len(order) > settings.memory:
                del window[bisect_left(window, order[-settings.memory - 1])]
        done = known
        stated.append(sorted(_quantile(window, at) for at in levels) if len(window) >= settings.least else None)
    nothing = [np.nan] * len(LEVELS)
    return np.array([nothing if each is None else each for each in stated]).reshape(len(stated), len(LEVELS))


def moved(level: float, tau: float, step: float, under: bool) -> float:
    """The level after an outcome under its quantile or not; between 0 and 1, so that it never has a long way back.

    >>> moved(0.25, 0.25, 0.01, True)
    0.2425
    """
    return min(max(level + step * (tau - under), 0.0), 1.0)


def _quantile(ordered: list[float], level: float) -> float:
    """The level-quantile at position level (n + 1), as split conformal prediction counts; the extremes beyond them."""
    position = min(max(level * (len(ordered) + 1) - 1, 0.0), len(ordered) - 1.0)
    below = min(int(position), len(ordered) - 2)
    return ordered[below] + (position - below) * (ordered[below + 1] - ordered[below])

"""Quantiles for every model: adaptive conformal intervals around out-of-sample forecasts, calm or wild.

A stage between walk and score. It may see labels, but each forecast's quantiles use only those known at its origin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from beatnaive.core import malloc, mapped
from beatnaive.core.limits import Sessions, Share, ShareOrNone
from beatnaive.core.recursions import faded
from beatnaive.core.threads import cores, side_by_side
from beatnaive.core.types import LEVELS, WARMUP, Bools, Floats, Forecast, Inputs, Ints, Samples, Track

FEWEST = 20
"""Returns, a month of them, without which no volatility is stated."""
MOST_THREADS = 4
"""Batches of series at a time: they wait for memory more than for a core."""
_TOGETHER = 512  # series side by side: few enough for the cache, many enough for the loop over time to cost little


@dataclass(frozen=True)
class IntervalSettings:
    """How quantiles adapt. Defaults were chosen on data before 2008 (docs/intervals.md).

    memory: scores whose quantiles are taken, in sessions; step: how far a level moves after an outcome (gamma of
    Gibbs and Candes); decay: of the exponentially weighted variance that scales residuals; least: scores without
    which no quantile is stated.
    """

    memory: Sessions = 500
    step: ShareOrNone = 0.003
    decay: Share = 0.94
    least: Sessions = 40


def calibrate(
    tracks: Mapping[str, Track], samples: Samples, settings: IntervalSettings | None = None
) -> dict[str, Track]:
    """The same tracks, with quantiles (k, len(LEVELS)) on each forecast, and without the warm-up rows.

    A score is the error of an out-of-sample forecast in units of the volatility known at its origin (for a volatility
    study the log ratio of outcome and forecast). The warm-up rows of a track, forecast by a fit without the last fifth
    of the first training set, supply the first scores. The quantiles of the scores known at an origin, at adapted
    levels (`adaptive_quantiles`), give those of the forecast; symbol by symbol. NaN where there are too few scores.
    """
    settings = settings or IntervalSettings()
    unit = None if samples.target.name == "volatility" else volatility(samples.inputs, settings.decay)
    series = [one for track in tracks.values() for one in _series(track, samples, unit)]
    series.sort(key=lambda one: len(one.place))  # those of about one length together: little is padded
    scored = {name: track.fold != WARMUP for name, track in tracks.items()}
    place = {name: np.cumsum(kept) - 1 for name, kept in scored.items()}
    stated = {name: mapped.blank(int(kept.sum()), len(LEVELS)) for name, kept in scored.items()}

    def state(part: list[_Series]) -> None:
        """Their quantiles into their own places; the series themselves are let go, a panel's are a gigabyte."""
        found = together([one.scores for one in part], [one.revealed for one in part], settings)
        for one, quantiles in zip(part, found, strict=True):
            kept = scored[one.model][one.place]
            rows = place[one.model][one.place[kept]]
            stated[one.model][rows] = from_score(quantiles, one.mean, one.scale)[kept]
        part.clear()

    parts = [series[first : first + _TOGETHER] for first in range(0, len(series), _TOGETHER)]
    series.clear()
    side_by_side(state, parts, workers=min(cores(), MOST_THREADS))
    malloc.trim()
    mapped.forget(*stated.values())
    shared: dict[tuple[int, int], tuple[Ints, NDArray[np.int32]]] = {}  # models share their rows, before and after
    calibrated: dict[str, Track] = {}
    for name, track in tracks.items():
        kept, key = scored[name], (id(track.rows), id(track.fold))
        if key not in shared:
            shared[key] = track.rows[kept], track.fold[kept]
        calibrated[name] = _calibrated(track, kept, stated[name], *shared[key])
    return calibrated


def _calibrated(track: Track, scored: Bools, quantiles: Floats, rows: Ints, fold: NDArray[np.int32]) -> Track:
    """The scored rows of a track: those of the warm-up have done their work, and a panel has a million of them."""
    forecast = Forecast(track.forecast.mean[scored], quantiles)
    seeds = {
        number: Forecast(
            forecast.mean if one is track.forecast else one.mean[scored],
            None if one.quantiles is None else one.quantiles[scored],
        )
        for number, one in track.seeds.items()
    }
    return replace(track, rows=rows, fold=fold, forecast=forecast, seeds=seeds)


@dataclass(frozen=True, eq=False)
class _Series:
    """One model's forecasts of one symbol: their places in the track, their scores, how many are known at each."""

    model: str
    place: Ints
    mean: Floats
    scale: Floats | None
    scores: Floats
    revealed: Ints


def _series(track: Track, samples: Samples, unit: Floats | None) -> Iterator[_Series]:
    rows, mean = track.rows, track.forecast.mean
    index = samples.at(rows)
    scale = np.sqrt(samples.target.horizon) * unit[rows] if unit is not None else None
    scores = to_score(samples.y[index], mean, scale)
    origin, known_at = samples.inputs.origin[rows], samples.known_at[index]
    symbol = samples.inputs.symbol[rows]
    order = np.argsort(symbol, kind="stable")
    for place in np.split(order, np.flatnonzero(np.diff(symbol[order])) + 1):
        own = scale[place] if scale is not None else None
        revealed = np.searchsorted(known_at[place], origin[place], "right")
        yield _Series(track.model, place, mean[place], own, scores[place], revealed)


def to_score(y: Floats, mean: Floats, scale: Floats | None) -> Floats:
    """(y - mean) / scale, or log(y / mean) of variances where scale is None.

    y, mean and scale (k,) in the target's unit. An outcome of zero variance counts as a hundredth of the forecast: its
    logarithm would be infinite.

    >>> to_score(np.array([0.02]), np.array([0.0]), np.array([0.01]))
    array([2.])
    """
    if scale is None:
        return np.asarray(np.log(np.maximum(y / mean, 0.01)))
    return np.asarray((y - mean) / scale)


def from_score(score: Floats, mean: Floats, scale: Floats | None) -> Floats:
    """The inverse of `to_score` for (k, levels) scores.

    >>> from_score(np.array([[-1.0, 2.0]]), np.array([0.0]), np.array([0.01]))
    array([[-0.01,  0.02]])
    """
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
        rows = inputs.rows_of(code)
        squares = np.diff(np.log(inputs.close[rows]), prepend=np.nan) ** 2
        there = np.isfinite(squares)
        values, count = np.where(there, squares, 0.0), np.cumsum(there)
        recent = faded(values, decay) / np.maximum(faded(there.astype(float), decay), np.finfo(float).tiny)
        ever = np.cumsum(values) / np.maximum(count, 1)
        known = (count >= FEWEST) & (ever > 0)
        known_at_close[rows] = np.where(known, np.sqrt(np.maximum(recent, 0.04 * ever)), np.nan)
    return known_at_close


def adaptive_quantiles(scores: Floats, revealed: Ints, settings: IntervalSettings) -> Floats:
    """Quantiles of the next score, from the scores revealed so far, at levels that learn from their misses (ACI).

    For each level tau: q_t is the tau_t-quantile of the last `memory` scores, and when a score u becomes known,
    tau_{t+1} = tau_t + step (tau - 1{u <= q}). So the share of outcomes under q tends to tau whatever the market does.

    scores (n,) in time order, revealed (n,) how many of them are known at each origin (h sessions late for a horizon
    h). Returns (n, len(LEVELS)), increasing along the levels; NaN while fewer than `least` scores are known.

    Reference: Gibbs and Candes 2021, https://proceedings.neurips.cc/paper/2021/hash/0d441de75945e5acbc865406fc9a2559-Abstract.html
    """
    return together([scores], [revealed], settings)[0]


def together(scores: Sequence[Floats], revealed: Sequence[Ints], settings: IntervalSettings) -> list[Floats]:
    """`adaptive_quantiles` of several series side by side, one step of time for all of them at once.

    A panel has thousands of short series: one loop over time then moves them all, array by array. The bits of each are
    those that it has alone.
    """
    steps = max(len(one) for one in scores)
    values, known = np.full((steps, len(scores)), np.nan), np.zeros((steps, len(scores)), np.int64)
    for k, (own, so_far) in enumerate(zip(scores, revealed, strict=True)):
        values[: len(own), k] = own
        known[: len(own), k] = so_far
    stated = np.full((steps, len(LEVELS), len(scores)), np.nan)
    done, each = np.zeros(len(scores), np.int64), np.arange(len(scores))
    adapting = _Adapting(settings, steps, len(scores))
    for step in range(steps):
        while (new := done < known[step]).any():
            adapting.learn(np.where(new, values[done, each], np.nan), stated[done, :, each].T)
            done += new
        stated[step] = adapting.quantiles()
    return [stated[: len(own), :, k] for k, own in enumerate(scores)]


class _Adapting:
    """The last scores of s series, ascending, and the levels of their quantiles; one column per series."""

    def __init__(self, settings: IntervalSettings, steps: int, series: int) -> None:
        self.settings = settings
        self.taus = np.array(LEVELS)[:, None]
        self.levels = np.repeat(self.taus, series, axis=1)
        self.ordered = np.full((min(settings.memory, steps) + 1, series), np.inf)  # +inf beyond the scores there are
        self.arrived = np.full((steps, series), np.nan)
        self.count = np.zeros(series, np.int64)
        self.each = np.arange(series)

    def learn(self, u: Floats, before: Floats) -> None:
        """One score per series, NaN = none, and the quantiles (levels, s) that were stated for it."""
        there = ~np.isnan(u)
        promised = there & np.isfinite(before[0])
        self.levels = np.where(promised, moved(self.levels, self.taus, self.settings.step, u <= before), self.levels)
        full = there & (self.count >= self.settings.memory)
        oldest = self.arrived[np.maximum(self.count - self.settings.memory, 0), self.each]
        # each column without its oldest score and with the new one, still ascending; infinity stands for no score
        old, new = np.where(full, oldest, np.inf), np.where(there, u, np.inf)
        top = min(int(self.count.max()) + 1, len(self.ordered) - 1)
        part = self.ordered[: top + 1]
        left = np.where(part[:-1] < old, part[:-1], part[1:])
        np.minimum(left, new, out=part[:-1])
        np.maximum(part[1:-1], left[:-1], out=part[1:-1])
        self.arrived[self.count[there], self.each[there]] = u[there]
        self.count += there

    def quantiles(self) -> Floats:
        """(levels, s) ascending; NaN where there are too few scores."""
        n = np.minimum(self.count, self.settings.memory)
        position = np.minimum(np.maximum(self.levels * (n + 1) - 1, 0.0), np.maximum(n - 1.0, 0.0))
        below = np.maximum(np.minimum(position.astype(np.int64), n - 2), 0)
        low, high = self.ordered[below, self.each], self.ordered[np.minimum(below + 1, np.maximum(n - 1, 0)), self.each]
        with np.errstate(invalid="ignore"):
            found = np.sort(low + (position - below) * (high - low), axis=0)
        return np.where(n >= max(self.settings.least, 1), found, np.nan)


def moved(level: Floats, tau: Floats, step: float, under: Bools) -> Floats:
    """The level after an outcome under its quantile or not; between 0 and 1, so that it never has a long way back.

    >>> moved(np.array([0.25]), np.array([0.25]), 0.01, np.array([True])).tolist()
    [0.2425]
    """
    return np.asarray(np.minimum(np.maximum(level + step * (tau - under), 0.0), 1.0))

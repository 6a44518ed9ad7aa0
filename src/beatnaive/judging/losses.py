"""Pointwise losses, on the rows that all valid models share. Aggregation comes last, elsewhere.

y and f are in the target's unit: log returns over the horizon, or variances. The losses of quantiles judge what
`beatnaive.backtest.conformal` stated; the others judge the mean forecast alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from beatnaive.core.arrays import by_code
from beatnaive.core.errors import InputError
from beatnaive.core.recursions import faded
from beatnaive.core.types import OF_QUANTILES, Floats, Fold, Forecast, Inputs, Ints, Losses, Samples, Track
from beatnaive.judging import quantile_scores

DECAY = 0.94
"""RiskMetrics' daily decay (J.P. Morgan 1996), for the variance that scales the scaled loss."""
START = 20
"""Rows whose mean square starts that variance where no earlier prices are at hand."""


def squared(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """(y - f)^2.

    >>> squared(np.array([0.02]), Forecast(np.array([0.0])), np.array([1.0])).tolist()
    [0.0004]
    """
    return np.asarray((y - f.mean) ** 2)


def absolute(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """|y - f|."""
    return np.abs(y - f.mean)


def scaled(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """(y - f)^2 / variance, the EWMA variance known at the origin: calm days count as much as wild ones."""
    return np.asarray((y - f.mean) ** 2 / variance)


def qlike(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """log f + y / f, the quasi-likelihood of variance forecasts (Patton 2011, doi:10.1016/j.jeconom.2010.03.034)."""
    return np.asarray(np.log(f.mean) + y / f.mean)


def pinball(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """The pinball loss of the stated quantiles, averaged over `LEVELS`."""
    return np.asarray(quantile_scores.pinball(y, stated(f)).mean(axis=1))


def crps(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """The continuous ranked probability score of the stated quantiles."""
    return quantile_scores.crps(y, stated(f))


def winkler(y: Floats, f: Forecast, variance: Floats) -> Floats:
    """The interval score of the 95 % interval."""
    return quantile_scores.winkler(y, *quantile_scores.interval(stated(f), 0.95), 0.95)


def stated(f: Forecast) -> Floats:
    """(n, len(LEVELS)) the quantiles. Raises InputError for a forecast that states none."""
    if f.quantiles is None:
        raise InputError("the forecasts state no quantiles: take the loss squared, absolute or scaled", option="loss")
    return f.quantiles


Loss: TypeAlias = Callable[[Floats, Forecast, Floats], Floats]

LOSSES: dict[str, Loss] = {
    "squared": squared,
    "absolute": absolute,
    "scaled": scaled,
    "qlike": qlike,
    "pinball": pinball,
    "crps": crps,
    "winkler": winkler,
}


def recentred(forecast: Forecast, mean: Floats, *, ratio: bool) -> Forecast:
    """The same distribution round another centre: shifted, or for variances (`ratio`) multiplied.

    >>> recentred(Forecast(np.array([1.0]), np.array([[0.0, 3.0]])), np.array([2.0]), ratio=False).quantiles.tolist()
    [[1.0, 4.0]]
    """
    quantiles, old = stated(forecast), forecast.mean[:, None]
    return Forecast(mean, quantiles * (mean[:, None] / old) if ratio else quantiles + (mean[:, None] - old))


def pointwise(tracks: Mapping[str, Track], samples: Samples, folds: Sequence[Fold], loss: str | None) -> Losses:
    """Losses of every valid model on the test rows; invalid ones are named and left out. loss None = the target's.

    For a loss of quantiles the rows are those where every model states them.
    Raises InputError when no model is valid or a benchmark of the target is missing.
    """
    invalid = {name: track.failure for name, track in tracks.items() if track.failure is not None}
    valid = {name: track for name, track in tracks.items() if name not in invalid}
    for name in samples.target.benchmarks:
        if name in invalid:
            raise InputError(f"the benchmark {name} is invalid: {invalid[name]}")
        if name not in valid:
            remedy = f"add [models.{name}]"
            raise InputError(f"the study has no model {name!r}, against which all others are measured: {remedy}")
    chosen = loss or samples.target.loss
    function, of_quantiles = LOSSES[chosen], chosen in OF_QUANTILES
    first = next(iter(valid.values()))
    scored = first.scored
    if of_quantiles:
        known = [np.isfinite(stated(one.forecast)[scored]).all(axis=1) for one in valid.values()]
        scored = np.arange(len(first.rows))[scored][np.logical_and.reduce(known)]
    rows, inputs = first.rows[scored], samples.inputs
    if not len(rows):
        mend = "take a longer period, or the loss squared"
        raise InputError(f"no row has quantiles of every model: {mend}", option="loss")
    y = samples.y[samples.at(rows)]
    variance = ewma_variance(inputs)[rows] * samples.target.horizon if chosen == "scaled" else np.ones(len(rows))
    made = {name: _taken(one.forecast, scored, of_quantiles) for name, one in valid.items()}
    seed_loss: dict[str, Floats] = {}
    for name, track in valid.items():
        if min(track.seeds) >= 0:
            each = [_taken(forecast, scored, False) for _, forecast in sorted(track.seeds.items())]
            if of_quantiles:  # those of the mean over seeds, round each seed's own centre
                ratio = samples.target.name == "volatility"
                each = [recentred(made[name], own.mean, ratio=ratio) for own in each]
            seed_loss[name] = np.stack([function(y, own, variance) for own in each])
    # where one symbol alone is forecast, the study is about that one, whatever it learns from
    symbols, codes = inputs.symbols, inputs.symbol[rows]
    if (codes == codes[0]).all():
        symbols, codes = (symbols[codes[0]],), np.zeros(len(rows), np.int32)
    return Losses(
        symbols=symbols,
        symbol=codes,
        session=inputs.session[rows],
        origin=inputs.origin[rows],
        horizon=samples.target.horizon,
        y=y,
        close=inputs.close[rows],
        forecast={name: one.mean for name, one in made.items()},
        loss={name: function(y, one, variance) for name, one in made.items()},
        seed_loss=seed_loss,
        scale=training_variance(samples, folds)[inputs.symbol[rows]],
        benchmarks=samples.target.benchmarks,
        loss_name=chosen,
        invalid=invalid,
        quantiles={name: stated(one) for name, one in made.items()} if of_quantiles else {},
        expanding=expanding_mean(samples, rows) if samples.target.name == "return" else None,
    )


def _taken(forecast: Forecast, rows: Ints | slice, with_quantiles: bool) -> Forecast:
    return Forecast(forecast.mean[rows], stated(forecast)[rows] if with_quantiles else None)


def expanding_mean(samples: Samples, rows: Ints) -> Floats:
    """(k,) mean of all labels of the row's own symbol that were known at its origin; 0 where there is none.

    The constant that any drift is worth (Campbell and Thompson 2008, doi:10.1093/rfs/hhm055); unit of y.
    """
    inputs, found = samples.inputs, np.zeros(len(rows))
    of_samples = by_code(inputs.symbol[samples.rows])
    for code, mine in by_code(inputs.symbol[rows]).items():
        own = of_samples.get(code, mine[:0])
        own = own[np.argsort(samples.known_at[own], kind="stable")]
        sums = np.concatenate([[0.0], samples.y[own].cumsum()])
        known = np.searchsorted(samples.known_at[own], inputs.origin[rows[mine]], "right")
        found[mine] = sums[known] / np.maximum(known, 1)
    return found


def training_variance(samples: Samples, folds: Sequence[Fold]) -> Floats:
    """(symbols,) mean square of the labels in the first fold's training rows: what makes symbols comparable.

    Unit: that of y, squared. A symbol that starts later takes the median of the others.
    """
    first = next(fold for fold in folds if not fold.is_warmup)
    codes = samples.inputs.symbol[samples.rows[first.train]]
    size = len(samples.inputs.symbols)
    count = np.bincount(codes, minlength=size)
    total = np.bincount(codes, weights=samples.y[first.train] ** 2, minlength=size)
    variance = np.divide(total, count, out=np.full(size, np.nan), where=(count > 1) & (total > 0))
    middle = float(np.nanmedian(variance)) if np.isfinite(variance).any() else 1.0
    return np.where(np.isfinite(variance), variance, middle)


def ewma_variance(inputs: Inputs) -> Floats:
    """(n,) variance of the daily log return known at each close: v_t = 0.94 v_{t-1} + 0.06 r_t^2.

    Starts at the first squared return; NaN closes carry the last value forward. Floored at 1e-12, so that a series
    that stood still divides nothing by zero. Unit: log return squared per session.
    """
    variance = np.full(len(inputs), np.nan)
    for code in range(len(inputs.symbols)):
        rows = inputs.rows_of(code)
        squares = np.diff(np.log(inputs.close[rows]), prepend=np.nan) ** 2
        known = np.flatnonzero(np.isfinite(squares))
        if len(known):
            smooth = np.full(len(squares), np.nan)
            smooth[known] = faded((1 - DECAY) * squares[known], DECAY, float(squares[known[0]]))
            last = np.maximum.accumulate(np.where(np.isfinite(smooth), np.arange(len(smooth)), 0))
            variance[rows] = np.maximum(smooth[last], 1e-12)
    return variance


def variance_of_errors(error: Floats, horizon: int) -> Floats:
    """(n,) EWMA variance of one symbol's naive errors that were known at each origin, `horizon` rows before.

    v_t = 0.94 v_{t-1} + 0.06 e_t^2, started at the mean of the first twenty squares; NaN for these and `horizon` rows
    more, and everywhere in a series no longer than that. Unit: that of the errors, squared.

    >>> variance_of_errors(np.ones(23), 1).tolist()[20:]
    [nan, 1.0, 1.0]
    """
    square, known = error**2, np.full(len(error), np.nan)
    if len(error) > START + horizon:
        smooth = faded((1 - DECAY) * square, DECAY, float(square[:START].mean()))
        known[START + horizon :] = smooth[START:-horizon]
    return np.where(known > 0, known, np.nan)

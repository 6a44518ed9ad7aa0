"""Aggregation: one row of scores per model (and per symbol), in the unit people think in, naive's beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from beatnaive.core import mapped
from beatnaive.core.arrays import counted
from beatnaive.core.types import Floats, Ints, Samples, Track
from beatnaive.judging.quantile_scores import crps, interval

Score: TypeAlias = dict[str, str | int | float | None]

AT_ONCE = 1 << 18
"""Rows whose quantiles are looked at at a time."""
COLUMNS = (
    "symbol", "model", "n", "mae", "rmse", "mape", "r2", "skill_pct", "r2_vs_naive", "relative_mae", "hit_rate",
    "seed_rmse_mean", "seed_rmse_min", "seed_rmse_max", "parameters", "crps", "coverage95",
)  # fmt: skip


def errors(actual: Floats, forecast: Floats) -> dict[str, float]:
    """MAE = mean |e|, RMSE = sqrt(mean e^2), MAPE = 100 mean |e / actual| in %, R2 = 1 - sum e^2 / sum (y - ybar)^2.

    actual, forecast (n,) in dollars of the close (or variances); e = actual - forecast. R2 is NaN for constant actuals.

    >>> errors(np.array([100.0, 102.0]), np.array([101.0, 101.0]))
    {'mae': 1.0, 'rmse': 1.0, 'mape': 0.9901960784313726, 'r2': 0.0}
    """
    e = actual - forecast
    spread = float(((actual - actual.mean()) ** 2).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        mape = float(100 * np.abs(e / actual).mean())
    return {
        "mae": float(np.abs(e).mean()),
        "rmse": float(np.sqrt((e**2).mean())),
        "mape": mape,
        "r2": 1 - float((e**2).sum()) / spread if spread > 0 else float("nan"),
    }


def hit_rate(y: Floats, f: Floats) -> float | None:
    """Share of rows whose direction was called, among those where forecast and outcome are both non-zero."""
    both = (y != 0) & (f != 0)
    return float((np.sign(y[both]) == np.sign(f[both])).mean()) if both.any() else None


def table(
    tracks: Mapping[str, Track], samples: Samples, skills: Mapping[str, Mapping[str, float | None]]
) -> list[Score]:
    """The rows of scores.csv: per symbol and model, and per model over the whole panel (symbol `*`) if there are many.

    All on the shared test rows. R2 against naive = 1 - SSE / SSE of naive in the target's unit, against the target's
    first benchmark. skills {symbol: {model: %}}: from the examination (`Examination.skills`), in the loss that rules,
    so that a model has one number called skill.
    """
    first = tracks[samples.target.benchmarks[0]]
    naive = values_of(first, samples)
    # the panel as a whole first, then each symbol's rows
    symbol, names = samples.inputs.symbol[first.rows[first.scored]], samples.inputs.symbols
    order = np.argsort(symbol, kind="stable")
    codes, starts = np.unique(symbol[order], return_index=True)
    groups: list[tuple[str, Ints | slice]] = [
        (names[code], rows) for code, rows in zip(codes, np.split(order, starts[1:]), strict=True)
    ]
    if len(groups) > 1:
        groups = [("*", slice(None)), *groups]
    references = [Reference.of(naive, rows) for _, rows in groups]
    columns = []
    for name, track in tracks.items():  # one model at a time, because a panel's values are large
        known = naive if track.rows is first.rows and track.fold is first.fold else None
        values = values_of(track, samples, known) if track.failure is None else None
        columns.append(
            [
                score_of(label, name, track, values, reference, rows, skills.get(label, {}).get(name))
                for (label, rows), reference in zip(groups, references, strict=True)
            ]
        )
        if values is not None and values.quantiles is not None:
            mapped.forget(values.quantiles)
    return [row for rows in zip(*columns, strict=True) for row in rows]


@dataclass(frozen=True, eq=False, kw_only=True)
class Values:
    """One model's test rows as people read them (prices, or variances), then in the target's unit.

    quantiles (n, levels): in the target's unit, None where none are stated; close (n,): what turns them into prices,
    None for variances.
    """

    actual: Floats
    forecast: Floats
    seeds: Floats
    y: Floats
    f: Floats
    quantiles: Floats | None
    close: Floats | None

    def take(self, index: Ints | slice) -> Values:
        """The same values at these positions, but for the quantiles: views where they are a slice."""
        parts = {name: getattr(self, name)[..., index] for name in ("actual", "forecast", "seeds", "y", "f")}
        return replace(self, **parts)

    def distribution(self, index: Ints | slice) -> tuple[float, float] | None:
        """CRPS in the unit that people read, and the share of outcomes inside the 95 % interval; None without any.

        A part of the rows at a time: a panel's quantiles are gigabytes.
        """
        if self.quantiles is None:
            return None
        rows = counted(0, len(self.actual))[index]
        found, inside = [np.empty(0)], [np.empty(0, bool)]
        for first in range(0, len(rows), AT_ONCE):
            part = rows[first : first + AT_ONCE]
            stated = self.quantiles[part]
            if not (known := np.isfinite(stated).all(axis=1)).all():
                part, stated = part[known], stated[known]
            if self.close is not None:
                stated = np.exp(stated) * self.close[part, None]
            found.append(crps(self.actual[part], stated))
            low, high = interval(stated, 0.95)
            inside.append((low <= self.actual[part]) & (self.actual[part] <= high))
        scores = np.concatenate(found)
        return (float(scores.mean()), float(np.concatenate(inside).mean())) if len(scores) else None


@dataclass(frozen=True)
class Reference:
    """Naive on some rows: how many they are, its errors, and the sum of its squared ones in the target's unit."""

    n: int
    errors: Mapping[str, float]
    squares: float

    @classmethod
    def of(cls, naive: Values, rows: Ints | slice) -> Reference:
        """Reckoned once, for all models."""
        base = naive.take(rows)
        return cls(len(base.y), errors(base.actual, base.forecast), float(((base.y - base.f) ** 2).sum()))


def values_of(track: Track, samples: Samples, known: Values | None = None) -> Values:
    """A track's test rows: prices of the close for returns, close x exp(forecast); variances as they are.

    known: those of a track with the same rows, whose outcomes are these.
    """
    scored, inputs = track.scored, samples.inputs
    f = track.forecast.mean[scored]
    if known is not None:
        actual, y, close = known.actual, known.y, known.close
    else:
        rows = track.rows[scored]
        y = samples.y[samples.at(rows)]
        close = inputs.close[rows] if samples.target.name == "return" else None
        actual = y if close is None else inputs.close[inputs.ahead(rows, samples.target.horizon)]
    seeds = np.stack([one.mean[scored] for _, one in sorted(track.seeds.items())])
    forecast = f
    if close is not None:
        forecast, seeds = close * np.exp(f), close * np.exp(seeds)
    stated = track.forecast.quantiles
    quantiles = None if stated is None else stated[scored]
    return Values(actual=actual, forecast=forecast, seeds=seeds, y=y, f=f, quantiles=quantiles, close=close)


def score_of(
    label: str, name: str, track: Track, values: Values | None, naive: Reference, rows: Ints | slice,
    skill: float | None,
) -> Score:  # fmt: skip
    """One row of scores.csv: a model on these rows, beside naive; an invalid model (values None) has no numbers."""
    row: Score = dict.fromkeys(COLUMNS)
    parameters = track.facts[max(track.facts)].parameters if track.facts else None
    row.update(symbol=label, model=name, parameters=parameters)
    row["n"] = naive.n
    if values is None:
        return row
    mine = values.take(rows)
    own = errors(mine.actual, mine.forecast)
    row.update(own)
    row.update(
        skill_pct=skill,
        r2_vs_naive=1 - _ratio(((mine.y - mine.f) ** 2).sum(), naive.squares),
        relative_mae=_ratio(own["mae"], naive.errors["mae"]),
        hit_rate=hit_rate(mine.y, mine.f) if mine.close is not None else None,
    )
    if (distribution := values.distribution(rows)) is not None:
        row.update(crps=distribution[0], coverage95=distribution[1])
    if min(track.seeds) >= 0:  # an average of forecasts is never worse than the mean of the seeds' own RMSEs
        each = np.sqrt(((mine.actual - mine.seeds) ** 2).mean(axis=1))
        row.update(seed_rmse_mean=float(each.mean()), seed_rmse_min=float(each.min()), seed_rmse_max=float(each.max()))
    return row


def _ratio(one: float, other: float) -> float:
    return float(one) / float(other) if other else float("nan")


def write(scores: Sequence[Score]) -> str:
    """scores.csv in full float precision (the shortest text that reads back equal); empty where it does not apply."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for score in scores:
        cells = [score[column] for column in COLUMNS]
        table.writerow(["" if isinstance(cell, float) and not np.isfinite(cell) else cell for cell in cells])
    return text.getvalue()

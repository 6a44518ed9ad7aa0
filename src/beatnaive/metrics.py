"""Aggregation: one row of scores per model (and per symbol), in the unit people think in, naive's beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from beatnaive.splits import WARMUP
from beatnaive.types import Bools, Floats, Ints, Samples, Track

Score: TypeAlias = dict[str, str | int | float | None]

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


def table(tracks: Mapping[str, Track], samples: Samples) -> list[Score]:
    """The rows of scores.csv: per symbol and model, and per model over the whole panel (symbol `*`) if there are several.

    All on the shared test rows. skill % = 100 (1 - RMSE / naive RMSE), R2 against naive = 1 - SSE / SSE of naive in
    the target's unit, both against the target's first benchmark.
    """
    valid = {name: track for name, track in tracks.items() if track.failure is None}
    rows = next(iter(valid.values())).rows[_scored(next(iter(valid.values())))]
    symbol = samples.inputs.symbol[rows]
    names = samples.inputs.symbols
    groups = [(names[code], symbol == code) for code in np.unique(symbol)]
    if len(names) > 1:
        groups.insert(0, ("*", np.ones(len(rows), bool)))
    return [_score(name, label, tracks, samples, mask) for label, mask in groups for name in tracks]


def _scored(track: Track) -> Ints:
    return np.flatnonzero(track.fold != WARMUP)


def _score(name: str, label: str, tracks: Mapping[str, Track], samples: Samples, mask: Bools) -> Score:
    track = tracks[name]
    row: Score = dict.fromkeys(COLUMNS)
    row.update(symbol=label, model=name, n=int(mask.sum()), parameters=_parameters(track))
    if track.failure is not None:
        return row
    actual, forecast, y, f = _values(track, track.forecast.mean, samples, mask)
    naive = tracks[samples.target.benchmarks[0]]
    base_actual, base_forecast, _, base = _values(naive, naive.forecast.mean, samples, mask)
    row.update(errors(actual, forecast))
    reference = errors(base_actual, base_forecast)
    row.update(
        skill_pct=100 * (1 - _ratio(row["rmse"], reference["rmse"])),
        r2_vs_naive=1 - _ratio(((y - f) ** 2).sum(), ((y - base) ** 2).sum()),
        relative_mae=_ratio(row["mae"], reference["mae"]),
        hit_rate=hit_rate(y, f) if samples.target.name == "return" else None,
    )
    row.update(_spread(track, samples, mask))
    return row


def _ratio(one: float | int | str | None, other: float) -> float:
    return float(one) / float(other) if other and one is not None else float("nan")


def _values(track: Track, mean: Floats, samples: Samples, mask: Bools) -> tuple[Floats, Floats, Floats, Floats]:
    """Outcome and forecast as people read them (prices, or variances), then in the target's unit."""
    scored = _scored(track)[mask]
    rows = track.rows[scored]
    y, f = samples.y[samples.at(rows)], mean[scored]
    if samples.target.name != "return":
        return y, f, y, f
    close = samples.inputs.close[rows]
    return actual_price(samples, rows), close * np.exp(f), y, f


def actual_price(samples: Samples, rows: Ints) -> Floats:
    """The close that was forecast, taken from the bars: exp(log(.)) would lose its last digit."""
    return samples.inputs.close[samples.inputs.ahead(rows, samples.target.horizon)]


def _spread(track: Track, samples: Samples, mask: Bools) -> dict[str, float]:
    """Mean, least and largest of the seeds' own RMSEs; nothing for a deterministic model."""
    if min(track.seeds) < 0:
        return {}
    each = [errors(*_values(track, forecast.mean, samples, mask)[:2])["rmse"] for forecast in track.seeds.values()]
    return {
        "seed_rmse_mean": float(np.mean(each)),
        "seed_rmse_min": float(np.min(each)),
        "seed_rmse_max": float(np.max(each)),
    }


def _parameters(track: Track) -> int | None:
    if not track.facts:
        return None
    return track.facts[max(track.facts)].parameters


def write(scores: Sequence[Score]) -> str:
    """scores.csv: full float precision (shortest text that reads back to the same number), empty where it does not apply."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(_cell(row[column]) for column in COLUMNS) for row in scores]
    return "\n".join(lines) + "\n"


def _cell(value: str | int | float | None) -> str:
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    if isinstance(value, str) and any(mark in value for mark in ',"\n'):
        return '"' + value.replace('"', '""') + '"'
    return repr(value) if isinstance(value, float) else str(value)

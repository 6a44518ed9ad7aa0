"""From a run's tables to the tidy frames that charts draw: shared rows, forecast and outcome in one unit, losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.types import Floats, RunData

if TYPE_CHECKING:
    import pandas as pd


QUANTILES = ("q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975")
"""The columns of the stated quantiles, in the order of `LEVELS`."""


@dataclass(frozen=True, eq=False)
class View:
    """What the charts of a run start from.

    models: benchmark first, then the study's order. rows: one per (symbol, model, origin) of the mean forecasts on
    the rows that all models share, sorted by session; columns symbol, model, origin, target_date, close, y, yhat,
    actual and forecast (log returns; square roots of variances for a volatility study), loss, and the quantiles as
    the run wrote them.
    seeds: the same without loss, for the seeds of stochastic models, with the column seed.
    """

    models: tuple[str, ...]
    benchmark: str
    symbols: tuple[str, ...]
    volatility: bool
    horizon: int
    rows: pd.DataFrame
    seeds: pd.DataFrame

    @property
    def subject(self) -> str:
        """What the charts are about, for titles: the symbol, or how many there are."""
        return self.symbols[0] if len(self.symbols) == 1 else f"{len(self.symbols)} symbols"

    @property
    def sessions(self) -> str:
        """The horizon in words."""
        return "one session" if self.horizon == 1 else f"{self.horizon} sessions"

    @property
    def rivals(self) -> tuple[str, ...]:
        """All models but the benchmark."""
        return tuple(name for name in self.models if name != self.benchmark)


@lru_cache(maxsize=2)
def view(data: RunData) -> View:
    """The run as charts see it; computed once per run."""
    volatility = target(data)["kind"] == "volatility"
    usable = _usable(data.forecasts, volatility)
    models = _order(usable["model"].unique().tolist(), data)
    rows = _shared(usable[usable["seed"] == -1], len(models))
    rows = rows.assign(loss=_loss(rows, volatility)).sort_values(["origin", "symbol", "model"], ignore_index=True)
    symbols = tuple(sorted(rows["symbol"].unique()))
    seeds = usable[usable["seed"] >= 0]
    return View(models, models[0], symbols, volatility, int(target(data)["horizon"]), rows, seeds)


def target(data: RunData) -> Mapping[str, Any]:
    """kind and horizon of the study, with the defaults of a study that names none."""
    named = data.study.get("target") or {}
    return {"kind": named.get("kind", "return"), "horizon": named.get("horizon", 1)}


def _usable(forecasts: pd.DataFrame, volatility: bool) -> pd.DataFrame:
    """Scored rows with a forecast, outcome and forecast in the unit of the charts."""
    import pandas as pd

    known = np.isfinite(forecasts["y"]) & np.isfinite(forecasts["yhat"]) & (forecasts["yhat"] > 0)
    rows: pd.DataFrame = forecasts.loc[
        known, ["symbol", "model", "seed", "fold", "origin", "target_date", "close", "y", "yhat", *QUANTILES]
    ]
    rows = rows.astype({"symbol": str, "model": str})
    for column in ("origin", "target_date"):
        rows[column] = pd.to_datetime(rows[column])
    if volatility:
        return rows.assign(actual=np.sqrt(rows["y"]), forecast=np.sqrt(rows["yhat"]))
    return rows.assign(actual=np.log(rows["y"] / rows["close"]), forecast=np.log(rows["yhat"] / rows["close"]))


def _order(names: list[str], data: RunData) -> tuple[str, ...]:
    """The benchmark, then the models in the study's order, then the rest by name."""
    benchmark = data.verdict.get("benchmark", "naive")
    listed = [benchmark] if isinstance(benchmark, str) else list(benchmark)
    listed += ["naive", *data.study.get("models", {})]
    known = [name for name in dict.fromkeys(listed) if name in names]
    return tuple(known + sorted(set(names) - set(known)))


def _shared(rows: pd.DataFrame, models: int) -> pd.DataFrame:
    """Comparisons are on the rows that every model forecast."""
    count = rows.groupby(["symbol", "origin"])["model"].transform("count")
    return rows[count == models]


def _loss(rows: pd.DataFrame, volatility: bool) -> Floats:
    """Squared error of the log return; QLIKE of the variance, y / f - log(y / f) - 1."""
    if volatility:
        ratio = (rows["y"] / rows["yhat"]).to_numpy()
        return np.asarray(ratio - np.log(ratio) - 1)
    return np.asarray((rows["actual"] - rows["forecast"]).to_numpy() ** 2)


def session_losses(run: View) -> pd.DataFrame:
    """(sessions, models) loss per session, each symbol's divided by the benchmark's mean there, averaged over symbols.

    So the benchmark's column has mean 1 for a single symbol, and a panel is not ruled by its wildest member.
    """
    wide = run.rows.pivot(index=["origin", "symbol"], columns="model", values="loss")
    scale = wide[run.benchmark].groupby("symbol").transform("mean")
    mean: pd.DataFrame = wide.div(scale, axis=0).groupby("origin").mean()
    return mean[list(run.models)]


def long_run_sd(d: Floats, horizon: int) -> float:
    """Standard deviation of one term of a sum of d, overlap of h-step errors included (Bartlett, h - 1 lags)."""
    e = d - d.mean()
    plain = float(e @ e) / len(e)
    lags = range(1, min(horizon, len(e)))
    overlap = sum(2 * (1 - k / horizon) * float(e[k:] @ e[:-k]) / len(e) for k in lags)
    return float(np.sqrt(max(plain, plain + overlap)))


def thin(frame: pd.DataFrame, by: str, most: int) -> tuple[pd.DataFrame, int]:
    """Every k-th value of column `by`, at most `most` of them, the last always kept; and k."""
    values = np.sort(frame[by].unique())
    step = -(-len(values) // most)
    kept = values[::-1][::step]
    return (frame if step == 1 else frame[frame[by].isin(kept)]), step

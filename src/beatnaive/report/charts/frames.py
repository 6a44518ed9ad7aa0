"""From a run's tables to the tidy frames that charts draw: shared rows, forecast and outcome in one unit, losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Bools, Floats, Ints, RunData

if TYPE_CHECKING:
    import pandas as pd


QUANTILES = ("q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975")
"""The columns of the stated quantiles, in the order of `LEVELS`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """What the charts of a run start from.

    models: benchmark first, then the study's order. rows: one per (symbol, model, origin) of the mean forecasts on
    the rows that all models share, sorted by session, symbol and model; columns symbol, model, origin, target_date,
    close, y, yhat, actual and forecast (log returns; square roots of variances for a volatility study), loss.
    seeds: the same without loss, for the seeds of stochastic models, with the column seed.
    table, place: the run's own table, and where in it each of `rows` stands.
    """

    models: tuple[str, ...]
    benchmark: str
    symbols: tuple[str, ...]
    volatility: bool
    horizon: int
    rows: pd.DataFrame
    seeds: pd.DataFrame
    table: pd.DataFrame
    place: Ints

    def quantile(self, name: str) -> Floats:
        """(n,) one of `QUANTILES` of `rows`, as the run wrote it: a copy, made when asked for."""
        return np.asarray(self.table[name].to_numpy()[self.place])

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
    seeds = usable[usable["seed"] >= 0]
    rows = _shared(where(usable, usable["seed"] == -1), len(models)).drop(columns="seed")
    del usable
    rows["loss"] = _loss(rows, volatility)
    rows = rows.sort_values(["origin", "symbol", "model"])
    place, rows = rows.index.to_numpy(), rows.reset_index(drop=True)
    symbols = tuple(sorted(rows["symbol"].unique()))
    return View(
        models=models, benchmark=models[0], symbols=symbols, volatility=volatility,
        horizon=int(target(data)["horizon"]), rows=rows, seeds=seeds, table=data.forecasts, place=place,
    )  # fmt: skip


def where(frame: pd.DataFrame, rows: pd.Series[bool] | Bools) -> pd.DataFrame:
    """These rows of a frame; the frame itself, uncopied, where it is all of them."""
    return frame if rows.all() else frame[rows]


def target(data: RunData) -> Mapping[str, Any]:
    """kind and horizon of the study, with the defaults of a study that names none."""
    named = data.study.get("target") or {}
    return {"kind": named.get("kind", "return"), "horizon": named.get("horizon", 1)}


def _usable(forecasts: pd.DataFrame, volatility: bool) -> pd.DataFrame:
    """Scored rows with a forecast, outcome and forecast in the unit of the charts."""
    import pandas as pd

    known = np.isfinite(forecasts["y"]) & np.isfinite(forecasts["yhat"]) & (forecasts["yhat"] > 0)
    plain = forecasts[["symbol", "model", "seed", "origin", "target_date", "close", "y", "yhat"]]
    rows = where(plain.set_axis(range(len(plain))), known.set_axis(range(len(plain)))).copy()
    for column in ("symbol", "model"):
        rows[column] = _coded(rows[column])
    for column in ("origin", "target_date"):
        rows[column] = pd.to_datetime(rows[column]).astype("datetime64[ns]")
    unit = {"y": "actual", "yhat": "forecast"}
    for column, made in unit.items():
        rows[made] = np.sqrt(rows[column]) if volatility else np.log(rows[column] / rows["close"])
    return rows


def _coded(names: pd.Series) -> pd.Series:
    """Text as numbers of an alphabetical list: a panel of millions of rows compares and sorts them."""
    import pandas as pd

    if not isinstance(names.dtype, pd.CategoricalDtype):
        names = names.astype(str).astype("category")
    return names.cat.remove_unused_categories().cat.reorder_categories(sorted(names.unique()))


def _order(names: list[str], data: RunData) -> tuple[str, ...]:
    """The benchmark, then the models in the study's order, then the rest by name."""
    benchmark = data.verdict.get("benchmark", "naive")
    listed = [benchmark] if isinstance(benchmark, str) else list(benchmark)
    listed += ["naive", *data.study.get("models", {})]
    known = [name for name in dict.fromkeys(listed) if name in names]
    return tuple(known + sorted(set(names) - set(known)))


def _shared(rows: pd.DataFrame, models: int) -> pd.DataFrame:
    """Comparisons are on the rows that every model forecast."""
    count = rows.groupby(["symbol", "origin"], observed=True)["model"].transform("count")
    return where(rows, count == models)


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
    return relative(run.rows, run.rows["loss"].to_numpy(), run.benchmark)[list(run.models)]


def wide(rows: pd.DataFrame, values: Floats) -> pd.DataFrame:
    """(pairs, models) a value per row, those of one session and symbol side by side.

    rows: sorted as those of a `View`, every pair of session and symbol with every model.
    """
    import pandas as pd

    names = [str(name) for name in rows["model"].iloc[: rows["model"].nunique()]]
    return pd.DataFrame(values.reshape(-1, len(names)), columns=names)


def means(rows: pd.DataFrame, values: Floats) -> pd.DataFrame:
    """(sessions, models) mean values over symbols (rows as for `wide`)."""
    found: pd.DataFrame = wide(rows, values).groupby(_pairs(rows, "origin")).mean()
    return found


def relative(rows: pd.DataFrame, values: Floats, benchmark: str) -> pd.DataFrame:
    """(sessions, models) values of each symbol divided by the benchmark's mean there, averaged over symbols."""
    table = wide(rows, values)
    scale = table[benchmark].groupby(_pairs(rows, "symbol"), observed=True).transform("mean")
    found: pd.DataFrame = table.div(scale, axis=0).groupby(_pairs(rows, "origin")).mean()
    return found


def _pairs(rows: pd.DataFrame, column: str) -> pd.Series:
    """A column, once for each pair of session and symbol."""
    return rows[column].iloc[:: rows["model"].nunique()].reset_index(drop=True)


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

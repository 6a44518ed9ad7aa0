"""What was tried before: earlier runs in the same folder count, so that trying long enough does not find a winner.

A trial is a distinct forecast series. The list is made when a run starts and kept in its record; the forecasts
themselves are read again when the run has its own, and enter one joint step-down on the common rows.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Forecast, Instants, Losses
from beatnaive.judging.losses import LOSSES, recentred
from beatnaive.judging.significance import Trials

if TYPE_CHECKING:
    import pandas as pd

COVER = 0.9
"""Share of a run's rows that an earlier forecast must cover to be counted."""
_COLUMNS = ["symbol", "model", "seed", "origin", "close", "yhat"]


def fingerprint(origin: Instants, forecast: Floats) -> str:
    """SHA-256 of a forecast series, over its dates and its values to twelve decimals.

    origin (n,) dates or instants of the closes; forecast (n,) in the target's unit. Rounding keeps a series the same
    when it was stored as prices and read back, or adjusted for a later dividend.

    >>> day = np.array(["2024-01-02"], "datetime64[D]")
    >>> fingerprint(day, np.array([0.01])) == fingerprint(day, np.array([0.01 + 1e-15]))
    True
    """
    days = origin.astype("datetime64[D]").astype(np.int64)
    values = np.round(forecast, 12) + 0.0  # minus zero becomes zero
    return hashlib.sha256(days.tobytes() + values.tobytes()).hexdigest()


@dataclass(frozen=True)
class Earlier:
    """One earlier run's forecasts of one model, as a table sorted by symbol and origin."""

    run: str
    model: str
    table: pd.DataFrame

    @property
    def sha256(self) -> str:
        """Of the whole stored series."""
        return fingerprint(self.table["origin"].to_numpy("datetime64[D]"), self.table["value"].to_numpy())


def find_trials(runs: Path, *, symbols: Sequence[str], target: str, horizon: int, own: Path) -> dict[str, Any]:
    """The list of earlier trials, for run.json: made once, when a run starts.

    runs: the folder of run folders; symbols of this run; target and horizon that an earlier run must share; own: this
    run's folder, left out. Returns {"trials": [{"run", "model", "sha256"}], "other_symbols": [...]}; only complete runs
    count, and a series found twice is listed once.
    """
    trials: dict[str, dict[str, str]] = {}
    others: set[str] = set()
    needed = ("run.json", "study.toml", "forecasts.parquet")
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if folder.resolve() == own.resolve() or not all((folder / name).is_file() for name in needed):
            continue
        if json.loads((folder / "run.json").read_text(encoding="utf-8")).get("state") != "complete":
            continue
        if _target_of(folder) != (target, horizon):
            continue
        for one in _series(folder):
            here = set(one.table["symbol"].unique())
            others |= here - set(symbols)
            if here & set(symbols):
                trials.setdefault(one.sha256, {"run": one.run, "model": one.model, "sha256": one.sha256})
    return {"trials": list(trials.values()), "other_symbols": sorted(others)}


def load_trials(runs: Path, record: Mapping[str, Any], losses: Losses) -> Trials:
    """The listed trials' losses on this run's rows: those that cover at least 90 % of them and differ from all others.

    runs: the folder of run folders; record: what `find_trials` returned when the run began; losses: this run's own.
    Raises InputError when a listed run is gone or no longer holds the same forecasts.
    """
    import pandas as pd

    names = np.array(losses.symbols)[losses.symbol]
    rows = pd.MultiIndex.from_arrays([names, losses.session.astype("datetime64[D]").astype("datetime64[s]")])
    known = {_on_rows(values) for values in losses.forecast.values()}
    loss: dict[str, Floats] = {}
    used: set[str] = set()
    for entry in record["trials"]:
        folder = runs / entry["run"]
        there = (folder / "forecasts.parquet").is_file()
        found = next(_series(folder, entry["model"]), None) if there else None
        if found is None or found.sha256 != entry["sha256"]:
            raise InputError(
                f"{folder} was counted when this run began and has changed since: put it back, or run anew"
            )

        # (n,) the earlier forecasts on this run's rows, NaN where there is none
        symbol, origin = found.table["symbol"].astype(str), found.table["origin"].to_numpy("datetime64[s]")
        place = pd.MultiIndex.from_arrays([symbol, origin]).get_indexer(rows)
        values = np.where(place >= 0, found.table["value"].to_numpy()[place], np.nan)

        key = _on_rows(values)
        if np.isfinite(values).mean() < COVER or key in known:
            continue
        known.add(key)
        loss[f"{entry['run']}/{entry['model']}"] = loss_of(values, losses)
        used.add(entry["run"])
    return Trials(loss=loss, runs=tuple(sorted(used)), symbols=tuple(record["other_symbols"]))


def _target_of(folder: Path) -> tuple[str, int]:
    """What a run forecast, and how many sessions ahead."""
    target = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8")).get("target", {})
    return target.get("kind", "return"), target.get("horizon", 1)


def _series(folder: Path, model: str | None = None) -> Iterator[Earlier]:
    """A run's forecasts, model by model, in the target's unit: log returns of prices, variances as they are."""
    import pandas as pd

    wanted = [("seed", "==", -1)] + ([("model", "==", model)] if model else [])
    table = pd.read_parquet(folder / "forecasts.parquet", columns=_COLUMNS, filters=wanted)
    value = table["yhat"].to_numpy(np.float64)
    if _target_of(folder)[0] == "return":
        value = np.log(np.where(value > 0, value, np.nan) / table["close"].to_numpy(np.float64))
    table = table.assign(value=value, origin=table["origin"].to_numpy("datetime64[D]")).dropna(subset=["value"])
    for name, part in table.groupby("model", sort=True):
        yield Earlier(folder.name, str(name), part.sort_values(["symbol", "origin"]))


def _on_rows(values: Floats) -> str:
    """A series as it stands on the rows of a run: two that agree on all of them are one trial."""
    return hashlib.sha256((np.round(values, 12) + 0.0).tobytes()).hexdigest()


def loss_of(forecast: Floats, losses: Losses) -> Floats:
    """(n,) a forecast's loss on this run's rows, by this run's loss function.

    forecast (n,): in the target's unit. A loss of quantiles takes naive's, moved so that they lie round the forecast:
    an earlier run is counted for its centre, whatever its intervals were.
    """
    # the scaled loss' divisor is known at every row where some model erred at all
    square = sum((losses.y - losses.forecast[name]) ** 2 for name in losses.loss)
    total = sum(losses.loss.values())
    divisor = np.ones(len(losses))
    if losses.loss_name == "scaled":
        divisor = np.divide(square, total, out=divisor, where=np.asarray(total) > 0)
    made = Forecast(forecast)
    if losses.quantiles:
        naive = losses.benchmarks[0]
        of_variances = len(losses.benchmarks) > 1
        made = recentred(Forecast(losses.forecast[naive], losses.quantiles[naive]), forecast, ratio=of_variances)
    return LOSSES[losses.loss_name](losses.y, made, divisor)

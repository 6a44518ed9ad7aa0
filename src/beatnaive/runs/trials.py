"""What was tried before: earlier runs in the same folder count, so that trying long enough does not find a winner.

A trial is a distinct forecast series judged in a loss, at a horizon, from a start date. The list is made when a run
starts and kept in its record; the forecasts themselves are read again when the run has its own, and each trial enters
the rule with its own loss on its own rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.backtest.targets import target as make_target
from beatnaive.core.documents import is_file, read_toml, shown
from beatnaive.core.errors import InputError
from beatnaive.core.names import TWIN
from beatnaive.core.types import LEVELS, OF_QUANTILES, Floats, Forecast, Instants, Losses
from beatnaive.judging.losses import LOSSES, variance_of_errors
from beatnaive.judging.significance import Trials
from beatnaive.runs.folder import read_record

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["symbol", "model", "seed", "origin", "close", "y", "yhat"]
_QUANTILES = tuple(f"q{level * 100:04.1f}".replace(".", "").removesuffix("0") for level in LEVELS)


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


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a run folder's study asked: the part of it that a user may choose after looking, and must be counted."""

    target: str
    horizon: int
    loss: str
    start: str
    symbols: tuple[str, ...]
    benchmarks: tuple[str, ...]
    benchmark: str

    @classmethod
    def of(cls, folder: Path) -> Question:
        """From study.toml; what the study leaves out has the target's own default. Raises InputError."""
        study = read_toml(folder / "study.toml")
        try:
            aim, source = study.get("target", {}), study.get("source", {})
            target = make_target(aim.get("kind", "return"), aim.get("horizon", 1))
            named = [study.get("models", {}).get(name, {"kind": name}) for name in target.benchmarks]
            loss, symbols = study.get("loss") or target.loss, source.get("symbols", [])
            known = loss in LOSSES and isinstance(target.horizon, int) and target.horizon <= 1_000_000
            if not known or not isinstance(symbols, list) or not all(isinstance(one, str) for one in symbols):
                raise ValueError("another program's loss, horizon or symbols")
            return cls(
                target=target.name,
                horizon=target.horizon,
                loss=loss,
                start=str(source.get("start", "")),
                symbols=tuple(symbols),
                benchmarks=target.benchmarks,
                benchmark=json.dumps(named, sort_keys=True, default=str),
            )
        except (AttributeError, TypeError, ValueError, KeyError, OverflowError) as error:
            raise InputError(f"{shown(folder / 'study.toml')} is damaged: it is not a run's study") from error

    def varied(self, other: Question) -> list[str]:
        """In what the two differ, in words."""
        pairs = {"horizon": "horizon", "loss": "loss", "start": "start date", "benchmark": "benchmark"}
        return [words for name, words in pairs.items() if getattr(self, name) != getattr(other, name)]


def find_trials(runs: Path, *, symbols: Sequence[str], identity: Mapping[str, Any], own: Path) -> dict[str, Any]:
    """The list of earlier trials, for run.json: made once, when a run starts.

    runs: the folder of run folders; symbols of this run; identity: its study_sha256 and data_sha256; own: its folder,
    whose study.toml stands already. Every run with the same target and a symbol in common counts, whatever its horizon,
    loss, dates and state. Returns {"trials": [{"run", "model", "sha256"}], "unjoined": [{"run", "model", "why"}],
    "other_symbols": [...]}: a series found twice is listed once; a model of a run that did not end is unjoined, unless
    it is the very study and data of this run. Folders that cannot be read are named under "damaged".
    """
    mine = Question.of(own) if (own / "study.toml").is_file() else None
    trials: dict[tuple[Any, ...], dict[str, str]] = {}
    unjoined: list[dict[str, str]] = []
    others: set[str] = set()
    damaged: list[str] = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if not all(is_file(folder / x) for x in ("run.json", "study.toml")):
            continue
        try:
            if own.exists() and own.samefile(folder):
                continue
            asked, record = Question.of(folder), read_record(folder)
            if mine is not None and asked.target != mine.target:
                continue
            whole = is_file(folder / "forecasts.parquet")
            tables = tuple(series(folder)) if whole else ()
        except (
            InputError,
            OSError,
        ):  # somebody else's broken folder must not stop this run: it is named, and not counted
            damaged.append(folder.name)
            continue
        if whole:
            for model, table in tables:
                here = set(table["symbol"].unique())
                others |= here - set(symbols)
                if model not in asked.benchmarks and TWIN not in model and here & set(symbols):
                    sha = fingerprint(table["origin"].to_numpy("datetime64[D]"), table["value"].to_numpy())
                    key = (sha, asked.horizon, asked.loss, asked.start, asked.benchmark)
                    trials.setdefault(key, {"run": folder.name, "model": model, "sha256": sha})
        elif set(asked.symbols) & set(symbols):
            again = all(record.get(key) == identity.get(key) for key in ("study_sha256", "data_sha256"))
            tried = [] if again else sorted(path.name for path in folder.glob("units/*") if any(path.rglob("*.npz")))
            why = f"the run is {record.get('state')} and left no forecasts"
            rivals = [name for name in tried if name not in asked.benchmarks and TWIN not in name]
            unjoined += [{"run": folder.name, "model": name, "why": why} for name in rivals]
    found = {"trials": list(trials.values()), "unjoined": unjoined, "other_symbols": sorted(others)}
    return found | ({"damaged": damaged} if damaged else {})


def series(folder: Path, models: Sequence[str] = ()) -> Iterator[tuple[str, pd.DataFrame]]:
    """A run's models and their forecasts, sorted by symbol and origin; all of its models unless some are named.

    Column value: in the target's unit, log returns of prices and variances as they are; rows without one are left out.
    outcome is what came, in the same unit. Raises InputError for a file that is not such a table.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    asked: list[tuple[str, str, Any]] = [("seed", "==", -1)]
    if models:
        asked.append(("model", "in", list(models)))
    question = Question.of(folder)
    path = folder / "forecasts.parquet"
    try:
        schema = pq.read_schema(path)
        columns = [name for name in (*_COLUMNS, *_QUANTILES) if name in schema.names]
        for name in ("symbol", "model"):
            kind = schema.field(name).type
            if (kind.value_type if pa.types.is_dictionary(kind) else kind) not in (pa.string(), pa.large_string()):
                raise TypeError(f"{name} is not text")
        if not (pa.types.is_date(kind := schema.field("origin").type) or pa.types.is_timestamp(kind)):
            raise TypeError("origin is neither a date nor an instant")
        if question.loss in OF_QUANTILES and not set(_QUANTILES) <= set(columns):
            raise KeyError("no quantiles, which the run's loss needs")
        table = pd.read_parquet(path, columns=columns, filters=asked)
        close = table["close"].to_numpy(np.float64)
        close = np.where(close > 0, close, np.nan)
        for name, column in (("value", "yhat"), ("outcome", "y"), *((one, one) for one in _QUANTILES)):
            if column in table:
                values = table[column].to_numpy(np.float64)
                if question.target == "return":
                    with np.errstate(all="ignore"):  # a quotient may be beyond all numbers
                        values = np.log(np.where(values > 0, values, np.nan) / close)
                table[name] = values
        table = table.assign(origin=table["origin"].to_numpy("datetime64[D]")).dropna(subset=["value"])
        if table[["symbol", "origin"]].isna().to_numpy().any():
            raise ValueError("a forecast of no symbol or day")
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError) as error:  # Arrow's errors are among them
        raise InputError(f"{shown(path)} is damaged: it does not hold a run's forecasts") from error
    for model, part in table.groupby("model", sort=True):
        part = part.sort_values(["symbol", "origin"])
        symbol, origin = part["symbol"].to_numpy(), part["origin"].to_numpy()
        if ((symbol[1:] == symbol[:-1]) & (origin[1:] == origin[:-1])).any():
            raise InputError(f"{shown(path)} is damaged: it holds a forecast of {str(model)[:60]} twice")
        yield str(model), part


def load_trials(runs: Path, record: Mapping[str, Any], losses: Losses, *, own: Path) -> Trials:
    """The listed trials, each in its own loss on its own rows, without those that are this run's own series, or naive.

    The same series under another end date, seed or name is one trial. What is gone, no longer holds the same forecasts
    or cannot be judged counts as unjoined, which can only raise a p: nobody's run fails for what became of another.
    """
    listed: dict[str, dict[str, str]] = {}
    for entry in record["trials"]:
        listed.setdefault(entry["run"], {})[entry["model"]] = entry["sha256"]
    mine = Question.of(own)
    names = np.array(losses.symbols)[losses.symbol]
    days = losses.session.astype("datetime64[D]")
    known = [
        (_key_of(mine), Series.of(names, days, values))
        for name, values in losses.forecast.items()
        if name not in losses.benchmarks
    ]
    earlier: dict[str, Losses] = {}
    unjoined = {f"{one['run']}/{one['model']}": one["why"] for one in record.get("unjoined", ())}
    varied: list[str] = []
    for run, wanted in listed.items():
        asked, new, found = mine, [], {}
        with suppress(InputError):
            asked = Question.of(runs / run)
            found = dict(series(runs / run, (*asked.benchmarks, *wanted)))
        naive = [series_of(found[name]) for name in asked.benchmarks if name in found]
        for model, sha in wanted.items():
            table = found.get(model)
            dates = None if table is None else table["origin"].to_numpy("datetime64[D]")
            if table is None or dates is None or fingerprint(dates, table["value"].to_numpy()) != sha:
                unjoined[f"{run}/{model}"] = "its forecasts have changed or gone since this run began"
                continue
            one = series_of(table)
            same = any(question == _key_of(asked) and one.same_as(other) for question, other in known)
            # a model that is one of the benchmarks under another name is not a trial
            if same or any(one.same_as(other) for other in naive):
                continue
            known.append((_key_of(asked), one))
            new.append(model)
        if not new:
            continue
        varied += mine.varied(asked)
        with np.errstate(all="ignore"):  # numbers without end are counted, not judged
            parts = list(losses_of(found, asked, new))
        for part in parts:
            if isinstance(part, str):
                unjoined[f"{run}/{part}"] = "its benchmark's forecasts are missing"
            elif not len(part) or not all(np.isfinite(values).all() for values in part.loss.values()):
                rivals = [name for name in part.loss if name not in part.benchmarks]
                unjoined |= {f"{run}/{name}": "its losses cannot be computed" for name in rivals}
            else:
                earlier[run if run not in earlier else f"{run} ({len(earlier)})"] = part
    runs_used = {name.split("/")[0].split(" (")[0] for name in (*earlier, *unjoined)}
    return Trials(
        earlier=earlier,
        unjoined=unjoined,
        runs=tuple(sorted(runs_used)),
        symbols=tuple(record["other_symbols"]),
        varied=tuple(dict.fromkeys(varied)),
        damaged=tuple(record.get("damaged", ())),
    )


def _key_of(question: Question) -> tuple[Any, ...]:
    """What two trials must share, beside their forecasts, to be one."""
    return question.horizon, question.loss, question.start, question.benchmark


@dataclass(frozen=True, eq=False)
class Series:
    """A forecast series: {symbol: (days, values)}, days increasing."""

    parts: Mapping[str, tuple[Instants, Floats]]

    @classmethod
    def of(cls, symbol: NDArray[Any], day: Instants, value: Floats) -> Series:
        """From a symbol, day and value (n,) of each forecast, in any order."""
        names, codes = np.unique(symbol, return_inverse=True)
        order = np.lexsort((day, codes))
        edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
        rows = {str(name): order[edges[k] : edges[k + 1]] for k, name in enumerate(names)}
        return cls({name: (day[own], value[own]) for name, own in rows.items()})

    def same_as(self, other: Series) -> bool:
        """Whether two series agree on the rows they share: at least nine tenths of the shorter, for every symbol."""
        shared = self.parts.keys() & other.parts.keys()
        for name in shared:
            (days, values), (others, theirs) = self.parts[name], other.parts[name]
            _, a, b = np.intersect1d(days, others, assume_unique=True, return_indices=True)
            if len(a) < 0.9 * min(len(days), len(others)):
                return False
            if not np.allclose(values[a], theirs[b], rtol=1e-6, atol=1e-12):
                return False
        return bool(shared)


def series_of(table: pd.DataFrame) -> Series:
    """A model's table from `series` as arrays."""
    days = table["origin"].to_numpy("datetime64[D]")
    return Series.of(table["symbol"].to_numpy(str), days, table["value"].to_numpy(np.float64))


def losses_of(found: Mapping[str, pd.DataFrame], asked: Question, models: Sequence[str]) -> Iterator[Losses | str]:
    """The losses of an earlier run's models, in its own loss, on the rows that each shares with its benchmarks.

    Models with the same rows come together; a model whose benchmarks are not at hand comes as its name.
    """
    benchmarks = asked.benchmarks
    groups: list[tuple[pd.Index[Any], list[str]]] = []
    tables = {name: table.set_index(["symbol", "origin"]) for name, table in found.items()}
    for name in models:
        if any(one not in tables for one in benchmarks):
            yield name
            continue
        index = tables[name].index
        for one in benchmarks:
            if not index.equals(tables[one].index):
                index = index.intersection(tables[one].index).sort_values()
        same = next((group for other, group in groups if other.equals(index)), None)
        if same is None:
            groups.append((index, [name]))
        else:
            same.append(name)
    for index, group in groups:
        taken = {name: tables[name].loc[index] for name in (*benchmarks, *group)}
        y = taken[group[0]]["outcome"].to_numpy()
        names, code = np.unique(index.get_level_values(0).to_numpy(str), return_inverse=True)
        error = y - taken[benchmarks[0]]["value"].to_numpy()
        divisor = np.ones(len(y))
        if asked.loss == "scaled":
            for k in range(len(names)):
                divisor[code == k] = variance_of_errors(error[code == k], asked.horizon)
        usable = np.isfinite(y) & np.isfinite(divisor)
        made = {}
        for name, table in taken.items():
            quantiles = table[list(_QUANTILES)].to_numpy() if asked.loss in OF_QUANTILES else None
            made[name] = Forecast(table["value"].to_numpy(), quantiles)
            if quantiles is not None:
                usable &= np.isfinite(quantiles).all(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            loss = {name: LOSSES[asked.loss](y, one, divisor) for name, one in made.items()}
        square = np.where(usable, error**2, 0.0)
        scale = np.bincount(code, weights=square) / np.maximum(np.bincount(code, weights=usable), 1)
        day = index.get_level_values(1).to_numpy("datetime64[D]")
        order = np.flatnonzero(usable)[np.lexsort((code[usable], day[usable]))]
        yield Losses(
            symbols=tuple(str(name) for name in names),
            symbol=code[order].astype(np.int32),
            session=day[order],
            origin=day[order].astype("datetime64[s]"),
            horizon=asked.horizon,
            y=y[order],
            close=taken[group[0]]["close"].to_numpy(np.float64)[order],
            forecast={name: one.mean[order] for name, one in made.items()},
            loss={name: values[order] for name, values in loss.items()},
            seed_loss={},
            scale=np.where(scale > 0, scale, 1.0)[code[order]],
            benchmarks=benchmarks,
            loss_name=asked.loss,
        )

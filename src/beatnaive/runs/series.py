"""A finished run's forecasts as series: what its study asked, which series are the same, and their losses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.backtest.targets import target as make_target
from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import read_toml, shown
from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS, OF_QUANTILES, Floats, Forecast, Instants, Losses
from beatnaive.judging.losses import LOSSES, variance_of_errors

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

    @property
    def key(self) -> tuple[Any, ...]:
        """What two trials must share, beside their forecasts, to be one."""
        return self.horizon, self.loss, self.start, self.benchmark

    def varied(self, other: Question) -> list[str]:
        """In what the two differ, in words."""
        pairs = {"horizon": "horizon", "loss": "loss", "start": "start date", "benchmark": "benchmark"}
        return [words for name, words in pairs.items() if getattr(self, name) != getattr(other, name)]


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
        admit_parquet(path, shown(path))
        schema = pq.read_schema(path)
        wanted = (*_COLUMNS, *(_QUANTILES if question.loss in OF_QUANTILES else ()))
        columns = [name for name in wanted if name in schema.names]
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
    tables = {name: table.set_index(["symbol", "origin"]) for name, table in found.items()}
    yield from (name for name in models if any(one not in tables for one in (name, *asked.benchmarks)))
    for index, group in _sharing(tables, asked.benchmarks, models):
        taken = {name: tables[name].loc[index] for name in (*asked.benchmarks, *group)}
        y = taken[group[0]]["outcome"].to_numpy()
        symbols, code = np.unique(index.get_level_values(0).to_numpy(str), return_inverse=True)
        day = index.get_level_values(1).to_numpy("datetime64[D]")
        error = y - taken[asked.benchmarks[0]]["value"].to_numpy()
        divisor = np.ones(len(y))
        if asked.loss == "scaled":
            for k in range(len(symbols)):
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
        order = np.flatnonzero(usable)[np.lexsort((code[usable], day[usable]))]
        yield Losses(
            symbols=tuple(str(name) for name in symbols),
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
            benchmarks=asked.benchmarks,
            loss_name=asked.loss,
        )


def _sharing(
    tables: Mapping[str, pd.DataFrame], benchmarks: Sequence[str], models: Sequence[str]
) -> list[tuple[pd.Index[Any], list[str]]]:
    """Models by the rows that they share with all benchmarks: one entry for those whose rows are the same."""
    groups: list[tuple[pd.Index[Any], list[str]]] = []
    for name in models:
        if any(one not in tables for one in (name, *benchmarks)):
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
    return groups

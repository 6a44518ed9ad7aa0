"""A finished run's forecasts as series: what its study asked, which series are the same, and their losses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.backtest.targets import target as make_target
from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import read_toml, shown
from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS, OF_QUANTILES, Bools, Floats, Forecast, Instants, Ints, Losses
from beatnaive.judging.losses import LOSSES, variance_of_errors

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = ["symbol", "model", "seed", "origin", "close", "y", "yhat"]
_BATCH = 1 << 18  # rows read at a time
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


@dataclass(frozen=True, eq=False, kw_only=True)
class Stored:
    """A model's n forecasts as a run keeps them, by symbol and origin.

    symbols: names, sorted; code (n,) places in them; origin (n,) dates; close (n,) currency; value, outcome (n,) in the
    target's unit: log returns of prices, variances as they are; quantiles (n, levels), where the run's loss is of them.
    """

    symbols: tuple[str, ...]
    code: NDArray[np.int32]
    origin: Instants
    close: Floats
    value: Floats
    outcome: Floats
    quantiles: Floats | None = None

    def __len__(self) -> int:
        return len(self.code)

    @property
    def key(self) -> Ints:
        """(n,) a number for each symbol and origin, increasing."""
        days: Ints = self.origin.astype(np.int64) + 2**31
        return (self.code.astype(np.int64) << 32) + days

    @property
    def names(self) -> tuple[str, ...]:
        """The symbols that it has forecasts of, sorted."""
        return tuple(self.symbols[k] for k in np.unique(self.code))

    def at(self, rows: Ints | Bools) -> Stored:
        """Some of its rows, which keep their order."""
        taken = {name: getattr(self, name)[rows] for name in ("code", "origin", "close", "value", "outcome")}
        quantiles = None if self.quantiles is None else self.quantiles[rows]
        return Stored(symbols=self.symbols, quantiles=quantiles, **taken)


def series(folder: Path, models: Sequence[str] = ()) -> dict[str, Stored]:
    """{model: forecasts} of a run, rows without one left out; all of its models unless some are named.

    Models that share their rows share the arrays of symbols, origins, closes and outcomes: a panel has ten million
    forecasts. Raises InputError for a file that is not such a table.
    """
    path, question = folder / "forecasts.parquet", Question.of(folder)
    try:
        symbols, parts = _parts(path, question, frozenset(models))
        found: dict[str, Stored] = {}
        for model in sorted(parts):
            one = _joined(symbols, parts.pop(model))
            if len(one):
                found[model] = _sharing_arrays(one, found.values())
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError) as error:  # Arrow's errors are among them
        raise InputError(f"{shown(path)} is damaged: it does not hold a run's forecasts") from error
    for model, one in found.items():
        if not (np.diff(one.key) > 0).all():
            raise InputError(f"{shown(path)} is damaged: it holds a forecast of {model[:60]} twice")
    return found


_Part = tuple[NDArray[Any], ...]
"""Code, day, close, value and outcome of some forecasts of a model, and their quantiles, one array after the other."""


def _parts(path: Path, question: Question, models: frozenset[str]) -> tuple[list[str], dict[str, list[_Part]]]:
    """The symbols as they come, and the forecasts of every model, batch by batch."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    admit_parquet(path, shown(path))
    file = pq.ParquetFile(path, read_dictionary=["symbol", "model"], pre_buffer=False)
    schema = file.schema_arrow
    for name in ("symbol", "model"):
        kind = schema.field(name).type
        if (kind.value_type if pa.types.is_dictionary(kind) else kind) not in (pa.string(), pa.large_string()):
            raise TypeError(f"{name} is not text")
    if not (pa.types.is_date(kind := schema.field("origin").type) or pa.types.is_timestamp(kind)):
        raise TypeError("origin is neither a date nor an instant")
    quantiles = _QUANTILES if question.loss in OF_QUANTILES else ()
    codes: dict[str, int] = {}
    parts: dict[str, list[_Part]] = {}
    for batch in file.iter_batches(batch_size=_BATCH, columns=[*_COLUMNS, *quantiles]):
        table = batch.filter(pc.equal(batch["seed"], -1))
        days = table["origin"].to_numpy(zero_copy_only=False).astype("datetime64[D]")
        numbers = [_floats(table[name]) for name in ("close", "yhat", "y", *quantiles)]
        close = numbers[0] = np.where(numbers[0] > 0, numbers[0], np.nan)
        if question.target == "return":
            with np.errstate(all="ignore"):  # a quotient may be beyond all numbers
                numbers[1:] = [np.log(np.where(one > 0, one, np.nan) / close) for one in numbers[1:]]
        code = _codes(table["symbol"], codes)
        known = ~np.isnan(numbers[1])
        if (known & ((code < 0) | np.isnat(days))).any():
            raise ValueError("a forecast of no symbol or day")
        own: dict[str, int] = {}
        place = _codes(table["model"], own)
        for name, k in own.items():
            if (not models or name in models) and (rows := known & (place == k)).any():
                parts.setdefault(name, []).append((code[rows], days[rows], *(one[rows] for one in numbers)))
    return list(codes), parts


def _codes(texts: pa.DictionaryArray, known: dict[str, int]) -> NDArray[np.int32]:
    """(n,) places of texts among the known ones, to which new ones are added; -1 for none."""
    names = texts.dictionary.to_pylist()
    places = np.array([-1 if one is None else known.setdefault(one, len(known)) for one in [*names, None]], np.int32)
    return np.asarray(places[texts.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)])


def _floats(column: pa.Array) -> Floats:
    return np.asarray(column.cast("float64").to_numpy(zero_copy_only=False), np.float64)


def _joined(symbols: Sequence[str], parts: list[_Part]) -> Stored:
    """Parts of a model one after the other, sorted by symbol and origin."""
    code, origin, close, value, outcome, *quantiles = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    parts.clear()
    order = np.argsort(np.array(symbols, str), kind="stable")
    one = Stored(
        symbols=tuple(symbols[k] for k in order), code=np.argsort(order).astype(np.int32)[code], origin=origin,
        close=close, value=value, outcome=outcome, quantiles=np.stack(quantiles, axis=1) if quantiles else None,
    )  # fmt: skip
    key = one.key
    return one if (np.diff(key) >= 0).all() else one.at(np.argsort(key, kind="stable"))


def _sharing_arrays(one: Stored, others: Iterable[Stored]) -> Stored:
    """The same with the arrays of one of the others that has them, too."""
    for other in others:
        pairs = {name: (getattr(one, name), getattr(other, name)) for name in ("code", "origin", "close", "outcome")}
        if all(np.array_equal(a, b, equal_nan=name in ("close", "outcome")) for name, (a, b) in pairs.items()):
            return replace(one, **{name: b for name, (_, b) in pairs.items()})
    return one


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


def series_of(one: Stored) -> Series:
    """A model's stored forecasts by symbol."""
    edges = np.searchsorted(one.code, np.arange(len(one.symbols) + 1))
    spans = {name: slice(edges[k], edges[k + 1]) for k, name in enumerate(one.symbols) if edges[k] < edges[k + 1]}
    return Series({name: (one.origin[rows], one.value[rows]) for name, rows in spans.items()})


def losses_of(found: Mapping[str, Stored], asked: Question, models: Sequence[str]) -> Iterator[Losses | str]:
    """The losses of an earlier run's models, in its own loss, on the rows that each shares with its benchmarks.

    Models with the same rows come together; a model whose benchmarks are not at hand comes as its name.
    """
    yield from (name for name in models if any(one not in found for one in (name, *asked.benchmarks)))
    for key, group in _sharing(found, asked.benchmarks, models):
        taken = {name: found[name].at(np.searchsorted(found[name].key, key)) for name in (*asked.benchmarks, *group)}
        first = taken[group[0]]
        places, code = np.unique(first.code, return_inverse=True)
        error = first.outcome - taken[asked.benchmarks[0]].value
        divisor = np.ones(len(error))
        if asked.loss == "scaled":
            for k in range(len(places)):
                divisor[code == k] = variance_of_errors(error[code == k], asked.horizon)
        usable = np.isfinite(first.outcome) & np.isfinite(divisor)
        for one in taken.values():
            if one.quantiles is not None:
                usable &= np.isfinite(one.quantiles).all(axis=1)
        made = {name: Forecast(one.value, one.quantiles) for name, one in taken.items()}
        with np.errstate(invalid="ignore", divide="ignore"):
            loss = {name: LOSSES[asked.loss](first.outcome, one, divisor) for name, one in made.items()}
        square = np.where(usable, error**2, 0.0)
        scale = np.bincount(code, weights=square) / np.maximum(np.bincount(code, weights=usable), 1)
        order = np.flatnonzero(usable)[np.lexsort((code[usable], first.origin[usable]))]
        yield Losses(
            symbols=tuple(first.symbols[k] for k in places),
            symbol=code[order].astype(np.int32),
            session=first.origin[order],
            origin=first.origin[order].astype("datetime64[s]"),
            horizon=asked.horizon,
            y=first.outcome[order],
            close=first.close[order],
            forecast={name: one.mean[order] for name, one in made.items()},
            loss={name: values[order] for name, values in loss.items()},
            seed_loss={},
            scale=np.where(scale > 0, scale, 1.0)[code[order]],
            benchmarks=asked.benchmarks,
            loss_name=asked.loss,
        )


def _sharing(
    found: Mapping[str, Stored], benchmarks: Sequence[str], models: Sequence[str]
) -> list[tuple[Ints, list[str]]]:
    """Models by the rows that they share with all benchmarks: one entry for those whose rows are the same."""
    groups: list[tuple[Ints, list[str]]] = []
    for name in models:
        if any(one not in found for one in (name, *benchmarks)):
            continue
        key = found[name].key
        for one in benchmarks:
            if not np.array_equal(key, other := found[one].key):
                key = np.intersect1d(key, other, assume_unique=True)
        same = next((group for other, group in groups if np.array_equal(other, key)), None)
        if same is None:
            groups.append((key, [name]))
        else:
            same.append(name)
    return groups

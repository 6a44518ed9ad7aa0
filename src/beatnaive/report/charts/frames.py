"""From a run's tables to what charts are drawn from: the rows that all models share, losses, means per session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core import malloc
from beatnaive.core.threads import one_ahead
from beatnaive.core.types import Bools, Floats, ForecastTable, Instants, Ints, RunData

if TYPE_CHECKING:
    import pandas as pd


QUANTILES = ("q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975")
"""The columns of the stated quantiles, in the order of `LEVELS`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """What the charts of a run start from: k pairs of symbol and session, by symbol and then in time, and all models.

    models: benchmark first, then the study's order; symbols: sorted names, symbol (k,) places in them; origin,
    target_date (k,) dates; close, y (k,) as the run wrote them; made {model: (k,)}: each model's mean forecasts, on the
    pairs that all models have; seeds {model: {seed: (k,)}}: those of stochastic models, NaN where a seed has none.
    place {model: (k,)}: the row of the run's table that each forecast stands in; whole {model: (k,)}: whether all
    quantiles stand beside it.
    """

    models: tuple[str, ...]
    benchmark: str
    symbols: tuple[str, ...]
    volatility: bool
    horizon: int
    symbol: NDArray[np.int32]
    origin: Instants
    target_date: Instants
    close: Floats
    y: Floats
    made: Mapping[str, Floats]
    seeds: Mapping[str, Mapping[int, Floats]]
    place: Mapping[str, Ints]
    whole: Mapping[str, Bools]
    table: ForecastTable

    def __len__(self) -> int:
        return len(self.y)

    @property
    def subject(self) -> str:
        """What the charts are about, for titles: the symbol, or how many there are."""
        return self.symbols[0] if len(self.symbols) == 1 else f"{len(self.symbols)} symbols"

    @property
    def ahead(self) -> str:
        """The horizon in words."""
        return "one session" if self.horizon == 1 else f"{self.horizon} sessions"

    @property
    def rivals(self) -> tuple[str, ...]:
        """All models but the benchmark."""
        return tuple(name for name in self.models if name != self.benchmark)

    @cached_property
    def sessions(self) -> Instants:
        """The different origins, in time order."""
        return np.unique(self.origin)

    @cached_property
    def session(self) -> Ints:
        """(k,) places in `sessions`."""
        return np.searchsorted(self.sessions, self.origin)

    @cached_property
    def actual(self) -> Floats:
        """(k,) outcomes in the charts' unit: log returns, or square roots of variances."""
        return self.in_unit(self.y)

    def forecast(self, model: str) -> Floats:
        """(k,) a model's forecasts in the charts' unit."""
        return self.in_unit(self.made[model])

    def in_unit(self, values: Floats, pairs: Ints | slice = slice(None)) -> Floats:
        """Prices (or variances) of some pairs, one or several in a row, in the charts' unit."""
        close = self.close[pairs].reshape(-1, *[1] * (values.ndim - 1))
        return np.sqrt(values) if self.volatility else np.log(values / close)

    def loss(self, model: str) -> Floats:
        """(k,) squared error of the log return; QLIKE of the variance, y / f - log(y / f) - 1."""
        if self.volatility:
            ratio = self.y / self.made[model]
            return np.asarray(ratio - np.log(ratio) - 1)
        return np.asarray((self.actual - self.forecast(model)) ** 2)

    def quantiles(self, models: Sequence[str]) -> Iterator[tuple[str, Ints, Floats]]:
        """A model, some pairs (j,) and their quantiles (j, levels) in the charts' unit, until all have come once."""
        order = {name: np.argsort(self.place[name], kind="stable") for name in models}
        first = 0
        for part in one_ahead(self.table.parts(QUANTILES)):
            stated = part[list(QUANTILES)].to_numpy()
            for name in models:
                edges = np.searchsorted(self.place[name], (first, first + len(part)), sorter=order[name])
                if edges[0] < edges[1]:
                    pairs = order[name][slice(*edges)]
                    yield name, pairs, self.in_unit(stated[self.place[name][pairs] - first], pairs)
            first += len(part)
        malloc.trim()

    def means(self, values: Floats) -> Floats:
        """(sessions,) means over the symbols of values (k,); what is no number does not count."""
        return mean_by(self.session, values, len(self.sessions))

    def per_session(self, values: Mapping[str, Floats]) -> pd.DataFrame:
        """{model: (sessions,)} as a table by day."""
        import pandas as pd

        return pd.DataFrame(dict(values), index=pd.DatetimeIndex(self.sessions.astype("datetime64[ns]")))


class Mean:
    """Means by code, as values come; what is no number does not count."""

    def __init__(self, size: int) -> None:
        self.total, self.count = np.zeros(size), np.zeros(size)

    def add(self, codes: NDArray[np.integer[Any]], values: Floats) -> None:
        """Some more values (j,), of these codes (j,)."""
        known = ~np.isnan(values)
        self.total += np.bincount(codes, weights=np.where(known, values, 0.0), minlength=len(self.total))
        self.count += np.bincount(codes, weights=known, minlength=len(self.count))

    @property
    def mean(self) -> Floats:
        """(size,) NaN where nothing came."""
        return divided(self.total, self.count)


def mean_by(codes: NDArray[np.integer[Any]], values: Floats, size: int) -> Floats:
    """(size,) means of values (k,) with the same code; NaN where there is none.

    >>> mean_by(np.array([0, 0, 1]), np.array([1.0, 3.0, np.nan]), 2)
    array([ 2., nan])
    """
    one = Mean(size)
    one.add(codes, values)
    return one.mean


def divided(values: Floats, scale: Floats) -> Floats:
    """Their quotient, without a word about zeros."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values / scale)


@lru_cache(maxsize=2)
def view(data: RunData) -> View:
    """The run as charts see it; read once, part by part."""
    means, seeds, names = _read(data.table)
    models = _order(list(means), data)
    rank = np.argsort(np.argsort(np.array(names, str), kind="stable"), kind="stable").astype(np.int64)
    for one in (*means.values(), *(each for own in seeds.values() for each in own.values())):
        one.sort(rank)
    shared = next(iter(means.values())).key if means else np.empty(0, np.int64)
    for one in means.values():  # comparisons are on the rows that every model forecast
        if not np.array_equal(one.key, shared):
            shared = np.intersect1d(shared, one.key)
    common = next(iter(means.values()), _Rows()).at(shared)
    found = {name: means.pop(name).at(shared) for name in models}
    codes, symbol = np.unique(shared >> 32, return_inverse=True)
    listed = np.sort(np.array(names, str))
    made = View(
        models=models, benchmark=models[0] if models else "naive", symbols=tuple(listed[codes].tolist()),
        volatility=target(data)["kind"] == "volatility", horizon=int(target(data)["horizon"]),
        symbol=symbol.astype(np.int32), origin=(shared & _DAY).astype(np.int64).astype("datetime64[D]"),
        target_date=common.column("target_date").astype("datetime64[D]"),
        close=common.column("close"), y=common.column("y"),
        made={name: one.column("yhat") for name, one in found.items()},
        seeds={name: {k: one.beside(shared) for k, one in sorted(own.items())} for name, own in seeds.items()},
        place={name: one.column("row") for name, one in found.items()},
        whole={name: one.column("whole") for name, one in found.items()},
        table=data.table,
    )  # fmt: skip
    malloc.trim()
    return made


_DAY = 2**32 - 1


class _Rows:
    """Forecasts of one model and seed: parts of columns that are joined when they are asked for."""

    def __init__(self) -> None:
        self.parts: dict[str, list[NDArray[Any]]] = {}
        self.order: Ints | None = None
        self.key: Ints = np.empty(0, np.int64)

    def add(self, columns: Mapping[str, NDArray[Any]], rows: Bools) -> None:
        """Some more rows."""
        for name, values in columns.items():
            self.parts.setdefault(name, []).append(values[rows])

    def sort(self, rank: Ints) -> None:
        """By symbol, as names are sorted, and in time."""
        key = np.concatenate(self.parts.pop("key"))
        if (rank != np.arange(len(rank))).any():
            key = (rank[key >> 32] << 32) + (key & _DAY)
        if not (np.diff(key) > 0).all():
            self.order = np.argsort(key, kind="stable")
            key = key[self.order]
        self.key = key

    def at(self, key: Ints) -> _Rows:
        """The rows of these keys, each of which it has."""
        if not np.array_equal(key, self.key):
            rows = np.searchsorted(self.key, key)
            self.order, self.key = rows if self.order is None else self.order[rows], key
        return self

    def column(self, name: str) -> NDArray[Any]:
        """One column, joined."""
        joined = np.concatenate(self.parts.pop(name, [np.empty(0)]))
        return joined if self.order is None else joined[self.order]

    def beside(self, key: Ints) -> Floats:
        """(k,) forecasts at these keys, NaN where it has none."""
        values, found = self.column("yhat"), np.full(len(key), np.nan)
        at = np.searchsorted(self.key, key)
        there = np.flatnonzero(at < len(self.key))
        there = there[self.key[at[there]] == key[there]]
        found[there] = values[at[there]]
        return found


def _read(table: ForecastTable) -> tuple[dict[str, _Rows], dict[str, dict[int, _Rows]], list[str]]:
    """The usable forecasts of every model, its mean's and its seeds', and the symbols in the order of their codes."""
    means: dict[str, _Rows] = {}
    seeds: dict[str, dict[int, _Rows]] = {}
    symbols: dict[str, int] = {}
    first = 0
    for part in one_ahead(table.parts()):
        y, yhat, close = (part[name].to_numpy(np.float64) for name in ("y", "yhat", "close"))
        usable = np.isfinite(y) & np.isfinite(yhat) & (yhat > 0)
        symbol, _ = _codes(part["symbol"], symbols)
        model, own = _codes(part["model"], {})
        day = _days(part["origin"])
        limits = [part[name].to_numpy(np.float64) if name in part else np.full(len(part), np.nan) for name in QUANTILES]
        whole = np.logical_and.reduce([np.isfinite(limit) for limit in limits])
        row = np.arange(first, first + len(part), dtype=np.int32 if first < 2**30 else np.int64)
        columns = {"key": (symbol << 32) + day, "yhat": yhat, "row": row, "whole": whole}
        # what all models have in common is kept of the first one only
        common = {"target_date": _days(part["target_date"]), "close": close, "y": y}
        seed = part["seed"].to_numpy()
        for name, code in own.items():
            of_model = usable & (model == code)
            for number in np.unique(seed[of_model]).tolist():
                rows = of_model & (seed == number)
                if number < 0:
                    one = means.setdefault(name, _Rows())
                    one.add(columns | common if next(iter(means)) == name else columns, rows)
                else:
                    one = seeds.setdefault(name, {}).setdefault(number, _Rows())
                    one.add({"key": columns["key"], "yhat": yhat}, rows)
        first += len(part)
    malloc.trim()
    return means, seeds, list(symbols)


def _codes(words: pd.Series, known: dict[str, int]) -> tuple[Ints, dict[str, int]]:
    """(n,) places of words among the known ones, to which new ones are added."""
    import pandas as pd

    coded = pd.Categorical(words)
    places = np.array([known.setdefault(str(word), len(known)) for word in coded.categories], np.int64)
    return places[coded.codes], known


def _days(dates: pd.Series) -> Ints:
    """(n,) days since 1970."""
    import pandas as pd

    days: Ints = pd.to_datetime(dates).to_numpy().astype("datetime64[D]").astype(np.int64)
    return days


def target(data: RunData) -> Mapping[str, Any]:
    """kind and horizon of the study, with the defaults of a study that names none."""
    named = data.study.get("target") or {}
    return {"kind": named.get("kind", "return"), "horizon": named.get("horizon", 1)}


def _order(names: list[str], data: RunData) -> tuple[str, ...]:
    """The benchmark, then the models in the study's order, then the rest by name."""
    benchmark = data.verdict.get("benchmark", "naive")
    listed = [benchmark] if isinstance(benchmark, str) else list(benchmark)
    listed += ["naive", *data.study.get("models", {})]
    known = [name for name in dict.fromkeys(listed) if name in names]
    return tuple(known + sorted(set(names) - set(known)))


def session_losses(run: View) -> pd.DataFrame:
    """(sessions, models) loss per session, each symbol's divided by the benchmark's mean there, averaged over symbols.

    So the benchmark's column has mean 1 for a single symbol, and a panel is not ruled by its wildest member.
    """
    scale = mean_by(run.symbol, run.loss(run.benchmark), len(run.symbols))
    return run.per_session({name: run.means(divided(run.loss(name), scale[run.symbol])) for name in run.models})


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

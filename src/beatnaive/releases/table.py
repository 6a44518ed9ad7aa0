"""The one noun: a table of values, the periods they describe, and the instants they were published at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import freeze
from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Instants, Provenance


@dataclass(frozen=True, eq=False, kw_only=True)
class Releases:
    """n published values, sorted by (symbol, name, known_at, period_end).

    symbol (n,) text, empty for what concerns all; name (n,) of the series; period_end (n,) the last day of the period
    that a value describes; known_at (n,) UTC instants of publication; value (n,) in the series' own unit. A revision is
    a row with the same period and a later instant. reference (n,) the date that the source writes beside the value, by
    which tables are commonly, and wrongly, merged; latest (n,) the value as it reads today. assumed: how `known_at` was
    made where the source does not say it, else empty.

    >>> table = Releases.of(
    ...     name="cpi", period_end=np.array(["2023-02-28", "2023-03-31"], "datetime64[D]"),
    ...     known_at=np.array(["2023-03-14T12:30", "2023-04-12T12:30"], "datetime64[s]"),
    ...     value=np.array([300.8, 301.8]), provenance=Provenance("an example", "", ""),
    ... )
    >>> table.known_by(np.datetime64("2023-04-11T20:00")).value
    array([300.8])
    """

    symbol: NDArray[np.str_]
    name: NDArray[np.str_]
    period_end: Instants
    known_at: Instants
    value: Floats
    reference: Instants
    latest: Floats
    provenance: Provenance
    assumed: str = ""

    def __post_init__(self) -> None:
        freeze(self.symbol, self.name, self.period_end, self.known_at, self.value, self.reference, self.latest)

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def of(
        cls, *, name: str | NDArray[np.str_], period_end: Instants, known_at: Instants, value: Floats,
        provenance: Provenance, symbol: str | NDArray[np.str_] = "", **optional: Any,
    ) -> Releases:  # fmt: skip
        """The rows in order; a name or symbol that all share may be one text, and reference is the period's end.

        latest, where it is not given: the value of the period's last row.
        """
        n = len(value)
        parts: dict[str, NDArray[Any]] = {
            "symbol": np.full(n, symbol) if isinstance(symbol, str) else symbol,
            "name": np.full(n, name) if isinstance(name, str) else name,
            "period_end": period_end.astype("datetime64[D]"),
            "known_at": known_at.astype("datetime64[s]"),
            "value": value.astype(float),
            "reference": optional.pop("reference", period_end).astype("datetime64[D]"),
        }
        order = np.lexsort([parts[key] for key in ("period_end", "known_at", "name", "symbol")])
        latest = optional.pop("latest", None)
        made = {key: values[order] for key, values in parts.items()}
        today = _last_of_each_period(made) if latest is None else latest[order].astype(float)
        return cls(**made, latest=today, provenance=provenance, **optional)  # type: ignore[arg-type]

    def take(self, rows: NDArray[Any] | slice) -> Releases:
        """The same table, these rows only."""
        names = ("symbol", "name", "period_end", "known_at", "value", "reference", "latest")
        return replace(self, **{key: getattr(self, key)[rows] for key in names})

    def known_by(self, instant: np.datetime64) -> Releases:
        """What had been published by then."""
        return self.take(self.known_at <= instant)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The series, in the order of their names."""
        return tuple(sorted({name for _, name in self._parts}))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that have values of their own."""
        return tuple(sorted({symbol for symbol, _ in self._parts if symbol}))

    def of_series(self, name: str, symbol: str) -> Releases:
        """The rows of one series that concern a symbol: its own where it has any, else those that concern all."""
        return self.take(self._parts.get((symbol, name)) or self._parts.get(("", name)) or slice(0, 0))

    @cached_property
    def _parts(self) -> dict[tuple[str, str], slice]:
        """Where each symbol's series lies: the rows are sorted by both."""
        new = np.ones(len(self), bool)
        new[1:] = (self.symbol[1:] != self.symbol[:-1]) | (self.name[1:] != self.name[:-1])
        edges = [*np.flatnonzero(new).tolist(), len(self)]
        return {(str(self.symbol[first]), str(self.name[first])): slice(first, end) for first, end in pairwise(edges)}


def _last_of_each_period(parts: dict[str, NDArray[Any]]) -> Floats:
    """(n,) the value that each row's period has in its last row."""
    keys = np.rec.fromarrays([parts["symbol"], parts["name"], parts["period_end"].astype(np.int64)])
    _, period = np.unique(keys, return_inverse=True)
    last = np.zeros(period.max(initial=-1) + 1, int)
    np.maximum.at(last, period, np.arange(len(period)))
    return np.asarray(parts["value"][last[period]], float)


def checked(table: Releases, where: str, *, now: np.datetime64 | None = None, forecasts: bool = False) -> Releases:
    """The table, if it can be joined; `where` names it in messages.

    forecasts: values that were published before their period ended are forecasts, and declared so; now: the present
    instant (default: the clock's). Raises InputError, one line, for an empty table, a row that stands twice, a value
    published before its period ended, and one published in the future.
    """
    now = np.datetime64("now", "s") if now is None else now
    if not len(table):
        raise InputError(f"{where} has no rows with a value: it needs at least one")
    same = np.ones(max(len(table) - 1, 0), bool)
    for key in ("symbol", "name", "period_end", "known_at"):
        values = getattr(table, key)
        same &= values[1:] == values[:-1]
    _refuse(table, np.flatnonzero(same), lambda k: (
        f"{where} holds {_row(table, k)} twice: keep one row per symbol, name, period and instant of publication"
    ))  # fmt: skip
    if not forecasts:
        early = np.flatnonzero(table.known_at < table.period_end.astype("datetime64[s]"))
        _refuse(table, early, lambda k: (
            f"{where}: {_row(table, k)} was published {table.known_at[k]}Z, before its period ended: correct the "
            "dates, or declare forecasts = true"
        ))  # fmt: skip
    _refuse(table, np.flatnonzero(table.known_at > now), lambda k: (
        f"{where}: {_row(table, k)} was published {table.known_at[k]}Z, which is in the future: correct the dates"
    ))  # fmt: skip
    return table


def _refuse(table: Releases, rows: NDArray[np.intp], message: Callable[[int], str]) -> None:
    if len(rows):
        raise InputError(message(int(rows[0])))


def _row(table: Releases, k: int) -> str:
    """One row in words."""
    of = f" of {table.symbol[k]}" if table.symbol[k] else ""
    return f"{table.name[k]}{of} for the period to {table.period_end[k]}"

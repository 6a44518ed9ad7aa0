"""What was known of each series and when: the outcomes of a table and of the prices that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Instants, Ints

SPAN = 1 << 38
"""Seconds that separate two series in one sorted array: 8,700 years."""
START = np.datetime64("0001-01-01", "s")


@dataclass(frozen=True, eq=False)
class History:
    """m distinct (series, date), sorted: key (m,), y (m,) the value, NaN where the date alone is known."""

    key: Ints
    y: Floats

    def position(self, symbol: NDArray[np.integer], date: Instants) -> Ints:
        """(n,) how many known dates of all series lie at or before these: of two dates of a series, the difference
        counts the periods between them."""
        return np.searchsorted(self.key, keys(symbol, date), "right").astype(np.int64)

    def value(self, symbol: NDArray[np.integer], date: Instants) -> Floats:
        """(n,) the series' value on that very date; NaN where it is not known."""
        place = self.position(symbol, date) - 1
        safe = np.clip(place, 0, max(len(self.key) - 1, 0))
        return np.where((place >= 0) & (self.key[safe] == keys(symbol, date)), self.y[safe], np.nan)

    def last(self, symbol: NDArray[np.integer], date: Instants, before: int = 0) -> Floats:
        """(n,) the series' last value at or before that date, or that of `before` known dates earlier; NaN = none."""
        place = self.position(symbol, date) - 1 - before
        safe = np.clip(place, 0, max(len(self.key) - 1, 0))
        return np.where((place >= 0) & (self.key[safe] // SPAN == symbol), self.y[safe], np.nan)


def keys(symbol: NDArray[np.integer], date: Instants) -> Ints:
    """(n,) one sortable number per series and date."""
    seconds = (date.astype("datetime64[s]") - START).astype(np.int64)
    return np.asarray(symbol.astype(np.int64) * SPAN + seconds)


def history(*parts: tuple[NDArray[np.integer], Instants, Floats]) -> History:
    """The history that these (symbol, date, value) tell together.

    Raises InputError where they give one date two values.

    >>> day = np.array(["2024-01-02", "2024-01-03"], "datetime64[s]")
    >>> known = history((np.zeros(2, int), day, np.array([1.0, 2.0])))
    >>> known.value(np.zeros(1, int), day[1:]).tolist(), known.position(np.zeros(1, int), day[1:]).tolist()
    ([2.0], [2])
    """
    key = np.concatenate([keys(symbol, date) for symbol, date, _ in parts])
    value = np.concatenate([value for *_, value in parts])
    order = np.lexsort((np.isnan(value), key))
    key, value = key[order], value[order]
    first = np.append(True, key[1:] != key[:-1])[: len(key)]
    place = np.cumsum(first) - 1
    told = np.isnan(value) | np.isclose(value, value[first][place], rtol=1e-6, atol=0)
    if not told.all():
        wrong = int(np.argmin(told))
        day = np.datetime_as_string(START + np.timedelta64(int(key[wrong] % SPAN), "s"), unit="D")
        raise InputError(f"y has two values on {day}, {value[first][place[wrong]]:g} and {value[wrong]:g}: keep one")
    return History(key[first], value[first])

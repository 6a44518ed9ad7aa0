"""`Inputs`: the panel of bars and features, cut by time and looked up by symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import CLOSE, Bools, Floats, Instants, Ints, freeze

ROWS = ("symbol", "session", "origin", "bars", "x", "filled")
"""The arrays with an entry per row."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """All that may be known at each close, and no label: every session of every symbol, sorted by (origin, symbol).

    symbol (n,) index into `symbols`; session (n,) exchange dates; origin (n,) UTC instants of the closes;
    bars (n, 5) prices in the symbol's currency and shares; x (n, p) features, NaN where incomplete; filled (n,) rows
    invented by a declared fill. whole: the inputs of which these are the first rows, None = they are whole;
    by_symbol: copies of arrays with the rows of each symbol together, as far as they were made beforehand.

    >>> days = np.datetime64("2024-01-02") + np.arange(2)
    >>> inputs = Inputs(
    ...     symbols=("A", "B"), symbol=np.array([0, 1, 0, 1], np.int32), session=np.repeat(days, 2),
    ...     origin=np.repeat(days.astype("datetime64[s]"), 2), bars=np.ones((4, 5)), x=np.empty((4, 0)), features=(),
    ...     filled=np.zeros(4, bool),
    ... )
    >>> inputs.rows_of(1), inputs.ahead(np.array([0, 2]), 1)
    (array([1, 3]), array([ 2, -1]))
    """

    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    session: Instants
    origin: Instants
    bars: Floats
    x: Floats
    features: tuple[str, ...]
    filled: Bools
    # not for `replace`: inputs with other bars are not the first rows of the old whole
    whole: Inputs | None = field(default=None, init=False, repr=False)
    by_symbol: Mapping[str, NDArray[Any]] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        freeze(self.symbol, self.session, self.origin, self.bars, self.x, self.filled)

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def close(self) -> Floats:
        """(n,) closes, currency."""
        return self.bars[:, CLOSE]

    def until(self, instant: np.datetime64) -> Inputs:
        """The inputs known at `instant`, its own closes included: a view of the first rows, nothing is copied."""
        n = int(np.searchsorted(self.origin, instant, "right"))
        first: dict[str, Any] = {name: getattr(self, name)[:n] for name in ROWS}
        part = replace(self, **first)
        object.__setattr__(part, "whole", self.whole or self)
        return part

    def rows_of(self, code: int) -> Ints:
        """Positions of one symbol's rows, in time order."""
        rows: Ints = self._order[self._first[code] : self._first[code + 1]]
        return rows

    def of_symbol(self, code: int) -> tuple[Ints, Inputs]:
        """Positions of one symbol's rows, in time order, and inputs that hold those rows only.

        The symbols keep their codes, so that what was fitted on the part forecasts the whole.
        """
        whole = self.whole or self  # cut from the copy by symbol of the whole: it serves every fold
        rows = whole.rows_of(code)
        n = int(np.searchsorted(rows, len(self)))
        start = int(whole._first[code])
        own: dict[str, Any] = {name: values[start : start + n] for name, values in whole._grouped.items()}
        return rows[:n], replace(whole, **own)

    def of_symbols(self, begin: int, end: int) -> tuple[Ints, Inputs]:
        """Ascending positions of the rows of symbols begin .. end - 1, and inputs that hold those rows only.

        The symbols keep their codes.
        """
        first, last = self._first[begin], self._first[min(end, len(self.symbols))]
        rows = np.sort(self._order[first:last])
        place = self._rank[rows] - first
        own: dict[str, Any] = {name: values[first:last][place] for name, values in self._grouped.items()}
        return rows, replace(self, **own)

    def grouped(self) -> Inputs:
        """The same inputs with `by_symbol` made: processes that map them into memory share that copy, too."""
        made = self.by_symbol or {}
        return self.with_copies({
            name: made[name] if name in made else getattr(self, name)[self._order] for name in ROWS
        })  # fmt: skip

    def with_copies(self, by_symbol: Mapping[str, NDArray[Any]]) -> Inputs:
        """The same inputs with these copies by symbol."""
        copy = replace(self)
        object.__setattr__(copy, "by_symbol", by_symbol)
        return copy

    def history(self, rows: Ints, length: int) -> Ints:
        """(len(rows), length) positions of the same symbol's last sessions, oldest first, own row last; -1 = none.

        With `length` the lookback of a model these are the rows of its window.
        """
        rank = self._rank[rows][:, None] + np.arange(1 - length, 1)
        inside = rank >= self._first[self.symbol[rows]][:, None]
        return np.where(inside, self._order[np.maximum(rank, 0)], -1)

    def age(self, rows: Ints) -> Ints:
        """(len(rows),) how many earlier sessions of the same symbol there are."""
        return self._rank[rows] - self._first[self.symbol[rows]]

    def ahead(self, rows: Ints, steps: int) -> Ints:
        """(len(rows),) positions of the same symbol's session `steps` later; -1 = none. For labels only."""
        rank = self._rank[rows] + steps
        inside = rank < self._first[self.symbol[rows] + 1]
        return np.where(inside, self._order[np.minimum(rank, len(self) - 1)], -1)

    @cached_property
    def _grouped(self) -> Mapping[str, NDArray[Any]]:
        """Every array with its rows grouped by symbol, in time order: copied once, of which each symbol is a view."""
        made = self.by_symbol or {}
        return made if len(made) == len(ROWS) else self.grouped().by_symbol or {}

    @cached_property
    def _order(self) -> Ints:
        """Rows grouped by symbol, in time order inside a symbol."""
        return np.argsort(self.symbol, kind="stable")

    @cached_property
    def _rank(self) -> Ints:
        """The inverse of `_order`: where each row lies among the grouped ones."""
        rank = np.empty_like(self._order)
        rank[self._order] = np.arange(len(rank))
        return rank

    @cached_property
    def _first(self) -> Ints:
        """(symbols + 1,) where each symbol's rows begin in `_order`."""
        return np.searchsorted(self.symbol[self._order], np.arange(len(self.symbols) + 1))

    def __getstate__(self) -> dict[str, Any]:
        """Without the derived indexes and the whole: a worker builds its own."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "whole": None}

"""Windows as indices: a panel grouped by symbol, in which a window is a run of consecutive rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from beatnaive.core.types import BARS, CLOSE, Bools, Floats, Inputs, Ints
from beatnaive.models.base import design

WindowUnit: TypeAlias = Literal["return", "price"]
"""What a network works in: scale-free log changes, or price levels scaled by the training rows' range."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Columns of the inputs, grouped by symbol and in time order inside a symbol; windows never cross symbols.

    values (n, features); symbol (n,) codes; rank (n,) where each row of the inputs lies in here; whole (n,) rows
    at which a window of `steps` complete rows ends.
    """

    values: Floats
    symbol: Ints
    rank: Ints
    whole: Bools
    steps: int

    @classmethod
    def of(cls, inputs: Inputs, columns: Sequence[str], unit: WindowUnit, steps: int) -> Panel:
        """Group the inputs by symbol; with `unit="return"` bars become log changes from the session before."""
        order = np.argsort(inputs.symbol, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        symbol = inputs.symbol[order].astype(np.int64)
        first = np.diff(symbol, prepend=-1) != 0
        values = design(inputs, order, columns)
        if unit == "return":
            values = _changes(values, columns, inputs.close[order], first)
        return cls(values, symbol, rank, _whole(np.isfinite(values), first, steps), steps)

    def covered(self, ends: Ints) -> Bools:
        """(n,) rows that lie inside one of the windows ending at `ends`."""
        edges = np.zeros(len(self.values) + 1, dtype=np.int64)
        np.add.at(edges, ends + 1, -1)
        np.add.at(edges, ends + 1 - self.steps, 1)
        return np.cumsum(edges[:-1]) > 0


def _changes(values: Floats, columns: Sequence[str], close: Floats, first: Bools) -> Floats:
    """Prices as log(value / previous close), volume as the change of log(1 + volume), features as they are."""
    out = values.copy()
    before = np.where(first, np.nan, np.roll(close, 1))
    for k, name in enumerate(columns):
        if name in BARS[: CLOSE + 1]:
            out[:, k] = np.log(values[:, k] / before)
        elif name in BARS:
            logs = np.log1p(values[:, k])
            out[:, k] = logs - np.where(first, np.nan, np.roll(logs, 1))
    return out


def _whole(known: Bools, first: Bools, steps: int) -> Bools:
    """Rows that end a run of at least `steps` complete rows of one symbol."""
    row = np.arange(len(known))
    before = np.where(known.all(axis=1), np.where(first, row - 1, -1), row)
    return row - np.maximum.accumulate(before) >= steps

"""From bars and features to rows that can be learnt from and scored, each with the instant its label is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Inputs, Prices, Samples, Target


def gather(prices: Sequence[Prices], columns: Sequence[str], tables: Iterable[Floats]) -> Inputs:
    """One panel from every symbol's bars and features, sorted by (origin, symbol).

    columns: the p feature names; tables: per symbol (n, p) values, in the order of `prices`; none is kept once it is
    in its place. Raises InputError when two series carry the same symbol.
    """
    names = tuple(one.symbol for one in prices)
    if len(set(names)) < len(names):
        raise InputError(f"a symbol appears twice: {', '.join(sorted(names))}; load each symbol once")
    counts = [len(one) for one in prices]
    symbol = np.repeat(np.arange(len(prices), dtype=np.int32), counts)
    origin = np.concatenate([one.closes_at for one in prices]).astype("datetime64[s]")
    order = np.lexsort((symbol, origin))
    # each table goes straight into its final rows: a second copy of a whole panel is gigabytes
    x = np.empty((len(order), len(columns)))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    for first, table in zip(np.cumsum([0, *counts[:-1]]), tables, strict=True):
        x[place[first : first + len(table)]] = table
    return Inputs(
        symbols=names,
        symbol=symbol[order],
        session=np.concatenate([one.sessions for one in prices])[order],
        origin=origin[order],
        bars=np.concatenate([one.bars for one in prices])[order],
        x=x,
        features=tuple(columns),
        filled=np.concatenate([one.filled for one in prices])[order],
    )


def assemble(inputs: Inputs, target: Target, *, lookback: int = 1) -> Samples:
    """Rows with complete features, a full history of `lookback` sessions and a known label.

    y = target.label(inputs, rows, horizon); known_at = the close of the session `horizon` later. Rows that a fill
    invented are neither origins nor labels. Raises InputError when nothing is left, naming needed and given.
    """
    rows = np.arange(len(inputs))
    later = inputs.ahead(rows, target.horizon)
    y = target.label(inputs, rows, target.horizon)
    reaches_back = inputs.age(rows) >= lookback - 1
    complete = np.isfinite(inputs.x).all(axis=1)
    known = reaches_back & complete & np.isfinite(inputs.close)
    good = known & (later >= 0) & np.isfinite(y) & ~inputs.filled & ~inputs.filled[later]
    if not good.any():
        raise InputError(
            f"no usable row: {len(inputs)} sessions given ({int(complete.sum())} with complete features), a lookback "
            f"of {lookback} and a horizon of {target.horizon} need more than {lookback + target.horizon}: take a "
            "longer period"
        )
    return Samples(inputs, rows[good], y[good], inputs.origin[later[good]], target)

"""From bars and features to rows that can be learnt from and scored, each with the instant its label is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Bools, Floats, Inputs, Ints, Prices, Samples, Target


def gather(prices: Sequence[Prices], columns: Sequence[str], tables: Sequence[Floats]) -> Inputs:
    """One panel from every symbol's bars and features, sorted by (origin, symbol).

    columns: the p feature names; tables: per symbol (n, p) values, in the order of `prices`. Raises InputError
    when two series carry the same symbol.
    """
    names = tuple(one.symbol for one in prices)
    if len(set(names)) < len(names):
        raise InputError(f"a symbol appears twice: {', '.join(sorted(names))}; load each symbol once")
    counts = [len(one) for one in prices]
    symbol = np.repeat(np.arange(len(prices), dtype=np.int32), counts)
    origin = np.concatenate([one.closes_at for one in prices]).astype("datetime64[s]")
    order = np.lexsort((symbol, origin))
    return Inputs(
        symbols=names,
        symbol=symbol[order],
        session=np.concatenate([one.sessions for one in prices])[order],
        origin=origin[order],
        bars=np.concatenate([one.bars for one in prices])[order],
        x=_stack(tables, order, len(columns)),
        features=tuple(columns),
        filled=np.concatenate([one.filled for one in prices])[order],
    )


def _stack(tables: Sequence[Floats], order: Ints, width: int) -> Floats:
    """Each table straight into its final rows: no second copy of the whole panel."""
    x = np.empty((len(order), width))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    start = 0
    for table in tables:
        x[place[start : start + len(table)]] = table
        start += len(table)
    return x


def assemble(inputs: Inputs, target: Target, *, lookback: int = 1) -> Samples:
    """Rows with complete features, a full history of `lookback` sessions and a known label.

    y = target.label(inputs, rows, horizon); known_at = the close of the session `horizon` later. Rows that a fill
    invented are neither origins nor labels. Raises InputError when nothing is left, naming needed and given.
    """
    rows = np.arange(len(inputs))
    later = inputs.ahead(rows, target.horizon)
    y = target.label(inputs, rows, target.horizon)
    good = (later >= 0) & np.isfinite(y) & _complete(inputs, lookback) & ~inputs.filled & ~inputs.filled[later]
    if not good.any():
        raise InputError(_nothing_left(inputs, target, lookback))
    return Samples(inputs, rows[good], y[good], inputs.origin[later[good]], target)


def _complete(inputs: Inputs, lookback: int) -> Bools:
    reaches_back = inputs.history(np.arange(len(inputs)), lookback)[:, 0] >= 0
    return np.asarray(reaches_back & np.isfinite(inputs.close) & np.isfinite(inputs.x).all(axis=1))


def _nothing_left(inputs: Inputs, target: Target, lookback: int) -> str:
    complete = int(np.isfinite(inputs.x).all(axis=1).sum())
    return (
        f"no usable row: {len(inputs)} sessions given ({complete} with complete features), a lookback of {lookback} "
        f"and a horizon of {target.horizon} need more than {lookback + target.horizon}: take a longer period"
    )

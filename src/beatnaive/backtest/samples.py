"""From bars and features to rows that can be learnt from and scored, each with the instant its label is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from beatnaive.core import mapped
from beatnaive.core.errors import InputError
from beatnaive.core.types import Bools, Floats, Inputs, Ints, Prices, Samples, Target

AT_ONCE = 1 << 16
"""Rows of a large panel that are looked at at a time."""


def gather(prices: Sequence[Prices], columns: Sequence[str], tables: Iterable[Floats]) -> Inputs:
    """One panel from every symbol's bars and features, sorted by (origin, symbol).

    columns: the p feature names; tables: per symbol (n, p) values, in the order of `prices`; none is kept once it is
    in its place. The values of a large panel lie in two files, in this order and by symbol (`core.mapped`).
    Raises InputError when two series carry the same symbol, CannotWrite where the disk has no room.
    """
    names = tuple(one.symbol for one in prices)
    if len(set(names)) < len(names):
        raise InputError(f"a symbol appears twice: {', '.join(sorted(names))}; load each symbol once")
    counts = [len(one) for one in prices]
    symbol = np.repeat(np.arange(len(prices), dtype=np.int32), counts)
    origin = np.concatenate([one.closes_at for one in prices]).astype("datetime64[s]")
    order = np.lexsort((symbol, origin))
    by_symbol = order[np.argsort(symbol[order], kind="stable")]  # the same but for a symbol whose rows are unsorted
    parts = (
        table[by_symbol[first : first + len(table)] - first]
        for first, table in zip(np.cumsum([0, *counts[:-1]]), tables, strict=True)
    )
    x, own = laid_out(parts, order, by_symbol, len(columns))
    inputs = Inputs(
        symbols=names,
        symbol=symbol[order],
        session=np.concatenate([one.sessions for one in prices])[order],
        origin=origin[order],
        bars=np.concatenate([one.bars for one in prices])[order],
        x=x,
        features=tuple(columns),
        filled=np.concatenate([one.filled for one in prices])[order],
    )
    return inputs if own is None else inputs.with_copies({"x": own})


def laid_out(parts: Iterable[Floats], order: Ints, by_symbol: Ints, columns: int) -> tuple[Floats, Floats | None]:
    """Tables of one symbol after the other as rows in their final order, and by symbol where the panel is large.

    order, by_symbol (n,): which row of all tables comes first, second, ..; parts come in the order of `by_symbol`.
    """
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    if 8 * len(order) * columns < mapped.LARGE:
        x, first = np.empty((len(order), columns)), 0
        for table in parts:  # straight into its final rows
            x[place[by_symbol[first : first + len(table)]]] = table
            first += len(table)
        return x, None
    own = mapped.stored(parts, columns)
    return mapped.placed(_in_blocks(own, place[by_symbol]), len(order), columns), own


def _in_blocks(x: Floats, place: Ints) -> Iterator[tuple[Ints, Floats]]:
    """A mapped array's rows by where they belong, ascending, a block at a time, which is overwritten by the next.

    place (n,): where each row belongs. The rows of many symbols in one session lie one below the other there.
    """
    room = np.empty((max(1, mapped.LARGE // x[:1].nbytes), x.shape[1]))
    for first in range(0, len(x), len(room)):
        own = place[first : first + len(room)]
        order, block = np.argsort(own), room[: len(own)]
        np.take(x[first : first + len(room)], order, axis=0, out=block, mode="clip")  # "raise" would copy it once more
        mapped.forget(x)
        yield own[order], block


def only_columns(inputs: Inputs, columns: Sequence[str]) -> Inputs:
    """The same panel with some of its feature columns."""
    kept = [inputs.features.index(name) for name in columns]

    def taken(x: Floats) -> Floats:
        if 8 * x.size < mapped.LARGE:
            return x[:, kept]
        return mapped.stored((x[k : k + AT_ONCE, kept] for k in range(0, len(x), AT_ONCE)), len(kept))

    fewer = replace(inputs, x=taken(inputs.x), features=tuple(columns))
    own = (inputs.by_symbol or {}).get("x")
    return fewer if own is None else fewer.with_copies({"x": taken(own)})


def complete_rows(x: Floats) -> Bools:
    """(n,) rows of x (n, p) that are finite in every column."""
    finite = np.empty(len(x), bool)
    for first in range(0, len(x), AT_ONCE):
        finite[first : first + AT_ONCE] = np.isfinite(x[first : first + AT_ONCE]).all(axis=1)
    mapped.forget(x)
    return finite


def assemble(inputs: Inputs, target: Target, *, lookback: int = 1) -> Samples:
    """Rows with complete features, a full history of `lookback` sessions and a known label.

    y = target.label(inputs, rows, horizon); known_at = the close of the session `horizon` later. Rows that a fill
    invented are neither origins nor labels. Raises InputError when nothing is left, naming needed and given.
    """
    rows = np.arange(len(inputs))
    later = inputs.ahead(rows, target.horizon)
    y = target.label(inputs, rows, target.horizon)
    reaches_back = inputs.age(rows) >= lookback - 1
    complete = complete_rows(inputs.x)
    known = reaches_back & complete & np.isfinite(inputs.close)
    good = known & (later >= 0) & np.isfinite(y) & ~inputs.filled & ~inputs.filled[later]
    if not good.any():
        raise InputError(
            f"no usable row: {len(inputs)} sessions given ({int(complete.sum())} with complete features), a lookback "
            f"of {lookback} and a horizon of {target.horizon} need more than {lookback + target.horizon}: take a "
            "longer period"
        )
    return Samples(inputs, rows[good], y[good], inputs.origin[later[good]], target)

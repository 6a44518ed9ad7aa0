"""Rows of one or many symbols as a source lays them out, and the way from there to `Prices`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import CLOSE, Floats, Instants, Prices, Provenance
from beatnaive.prices.adjust import unsplit
from beatnaive.prices.calendars import DEFAULT, better_fit, closes, named_calendar


@dataclass(frozen=True, eq=False)
class Table:
    """n rows. code (n,) index into `symbols`; session (n,) dates; bars (n, 5), dividends (n,) and splits (n,) on the
    basis of the last split, as Yahoo gives them; adjusted (n,) the source's adjusted close, or None; gains (n,) a
    fund's capital gains, on the basis of the dividends."""

    symbols: tuple[str, ...]
    code: NDArray[np.integer]
    session: Instants
    bars: Floats
    dividends: Floats | None = None
    splits: Floats | None = None
    adjusted: Floats | None = None
    gains: Floats | None = None

    def paid(self, rows: slice | NDArray[np.intp]) -> Floats:
        """(n,) dividends with capital gains; on days whose dividend is no smaller than the gain, it holds it already.

        Yahoo lists a fund's gains beside its dividends, and often in them too.
        """
        zero = np.zeros(len(self.session[rows]))
        dividends = zero if self.dividends is None else np.nan_to_num(self.dividends[rows])
        gains = zero if self.gains is None else np.nan_to_num(self.gains[rows])
        return np.where(dividends < gains, dividends + gains, dividends)

    def only(self, symbols: tuple[str, ...]) -> Table:
        """The rows of these symbols, in this order of symbols."""
        place = {symbol: k for k, symbol in enumerate(self.symbols)}
        codes = np.full(len(self.symbols), -1)
        codes[[place[symbol] for symbol in symbols]] = np.arange(len(symbols))
        code = codes[self.code]
        rows = code >= 0
        kept = (self.dividends, self.splits, self.adjusted, self.gains)
        optional = [None if values is None else values[rows] for values in kept]
        return Table(symbols, code[rows], self.session[rows], self.bars[rows], *optional)


def to_prices(table: Table, calendar: str | None, provenance: Provenance) -> tuple[Prices, ...]:
    """One `Prices` per symbol, as traded, in the order of `table.symbols`.

    The calendar is the one given, else the one that the symbol's spelling names. Where it names none, it is New York's
    unless the dates clearly fit another of the common calendars: then that, with a note.
    A symbol whose rows are strictly newest first is turned round, with a note; any other order stays for quality
    to find.
    """
    order = np.argsort(table.code, kind="stable")
    sorted_already = bool((order[1:] > order[:-1]).all())
    starts = np.searchsorted(table.code if sorted_already else table.code[order], np.arange(len(table.symbols) + 1))
    parts = [slice(a, b) if sorted_already else order[a:b] for a, b in pairwise(starts)]
    return tuple(
        _one(table, symbol, part, calendar, provenance) for symbol, part in zip(table.symbols, parts, strict=True)
    )


def _one(
    table: Table, symbol: str, rows: slice | NDArray[np.intp], calendar: str | None, provenance: Provenance
) -> Prices:
    sessions = table.session[rows]
    n = len(sessions)
    calendar = calendar or named_calendar(symbol)
    if calendar is None:
        # rows copied forward on days without trading say nothing about the calendar
        days, first = np.unique(sessions, return_index=True)
        moved = np.diff(table.bars[rows, CLOSE][first], prepend=np.nan) != 0
        other = better_fit(DEFAULT, days, moved)
        calendar = DEFAULT if other is None else other[0].code
        if other is not None:
            provenance = replace(provenance, note=_joined(provenance.note, (
                f"no exchange is named, and the dates fit {calendar} ({other[0].missing} sessions missing, "
                f"{other[0].extra} too many), not {DEFAULT} ({other[1].missing} missing, {other[1].extra} too many): "
                f"taken as {calendar}; a calendar that is named counts instead"
            )))  # fmt: skip
    splits = np.ones(n)
    if table.splits is not None:  # Yahoo writes 0 where there is no split
        ratios = table.splits[rows]
        splits = np.where(np.isfinite(ratios) & (ratios > 0), ratios, 1.0)
    bars, dividends = unsplit(sessions, table.bars[rows], table.paid(rows), splits)
    adjusted = None if table.adjusted is None else table.adjusted[rows]
    prices = Prices(
        symbol=symbol,
        sessions=sessions,
        closes_at=closes(calendar, sessions),
        bars=bars,
        dividends=dividends,
        splits=splits,
        filled=np.zeros(n, bool),
        calendar=calendar,
        provenance=provenance,
        adjusted=adjusted,
    )
    if n < 2 or not (sessions[1:] < sessions[:-1]).all():
        return prices
    note = _joined(provenance.note, "newest first in the file: turned round")
    return replace(prices.take(slice(None, None, -1)), provenance=replace(provenance, note=note))


def _joined(note: str, more: str) -> str:
    return f"{note}; {more}" if note else more

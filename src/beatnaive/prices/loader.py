"""`load`: the first line of `beatnaive.study.pipeline.run_study`."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.registry import pick
from beatnaive.core.types import Prices, Progress
from beatnaive.prices.adjust import as_of
from beatnaive.prices.source import Source


def load(source: Source, progress: Progress | None = None, *, traded: bool = False) -> tuple[Prices, ...]:
    """The prices a study asks for: read as traded, adjusted as of a date, then cut to the period.

    Without `as_of`, prices are adjusted as of the last session loaded. Without `end`, it is `as_of`. Without `start`,
    it is `years` before the last session of the whole panel, to the day. Symbols of a whole panel that have no row
    in the period are left out; one that was asked for by name is an error.

    Arguments: progress(done, total, what) is called by sources that take long; traded leaves prices as traded.
    Returns one `Prices` per symbol. Raises InputError, UnknownName and SourceUnreachable; DataRefused only for
    a dividend that exceeds the price, which no adjustment can apply.

    >>> load(Source(symbols=("^IXIC",), years=5))[0].sessions[[0, -1]]
    array(['2013-12-31', '2018-12-31'], dtype='datetime64[D]')
    """
    from beatnaive.prices.rows import SOURCES

    end = _end(source)
    found: tuple[Prices, ...] = pick(SOURCES, "source", source.kind)(source, progress)
    last = max((p.sessions[p.sessions <= end].max() for p in found if (p.sessions <= end).any()), default=None)
    if last is None:
        raise InputError(_nothing(source, found))
    applied = last if source.as_of is None else np.datetime64(source.as_of, "D")
    start = _start(source, last)
    whole = tuple(_cut(prices if traded else as_of(prices, applied), start, end) for prices in found)
    return _present(source, found, whole)


def _end(source: Source) -> np.datetime64:
    """The last date wanted; later than what is known on `as_of` is refused."""
    if source.as_of and source.end and source.end > source.as_of:
        raise InputError(
            f"end {source.end} is later than as_of {source.as_of}: such prices are not known then; "
            "set as_of to the end or later"
        )
    end = source.end or source.as_of or date.max
    if source.start and source.start > end:
        raise InputError(f"start {source.start} is later than end {end}: exchange them")
    return np.datetime64(end, "D")


def _start(source: Source, last: np.datetime64) -> np.datetime64:
    if source.start is not None:
        return np.datetime64(source.start, "D")
    if source.years is None:
        return np.datetime64(date.min, "D")
    return np.datetime64(years_before(last.astype(date), source.years), "D")


def years_before(day: date, years: int) -> date:
    """The same day of the year, `years` earlier; 28 February for the 29th of a leap year.

    >>> years_before(date(2024, 2, 29), 5)
    datetime.date(2019, 2, 28)
    """
    if not 0 < years < day.year:
        raise InputError(f"years = {years}: give a number from 1 to {day.year - 1}")
    year = day.year - years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _cut(prices: Prices, start: np.datetime64, end: np.datetime64) -> Prices:
    inside = (prices.sessions >= start) & (prices.sessions <= end)
    return prices if inside.all() else prices.take(inside)


def _present(source: Source, found: Sequence[Prices], whole: tuple[Prices, ...]) -> tuple[Prices, ...]:
    """The symbols that have rows in the period."""
    missing = [before for before, after in zip(found, whole, strict=True) if not len(after)]
    if missing and ((source.symbols and "*" not in source.symbols) or len(missing) == len(whole)):
        raise InputError(_nothing(source, missing))
    return tuple(prices for prices in whole if len(prices))


def _nothing(source: Source, found: Sequence[Prices]) -> str:
    """One line that says what there is instead."""
    first, rows = found[0], [prices for prices in found if len(prices)]
    if not rows:
        return f"{first.symbol} has no rows in {first.provenance.source}: check the source"
    have = f"{min(p.sessions.min() for p in rows)} to {max(p.sessions.max() for p in rows)}"
    asked = f"{source.start or 'the beginning'} to {source.end or source.as_of or 'the end'}"
    return f"{first.symbol} has no rows from {asked}: it has {have}; change start, end or as_of"

"""`load`: the first line of `beatnaive.study.pipeline.run_study`."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.registry import pick
from beatnaive.core.types import Prices, Progress
from beatnaive.core.user_code import guarded
from beatnaive.prices.adjust import as_of
from beatnaive.prices.source import Source


def load(source: Source, progress: Progress | None = None, *, traded: bool = False) -> tuple[Prices, ...]:
    """The prices a study asks for: read as traded, adjusted as of a date, then cut to the period.

    Without `as_of`, prices are adjusted as of the last session loaded. Without `end`, it is `as_of`. Without `start`,
    it is `years` before the last session of the whole panel, to the day. Symbols of a whole panel that have no row
    in the period are left out; one that was asked for by name is an error.

    Arguments: progress(done, total, what) is called by sources that take long; traded leaves prices as traded.
    Returns one `Prices` per symbol. Raises InputError (also for a symbol that does not print), UnknownName
    and SourceUnreachable; DataRefused only for a dividend that exceeds the price, which no adjustment can apply.

    >>> load(Source(symbols=("^IXIC",), years=5))[0].sessions[[0, -1]]
    array(['2013-12-31', '2018-12-31'], dtype='datetime64[D]')
    """
    from beatnaive.prices.rows import SOURCES

    # what is later than as_of is not known then
    if source.as_of and source.end and source.end > source.as_of:
        raise InputError(
            f"end {source.end} is later than as_of {source.as_of}: such prices are not known then; "
            "set as_of to the end or later"
        )
    end = np.datetime64(source.end or source.as_of or date.max, "D")
    if source.start and np.datetime64(source.start, "D") > end:
        raise InputError(f"start {source.start} is later than end {end}: exchange them")

    reader = pick(SOURCES, "source", source.kind)
    if source.kind in SOURCES:
        found: tuple[Prices, ...] = reader(source, progress)
    else:
        with guarded(f"{source.kind}(source, progress)"):
            found = tuple(reader(source, progress))
        if not found or not all(isinstance(one, Prices) for one in found):
            raise InputError(f"{source.kind} is not a source: it must return one Prices per symbol")
    for one in found:
        if not one.symbol.isprintable():  # terminals, tables and charts would obey it instead of showing it
            raise InputError(f"{one.symbol[:40]!a} cannot be a symbol: it holds characters that do not print")
    last = max((p.sessions[p.sessions <= end].max() for p in found if (p.sessions <= end).any()), default=None)
    if last is None:
        raise InputError(_nothing(source, found))
    applied = last if source.as_of is None else np.datetime64(source.as_of, "D")
    start = np.datetime64(source.start or date.min, "D")
    if source.start is None and source.years is not None:
        start = np.datetime64(years_before(last.astype(date), source.years), "D")

    kept, missing = [], []
    for each in found:
        prices = each if traded else as_of(each, applied)
        inside = (prices.sessions >= start) & (prices.sessions <= end)
        if inside.any():
            kept.append(prices if inside.all() else prices.take(inside))
        else:
            missing.append(each)
    if missing and ((source.symbols and "*" not in source.symbols) or not kept):
        raise InputError(_nothing(source, missing))
    return tuple(kept)


def years_before(day: date, years: int) -> date:
    """The same day of the year, `years` earlier; 28 February for the 29th of a leap year.

    Raises InputError for a number of years that is not positive or reaches before the year 1.

    >>> years_before(date(2024, 2, 29), 5)
    datetime.date(2019, 2, 28)
    """
    if not 0 < years < day.year:
        raise InputError(f"years = {years}: give a number from 1 to {day.year - 1}")
    year = day.year - years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _nothing(source: Source, found: Sequence[Prices]) -> str:
    """One line that says what there is instead."""
    first, rows = found[0], [prices for prices in found if len(prices)]
    if not rows:
        return f"{first.symbol} has no rows in {first.provenance.source}: check the source"
    have = f"{min(p.sessions.min() for p in rows)} to {max(p.sessions.max() for p in rows)}"
    period = f"{source.start or 'the beginning'} to {source.end or source.as_of or 'the end'}"
    return f"{first.symbol} has no rows from {period}: it has {have}; change start, end or as_of"

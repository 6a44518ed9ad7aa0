"""Findings against the exchange's calendar: sessions missing, sessions too many, days copied forward."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import CLOSE, VOLUME, Bools, Finding, Instants, Prices
from beatnaive.prices.calendars import better_fit, recorded, sessions_between
from beatnaive.prices.quality.findings import NAMED, on, report

NOT_DAILY = 0.6  # share of sessions missing above which the file is weekly or monthly
WEEK, MONTH = 7, (28, 31)  # days between rows of weekly and of monthly bars
SPARSE = {
    "weekly_bars": ("there is one a week, so these are weekly bars", "as every test and interval here counts sessions"),
    "monthly_bars": ("there is one a month, so these are monthly bars", "as all tests and intervals count sessions"),
    "not_daily": ("too many for daily bars", 'or name another calendar: calendar = "CODE"'),
}


def calendar(prices: Prices, fill: str) -> list[Finding]:
    """Rows against the exchange's sessions: gaps, days without trading, copies; or another calendar altogether.

    Bars of weeks and months, and dates that clearly fit another exchange, have one cause, so they get one finding and
    no list of the days that follow from it.
    """
    expected = expected_sessions(prices)
    absent = expected[~_among(expected, np.sort(prices.sessions))]
    if len(absent) > NOT_DAILY * len(expected):
        typical = float(np.median(np.diff(np.unique(prices.sessions)).astype(int)))
        monthly = MONTH[0] <= typical <= MONTH[1]
        kind = "weekly_bars" if typical == WEEK else "monthly_bars" if monthly else "not_daily"
        what, why = SPARSE[kind]
        message = f"{{count}} of {len(expected)} sessions of {prices.calendar} have no row, {what}"
        return report("fatal", kind, prices, absent, message=message, mend=f"give daily bars, {why}")

    strange = _strange(prices)
    copied = strange & _repeats(prices) if strange.any() else strange
    undeclared = "remove them (naive has no error there), or declare a fill in the study: it leaves them out"
    found = report(
        "fatal" if fill == "none" else "doubt", "copied_rows", prices, on(prices, copied),
        mend=undeclared if fill == "none" else f'they are left out: fill = "{fill}"',
        message=f"{{count}} row{{s}} on days without trading ({prices.calendar}) copy the row before: {{dates}}",
    )  # fmt: skip

    other = better_fit(prices.calendar, np.unique(prices.sessions[~copied])) if len(absent) + strange.sum() else None
    if other is not None:
        theirs, ours = other
        days = np.union1d(absent, on(prices, strange & ~copied))
        code = theirs.code
        return found + report(
            "doubt", "other_calendar", prices, days,
            message=f"the dates fit {code} ({theirs.missing} sessions missing, {theirs.extra} too many), "
            f"not {prices.calendar} ({ours.missing} missing, {ours.extra} too many): {{dates}}",
            mend=f'name the calendar: calendar = "{code}"',
        )  # fmt: skip

    mended = "a return across the gap spans several sessions; complete the file, or declare a fill or another calendar"
    return [
        *found,
        *report(
            "doubt", "missing_sessions", prices, absent,
            message=f"{{count}} session{{s}} of {prices.calendar} {{has}} no row: {gaps(absent, expected)}",
            mend=mended if fill == "none" else f'they are filled: fill = "{fill}"',
        ),
        *report(
            "doubt", "extra_sessions", prices, on(prices, strange & ~copied),
            message=f"{{count}} row{{s}} on days that are not sessions of {prices.calendar}: {{dates}}",
            mend="check the dates and their time zone, or name the symbol's own calendar: " 'calendar = "CODE"',
        ),
    ]  # fmt: skip


def gaps(absent: Instants, expected: Instants) -> str:
    """Missing sessions as gaps, the longest first.

    Arguments: absent (n,) of the sessions expected, both ascending.

    >>> days = np.arange("2024-01-01", "2024-01-20", dtype="datetime64[D]")
    >>> gaps(days[[2, 5, 6, 7, 8]], days)
    'the longest gap is 4, 2024-01-06 to 2024-01-09; also 2024-01-03'
    """
    at = np.searchsorted(expected, absent)
    starts = np.flatnonzero(np.diff(at, prepend=-2) != 1)
    lengths = np.diff(starts, append=len(at))
    first = np.argsort(-lengths, kind="stable")[:NAMED]
    words = []
    for start, length in zip(starts[first], lengths[first], strict=True):
        words.append(str(absent[start]) + (f" to {absent[start + length - 1]}" if length > 1 else ""))
    left = len(absent) - int(lengths[first].sum())
    more = f" and {left} more" if left else ""
    if lengths.max(initial=0) < 2:
        return ", ".join(words) + more
    return f"the longest gap is {lengths.max()}, {words[0]}{'; also ' * (len(words) > 1)}{', '.join(words[1:])}{more}"


def unrecorded(prices: Prices, fill: str) -> list[Finding]:
    """Rows that no calendar can vouch for."""
    first, last = recorded(prices.calendar)
    return report(
        "note", "calendar_unknown", prices, on(prices, ~_recorded(prices)),
        message=f"{{count}} row{{s}} lie outside {first} to {last}, where {prices.calendar} is recorded: not checked",
        mend="nothing needs mending",
    )  # fmt: skip


def expected_sessions(prices: Prices) -> Instants:
    """(n,) the calendar's sessions from the first to the last row, where its holidays are recorded."""
    first, last = recorded(prices.calendar)
    start, end = max(prices.sessions.min(), first), min(prices.sessions.max(), last)
    return sessions_between(prices.calendar, start, end)


def _recorded(prices: Prices) -> Bools:
    first, last = recorded(prices.calendar)
    return (prices.sessions >= first) & (prices.sessions <= last)


def copies(prices: Prices) -> Bools:
    """(n,) rows on days without trading whose prices are all those of the row before, or all its close."""
    return _strange(prices) & _repeats(prices)


def _strange(prices: Prices) -> Bools:
    """Rows on days that are not sessions of the calendar, where it is recorded."""
    return ~_among(prices.sessions, expected_sessions(prices)) & _recorded(prices)


def _among(days: Instants, known: Instants) -> Bools:
    """(n,) whether each day is one of the known ones, which are ascending."""
    if not len(known):
        return np.zeros(len(days), bool)
    found: Bools = known[np.minimum(np.searchsorted(known, days), len(known) - 1)] == days
    return found


def _repeats(prices: Prices) -> Bools:
    bars = prices.bars[:, :VOLUME]
    same = np.zeros(len(bars), bool)
    before, now = bars[:-1], bars[1:]
    equal = (now == before) | np.isnan(now)
    flat = (now == before[:, [CLOSE]]) | np.isnan(now)
    same[1:] = (equal.all(axis=1) | flat.all(axis=1)) & np.isfinite(now[:, CLOSE])
    return same

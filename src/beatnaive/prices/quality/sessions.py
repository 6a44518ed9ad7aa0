"""Findings against the exchange's calendar: sessions missing, sessions too many, days copied forward."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import CLOSE, VOLUME, Bools, Finding, Instants, Prices
from beatnaive.prices.calendars import recorded, sessions_between
from beatnaive.prices.quality.findings import on, report

NOT_DAILY = 0.6  # share of sessions missing above which the file is weekly or monthly


def missing(prices: Prices, fill: str) -> list[Finding]:
    """Sessions of the exchange between the first and the last row that have no row."""
    expected = expected_sessions(prices)
    absent = expected[~_among(expected, np.sort(prices.sessions))]
    if len(absent) > NOT_DAILY * len(expected):
        message = f"{{count}} of {len(expected)} sessions of {prices.calendar} have no row: these are no daily bars"
        return report(
            "fatal", "not_daily", prices, absent, message=message, mend="give daily bars, or declare calendar"
        )
    mended = "a return across the gap spans several sessions; complete the file, or declare a fill or another calendar"
    return report(
        "doubt", "missing_sessions", prices, absent,
        message=f"{{count}} session{{s}} of {prices.calendar} {{has}} no row: {{dates}}",
        mend=mended if fill == "none" else f'they are filled: fill = "{fill}"',
    )  # fmt: skip


def extra(prices: Prices, fill: str) -> list[Finding]:
    """Rows on days without trading: copies of the row before, or bars of their own."""
    strange = _strange(prices)
    copied = strange & _repeats(prices)
    undeclared = "remove them (naive has no error there), or declare a fill in the study: it leaves them out"
    return [
        *report(
            "fatal" if fill == "none" else "doubt", "copied_rows", prices, on(prices, copied),
            mend=undeclared if fill == "none" else f'they are left out: fill = "{fill}"',
            message=f"{{count}} row{{s}} on days without trading ({prices.calendar}) copy the row before: {{dates}}",
        ),
        *report(
            "doubt", "extra_sessions", prices, on(prices, strange & ~copied),
            message=f"{{count}} row{{s}} on days that are no session of {prices.calendar}: {{dates}}",
            mend="check the dates and their time zone, or name the symbol's own calendar in a study: "
            'calendar = "24/7" under [source]',
        ),
    ]  # fmt: skip


def unrecorded(prices: Prices, fill: str) -> list[Finding]:
    """Rows that no calendar can vouch for."""
    first, last = recorded(prices.calendar)
    return report(
        "note", "calendar_unknown", prices, on(prices, ~_recorded(prices)),
        message=f"{{count}} row{{s}} lie outside {first} to {last}, where {prices.calendar} is recorded: not checked",
        mend="nothing needs mending",
    )  # fmt: skip


def expected_sessions(prices: Prices) -> Instants:
    """The calendar's sessions from the first to the last row, where its holidays are recorded."""
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
    """Rows on days that are no session of the calendar, where it is recorded."""
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

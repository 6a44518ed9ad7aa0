"""How a check reports: one finding per kind and symbol, with the dates, the count and the mend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import Bools, Finding, Instants, Prices, Severity

SHOWN = 20  # dates kept in a finding
NAMED = 3  # dates named in its message


def report(severity: Severity, kind: str, prices: Prices, dates: Instants, *, message: str, mend: str) -> list[Finding]:
    """A finding about these dates, or none when there are none. `message` may hold {count}, {dates}, {s}, {has}."""
    if not len(dates):
        return []
    many = len(dates) > 1
    words = {"s": "s" if many else "", "has": "have" if many else "has"}
    text = message.format(count=len(dates), dates=named(dates), **words)
    shown = tuple(str(date) for date in dates[:SHOWN])
    return [
        Finding(
            severity=severity, kind=kind, symbol=prices.symbol, message=text, mend=mend, count=len(dates), dates=shown
        )
    ]


def named(dates: Instants) -> str:
    """The first dates in words.

    >>> named(np.array(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], "datetime64[D]"))
    '2024-01-02, 2024-01-03, 2024-01-04 and 1 more'
    """
    first = ", ".join(str(date) for date in dates[:NAMED])
    return f"{first} and {len(dates) - NAMED} more" if len(dates) > NAMED else first


def on(prices: Prices, rows: Bools | NDArray[np.intp]) -> Instants:
    """The dates of these rows."""
    return prices.sessions[rows]


def tidy(prices: Prices) -> Prices:
    """The rows that have a close, in time order, the first of each date: what checks of moves look at."""
    sessions = prices.sessions
    usable = np.isfinite(prices.bars[:, 3]) & (prices.bars[:, 3] > 0)
    if usable.all() and (sessions[1:] > sessions[:-1]).all():
        return prices
    rows = np.flatnonzero(usable)
    _, first = np.unique(sessions[rows], return_index=True)
    return prices.take(rows[first])

"""Declared filling of gaps: missing sessions of the calendar, and rows without a close. Never by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import CLOSE, VOLUME, Bools, Finding, Floats, Prices
from beatnaive.prices.calendars import closes
from beatnaive.prices.quality.findings import on, report
from beatnaive.prices.quality.sessions import copies, expected_sessions

FILLS = ("none", "forward", "interpolate")


def fill_gaps(prices: Sequence[Prices], fill: str) -> tuple[Prices, ...]:
    """Prices with a row for every session of the calendar, marked `filled` where it was made up.

    "none" returns them as they are. "forward": open, high, low and close are the last close, the volume the last
    volume. "interpolate": every column on the straight line, by session, between its neighbours: this uses the future.
    Copies of the row before on days without trading are left out, and so is what precedes the first close; rows after
    the last close are filled forward; empty cells in a row that has a close stay empty.

    Raises UnknownName for another fill.
    """
    if fill not in FILLS:
        raise UnknownName("fill", fill, FILLS)
    return tuple(prices) if fill == "none" else tuple(_filled(each, fill) for each in prices)


def foresight(prices: Prices, fill: str) -> list[Finding]:
    """Interpolation looks ahead; it says so."""
    if fill != "interpolate":
        return []
    empty = on(prices, ~np.isfinite(prices.bars[:, CLOSE]))
    gaps = np.union1d(np.setdiff1d(expected_sessions(prices), prices.sessions), empty)
    return report(
        "doubt", "interpolated", prices, gaps, mend='fill = "forward" uses the past only',
        message="{count} row{s} are interpolated, which uses the future: {dates}",
    )  # fmt: skip


def _filled(prices: Prices, fill: str) -> Prices:
    prices = prices.take(~copies(prices))
    known = np.isfinite(prices.bars[:, CLOSE])
    if not known.any():
        raise InputError(f"{prices.symbol} has no close at all: there is nothing to fill from")
    days = np.union1d(prices.sessions, expected_sessions(prices))
    days = days[days >= prices.sessions[known].min()]

    # the same rows on these days; days without a row have no bars, dividends or splits
    kept = prices.sessions >= days[0]
    at = np.searchsorted(days, prices.sessions[kept])

    def spread(values: Floats, empty: float) -> Floats:
        result = np.full((len(days), *values.shape[1:]), empty)
        result[at] = values[kept]
        return result

    bars = spread(prices.bars, np.nan)
    gaps = ~np.isfinite(bars[:, CLOSE])
    bars[gaps] = (forward if fill == "forward" else interpolated)(bars, gaps)
    filled = gaps.copy()
    filled[at] |= prices.filled[kept]
    return replace(
        prices, sessions=days, closes_at=closes(prices.calendar, days), bars=bars,
        dividends=spread(prices.dividends, 0.0), splits=spread(prices.splits, 1.0), filled=filled,
        adjusted=None if prices.adjusted is None else spread(prices.adjusted, np.nan),
    )  # fmt: skip


def forward(bars: Floats, gaps: Bools) -> Floats:
    """(gaps, 5) the last close as every price, and the last volume; no column that the source lacks appears.

    >>> forward(np.array([[1.0, 2.0, 1.0, 1.5, 9.0], [np.nan] * 5]), np.array([False, True])).tolist()
    [[1.5, 1.5, 1.5, 1.5, 9.0]]
    """
    last = np.maximum.accumulate(np.where(gaps, 0, np.arange(len(gaps))))[gaps]
    values = np.repeat(bars[last, CLOSE][:, None], bars.shape[1], axis=1)
    values[:, VOLUME] = bars[last, VOLUME]
    values[:, ~np.isfinite(bars).any(axis=0)] = np.nan
    return values


def interpolated(bars: Floats, gaps: Bools) -> Floats:
    """(gaps, 5) every column on the line between its own neighbours; constant after the last. Uses the future."""
    rows = np.arange(len(bars))
    values = np.full(bars.shape, np.nan)
    for k in range(bars.shape[1]):
        known = np.isfinite(bars[:, k])
        if known.any():
            values[:, k] = np.interp(rows, rows[known], bars[known, k])
    return values[gaps]

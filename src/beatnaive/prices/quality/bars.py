"""Findings that a symbol's bars show by themselves: order, missing and impossible numbers, stale closes."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import BARS, CLOSE, HIGH, LOW, OPEN, VOLUME, Bools, Finding, Prices
from beatnaive.prices.quality.findings import on, report, tidy

ROUNDING = 1e-5  # relative; adjusted and 32-bit prices differ by less
STALE = 5  # equal closes in a row


def length(prices: Prices, fill: str) -> list[Finding]:
    """No return can be computed from fewer than two closes."""
    closes = int(np.isfinite(prices.bars[:, CLOSE]).sum())
    if closes >= 2:
        return []
    kind, what = ("no_close", "every close is missing") if not closes else ("too_short", "it has one close only")
    message = f"{what} ({len(prices)} row{'s' * (len(prices) != 1)}): no return can be computed"
    mend = "give more prices, or leave the symbol out"
    return report("fatal", kind, prices, prices.sessions[:1], message=message, mend=mend)


def duplicates(prices: Prices, fill: str) -> list[Finding]:
    """A session that occurs twice."""
    days = np.sort(prices.sessions)
    again = np.unique(days[1:][days[1:] == days[:-1]])
    return report(
        "fatal", "duplicates", prices, again, message="{count} session{s} {has} more than one row: {dates}",
        mend="keep one daily row per session in the file",
    )  # fmt: skip


def disorder(prices: Prices, fill: str) -> list[Finding]:
    """Sessions that come after a later one."""
    early = prices.sessions < np.maximum.accumulate(prices.sessions)
    return report(
        "fatal", "disorder", prices, on(prices, early), mend="sort the file by date",
        message="{count} row{s} {has} a later session before: {dates}",
    )  # fmt: skip


def missing_values(prices: Prices, fill: str) -> list[Finding]:
    """Closes, and cells of other columns, that are not numbers."""
    empty = ~np.isfinite(prices.bars)
    closes = on(prices, empty[:, CLOSE] & ~prices.filled)
    undeclared = 'remove the rows, or declare fill = "forward" in the study'
    found = report(
        "fatal" if fill == "none" else "doubt", "missing_values", prices, closes,
        message="{count} row{s} {has} no close: {dates}",
        mend=undeclared if fill == "none" else f'they are filled: fill = "{fill}"',
    )  # fmt: skip
    others = [BARS.index(name) for name in prices.columns if name != "Close"]
    partly = empty[:, others].any(axis=1) & ~empty[:, CLOSE]
    return found + report(
        "doubt", "missing_cells", prices, on(prices, partly),
        message="a price or the volume is missing in {count} row{s}: {dates}",
        mend="complete them in the file; features that need them are missing there",
    )  # fmt: skip


def non_positive(prices: Prices, fill: str) -> list[Finding]:
    """Prices of zero or less, and negative volume."""
    wrong = (prices.bars[:, :VOLUME] <= 0).any(axis=1) | (prices.bars[:, VOLUME] < 0)
    return report(
        "fatal", "non_positive", prices, on(prices, wrong),
        message="{count} row{s} {has} a price of zero or less, or a negative volume: {dates}",
        mend="correct the rows, or leave wrong cells empty",
    )  # fmt: skip


def ranges(prices: Prices, fill: str) -> list[Finding]:
    """High below low; open or close outside the bar."""
    open_, high, low, close = (prices.bars[:, k] for k in (OPEN, HIGH, LOW, CLOSE))
    crossed = high < low * (1 - ROUNDING)
    top, bottom = np.fmax(open_, close), np.fmin(open_, close)
    outside = ((top > high * (1 + ROUNDING)) | (bottom < low * (1 - ROUNDING))) & ~crossed
    return [
        *report(
            "fatal", "high_below_low", prices, on(prices, crossed),
            message="{count} bar{s} {has} a high below the low: {dates}",
            mend="correct the bars; the columns may be exchanged",
        ),
        *report(
            "doubt", "outside_bar", prices, on(prices, outside),
            message="{count} bar{s} {has} an open or close outside low to high: {dates}",
            mend="check the bars; features of the range are off there",
        ),
    ]  # fmt: skip


def stale(prices: Prices, fill: str) -> list[Finding]:
    """Closes that do not move for `STALE` sessions or more: naive has no error there."""
    prices = tidy(prices)
    close = prices.bars[:, CLOSE]
    if len(close) >= STALE and (close == close[0]).all():
        return report(
            "fatal", "constant", prices, prices.sessions, message="all {count} closes are the same",
            mend="check the source: there is nothing to forecast",
        )  # fmt: skip
    within = _runs(close[1:] == close[:-1], STALE - 1)
    return report(
        "doubt", "stale", prices, on(prices, 1 + np.flatnonzero(within)),
        message=f"{{count}} closes repeat the last one in runs of {STALE} or more: {{dates}}",
        mend="check the source: no trading, or rows copied forward; naive has no error there",
    )  # fmt: skip


def _runs(same: Bools, length: int) -> Bools:
    """Where `same` is true in runs of at least `length`.

    >>> _runs(np.array([True, True, False, True]), 2).tolist()
    [True, True, False, False]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    result = np.zeros(len(same), bool)
    for start, end in zip(starts, ends, strict=True):
        result[start:end] = end - start >= length
    return result


def zero_volume(prices: Prices, fill: str) -> list[Finding]:
    """Sessions on which nobody traded, or a column that says nothing."""
    volume = prices.bars[:, VOLUME]
    zero = (volume == 0) & ~prices.filled
    if zero.any() and not (volume > 0).any():
        message = "the volume is zero on all {count} rows: the source has none"
        return report("note", "no_volume", prices, on(prices, zero), message=message, mend="leave volume features out")
    return report(
        "doubt", "zero_volume", prices, on(prices, zero), message="{count} session{s} without any volume: {dates}",
        mend="check that the market was open; closes may be copied there",
    )  # fmt: skip

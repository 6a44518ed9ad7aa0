"""Findings about moves that no market makes: unit errors, unapplied splits, and jumps worth a look."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import CLOSE, VOLUME, Bools, Finding, Floats, Prices
from beatnaive.prices.quality.findings import on, report, tidy

JUMP = np.log(1.9)  # a daily log return beyond this is reported
UNITS = (100.0, 1000.0)  # pence and pounds, cents and dollars, thousandths
UNIT_SLACK = np.log(1.2)  # how far the market may have moved on the same day
SPLIT_SLACK = 0.12
SPLIT_NEAR = 5  # sessions around a declared split
SMALLEST_SPLIT = 0.2  # |log ratio|; below it (spin-offs, stock dividends) a day's move can be as large
LIKE = 0.08  # how far from a whole ratio a jump still looks like a split
ONE_BAR = np.log(50.0)  # highest over lowest price of one bar


def moves(prices: Prices, fill: str) -> list[Finding]:
    """Each large move gets the most specific of three kinds: unit error, unapplied split, jump."""
    prices = tidy(prices)
    if len(prices) < 2:
        return []
    r = np.concatenate([[0.0], np.diff(np.log(prices.bars[:, CLOSE]))])
    unit = _unit(r) | _mixed(prices)
    split = _split(prices, r) & ~unit
    jump = (np.abs(r) > JUMP) & ~unit & ~split
    return [
        *report(
            "fatal", "unit_error", prices, on(prices, unit), mend="multiply or divide the wrong rows by the factor",
            message="prices change by a factor of 100 or 1000, as between pence and pounds, {count} time{s}: {dates}",
        ),
        *report(
            "fatal", "unapplied_split", prices, on(prices, split), mend="adjust every row before the split, or none",
            message="the close jumps by the ratio of a split declared within a week, {count} time{s}: {dates}",
        ),
        *report(
            "doubt", "jump", prices, on(prices, jump),
            message=f"{{count}} close{{s}} moved by a factor of 1.9 or more{_like(r[jump])}: {{dates}}",
            mend="check for an unapplied split; a true move needs no mending",
        ),
    ]  # fmt: skip


def _unit(r: Floats) -> Bools:
    """Moves of a factor that only a change of unit makes."""
    distance = np.abs(np.abs(r)[:, None] - np.log(UNITS))
    near: Bools = (distance < UNIT_SLACK).any(axis=1)
    return near


def _mixed(prices: Prices) -> Bools:
    """Bars that mix two units."""
    bars = np.where(prices.bars[:, :VOLUME] > 0, prices.bars[:, :VOLUME], np.nan)
    mixed: Bools = np.log(np.fmax.reduce(bars, axis=1) / np.fmin.reduce(bars, axis=1)) > ONE_BAR
    return mixed


def _split(prices: Prices, r: Floats) -> Bools:
    """Moves by the ratio of a split that lies within `SPLIT_NEAR` sessions, up or down."""
    found = np.zeros(len(r), bool)
    for k in np.flatnonzero(np.abs(np.log(prices.splits)) > SMALLEST_SPLIT):
        around = slice(max(k - SPLIT_NEAR, 0), k + SPLIT_NEAR + 1)
        found[around] |= np.abs(np.abs(r[around]) - abs(np.log(prices.splits[k]))) < SPLIT_SLACK
    return found


def _like(r: Floats) -> str:
    """Which split a jump resembles.

    >>> _like(np.log([0.5, 3.01]))
    ' (as an unapplied split of 2:1, 1:3 would look)'
    """
    ratios = [np.exp(abs(x)) for x in r]
    splits = [
        f"{round(ratio)}:1" if x < 0 else f"1:{round(ratio)}"
        for ratio, x in zip(ratios, r, strict=True)
        if abs(ratio / round(ratio) - 1) < LIKE
    ]
    return f" (as an unapplied split of {', '.join(dict.fromkeys(splits))} would look)" if splits else ""

"""Findings about dividends: amounts that the price ignores, and adjusted closes that ignore the amounts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import CLOSE, Bools, Finding, Floats, Prices
from beatnaive.prices.quality.findings import on, report, tidy

IGNORED = 0.25  # share of a dividend by which the price must at least fall
LARGE = 0.05  # dividend / price from which a missing fall is no chance
NOTICED = 5e-4  # a difference of log returns beyond the rounding of published prices
UNLISTED = 1e-3


def amounts(prices: Prices, fill: str) -> list[Finding]:
    """Dividends so large that the price would have shown them, and did not."""
    prices = tidy(prices)
    if len(prices) < 2:
        return []
    rows, factors = ex_dates(prices)
    traded = np.log(prices.bars[rows, CLOSE] / prices.bars[rows - 1, CLOSE]) + np.log(factors)
    ignored = np.abs(traded) < IGNORED * -np.log(factors)
    found = ignored & (factors <= 1 - LARGE)
    largest = f"{100 * (1 - factors[found].min(initial=1.0)):.0f}"
    return report(
        "doubt", "bad_dividend", prices, on(prices, rows[found]),
        message=f"the price did not fall with {{count}} dividend{{s}} of up to {largest} % of it: {{dates}}",
        mend="check the amount, often 100 times too large (pence for pounds): the day shows a false gain of that size",
    )  # fmt: skip


def ex_dates(prices: Prices) -> tuple[NDArray[np.intp], Floats]:
    """The rows of applied ex-dates (not the first row) and their factors 1 - dividend / previous close.

    The previous close as traded follows from the adjusted one: with F the product of the later factors and S of the
    later splits, c = (p - d) F / S. So the last ex-date comes first.
    """
    rows = np.flatnonzero((prices.dividends > 0) & _applied(prices))
    rows = rows[rows > 0]
    share = np.cumprod(np.append(1.0, prices.splits[::-1]))[::-1][1:]
    factors, product = np.ones(len(rows)), 1.0
    for k in range(len(rows) - 1, -1, -1):
        net = prices.bars[rows[k] - 1, CLOSE] / product
        factors[k] = net / (net + prices.dividends[rows[k]] / share[rows[k]])
        product *= factors[k]
    return rows, factors


def _applied(prices: Prices) -> Bools:
    """Rows whose dividends and splits are in the prices."""
    return prices.sessions <= (prices.sessions[-1] if prices.as_of is None else prices.as_of)


def adjusted_close(prices: Prices, fill: str) -> list[Finding]:
    """The source's adjusted close against ours, which applies the listed dividends and splits."""
    prices = tidy(prices)
    if prices.adjusted is None or len(prices) < 2:
        return []
    ratio = np.where(prices.adjusted > 0, prices.adjusted, np.nan) / prices.bars[:, CLOSE]
    gap = np.abs(np.diff(np.log(ratio), prepend=np.log(ratio[:1])))
    known = _applied(prices)
    if not (prices.dividends > 0).any():
        return report(
            "doubt", "no_dividends", prices, on(prices, (gap > UNLISTED) & known),
            message="no dividends are listed, but the adjusted close implies {count}: {dates}",
            mend="add a Dividends column; ex-dates look like falls until then",
        )  # fmt: skip
    rows, factors = ex_dates(prices)
    paid = -np.log(factors)
    apart = gap[rows] > np.maximum(NOTICED, 0.5 * paid)
    ignored = apart & (np.abs(gap[rows] - paid) < 0.5 * paid)
    other = (gap > UNLISTED) & known & (prices.splits == 1)
    other[rows] = False
    return [
        *report(
            "doubt", "unadjusted_dividend", prices, on(prices, rows[ignored]), mend="nothing to mend: ours applies it",
            message="the source's adjusted close ignores {count} listed dividend{s}: {dates}",
        ),
        *report(
            "doubt", "disputed_dividend", prices, on(prices, rows[apart & ~ignored]),
            message="the source's adjusted close implies another amount for {count} listed dividend{s}: {dates}",
            mend="check the amount and its currency (pence or pounds?): ours applies what is listed",
        ),
        *report(
            "doubt", "unlisted_dividend", prices, on(prices, other), mend="add the dividends or check the closes",
            message="the source's adjusted close leaves ours without a listed dividend {count} time{s}: {dates}",
        ),
    ]  # fmt: skip

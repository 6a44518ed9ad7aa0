"""Point-in-time adjustment: prices as traded, and what they looked like on a date.

Yahoo's "raw" prices are already divided by every split up to the day of the download; `unsplit` restores what was
traded. `as_of` then applies the splits and dividends whose ex-date is on or before a date, and no later one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import CLOSE, VOLUME, Floats, Instants, Prices


def unsplit(sessions: Instants, bars: Floats, dividends: Floats, splits: Floats) -> tuple[Floats, Floats]:
    """Bars and dividends as traded, from split-adjusted ones: price x S, volume / S, dividend x S.

    S_t is the product of the splits (new shares per old) with an ex-date after t. Where no split follows, every
    number stays as it is, bit for bit.

    Arguments: sessions (n,) dates in any order; bars (n, 5); dividends (n,); splits (n,), 1 = none.
    Returns new bars and dividends of the same shapes.

    >>> days = np.array(["2020-08-28", "2020-08-31"], "datetime64[D]")
    >>> bars = np.array([[125.0] * 4 + [400.0], [129.0] * 4 + [225.0]])
    >>> unsplit(days, bars, np.zeros(2), np.array([1.0, 4.0]))[0][:, 3:].tolist()
    [[500.0, 100.0], [129.0, 225.0]]
    """
    later = later_product(sessions, splits)
    bars = bars * later[:, None]
    bars[:, VOLUME] /= later**2
    return bars, dividends * later


def as_of(prices: Prices, date: np.datetime64) -> Prices:
    """Prices as a chart of that date shows them: splits and dividends with an ex-date up to `date` are applied.

    adjusted_t = traded_t / S_t x F_t and volume_t x S_t, where S_t is the product of the splits and F_t that of
    1 - dividend / (previous close / split) over all ex-dates after t and up to `date`.
    Arguments: prices as traded (their own `as_of` is None). Returns new prices with `as_of` = date.
    Raises DataRefused for a dividend that is not smaller than the close before it.
    Reference: CRSP Calculations, "Adjusting prices for distributions"; Yahoo adjusts by the same factors.

    >>> from beatnaive.prices import Source, load
    >>> traded, = load(Source("synthetic"), traded=True)
    >>> paid = replace(traded, dividends=np.where(traded.sessions == traded.sessions[1], 1.0, 0.0))
    >>> now = as_of(paid, traded.sessions[-1])
    >>> float(traded.bars[0, CLOSE] - now.bars[0, CLOSE])
    1.0
    """
    if prices.as_of is not None:
        raise ValueError(f"{prices.symbol} is already adjusted as of {prices.as_of}")
    known = prices.sessions <= date
    splits = np.where(known, prices.splits, 1.0)
    share = later_product(prices.sessions, splits)
    factor = later_product(prices.sessions, np.where(known, dividend_factors(prices), 1.0))
    bars = prices.bars.copy()
    bars[:, :VOLUME] *= (factor / share)[:, None]
    bars[:, VOLUME] *= share
    return replace(prices, bars=bars, as_of=date)


def dividend_factors(prices: Prices) -> Floats:
    """(n,) 1 - dividend / (previous close / split) on ex-dates, 1 elsewhere; what a holder keeps in shares.

    Arguments: prices as traded, rows in any order; the previous close is the last one that is a number.
    Raises DataRefused for a dividend that is not smaller than the close before it: its factor would be negative.
    """
    factors = np.ones(len(prices))
    order = np.argsort(prices.sessions, kind="stable")
    close = prices.bars[order, CLOSE]
    last = np.maximum.accumulate(np.where(np.isfinite(close), np.arange(len(close)), 0))
    for k in np.flatnonzero(prices.dividends[order] > 0):
        before = close[last[k - 1]] / prices.splits[order[k]] if k else np.nan
        if prices.dividends[order[k]] >= before > 0:
            what = f"the dividend of {prices.dividends[order[k]]:g} on {prices.sessions[order[k]]}"
            raise DataRefused(
                f"{prices.symbol}: {what} is not smaller than the close before it, {before:g}: correct it; "
                "it is often 100 times too large"
            )
        if before > 0:
            factors[order[k]] = 1 - prices.dividends[order[k]] / before
    return factors


def later_product(sessions: Instants, ratios: Floats) -> Floats:
    """(n,) the product of the ratios of all later sessions, multiplied oldest first.

    >>> later_product(np.array(["2024-01-02", "2024-01-03", "2024-01-04"], "datetime64[D]"), np.array([1.0, 2.0, 3.0]))
    array([6., 3., 1.])
    """
    later = np.ones(len(ratios))
    if (ratios == 1).all():
        return later
    order = np.argsort(sessions, kind="stable")
    for k in np.flatnonzero(ratios[order] != 1):
        later[order[:k]] *= ratios[order[k]]
    return later

"""Placebo: would the same contest find an edge in a market that has none?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatnaive.core.phrases import p_text
from beatnaive.core.types import CLOSE, HIGH, LOW, Evidence, Losses, Prices
from beatnaive.judging.significance.contest import contest


def flip(prices: Sequence[Prices], rng: np.random.Generator) -> tuple[Prices, ...]:
    """A world without direction: every session's log return keeps its size and takes a random sign.

    With s = +1 or -1 for a date, the same for all symbols: log P'_t = log C'_(t-1) + s (log P_t - log C_(t-1)) for
    open, high, low and close C, high and low changing places where s = -1. Volume, volatility and the dependence
    between symbols stay; any predictable direction is gone. The first bar stays as it is.

    prices: one symbol each; rng decides the signs. Returns as many Prices.
    """
    dates = np.unique(np.concatenate([one.sessions for one in prices]))
    signs = rng.choice(np.array([-1.0, 1.0]), len(dates))
    return tuple(_flip(one, signs[np.searchsorted(dates, one.sessions)]) for one in prices)


def _flip(prices: Prices, sign: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Prices:
    levels = np.log(np.where(prices.bars[:, : CLOSE + 1] > 0, prices.bars[:, : CLOSE + 1], np.nan))
    close = levels[:, CLOSE]
    known = np.isfinite(close)
    if not known.any():
        return prices
    last = np.maximum.accumulate(np.where(known, np.arange(len(close)), -1))
    before = np.concatenate([[-1], last[:-1]])
    reference = np.where(before >= 0, close[before], close[known][0])
    sign = np.where(before >= 0, sign, 1.0)
    moved = np.where(known, sign * (close - reference), 0.0)
    path = close[known][0] + moved.cumsum()  # the new close of every session, carried over gaps
    start = np.where(before >= 0, path[before], close[known][0])
    bars = prices.bars.copy()
    bars[:, : CLOSE + 1] = np.exp(start[:, None] + sign[:, None] * (levels - reference[:, None]))
    down = sign < 0
    bars[down, HIGH], bars[down, LOW] = bars[down, LOW], bars[down, HIGH]
    return replace(prices, bars=bars, dividends=prices.dividends.copy(), splits=prices.splits.copy())


def largest_gain(losses: Losses) -> float:
    """The contest's largest studentised gain: max over models of the t that rules, against the hardest benchmark.

    -inf where nothing varies.
    """
    test = contest(losses).field.test_of_hardest()
    return float(np.where(test.error > 0, test.t, -np.inf).max())


def placebo(own: float, worlds: Sequence[float]) -> Evidence:
    """How often does the same contest gain as much in worlds without direction?

    p = (1 + worlds whose largest studentised gain is at least ours) / (worlds + 1). own and worlds: `largest_gain`s.

    >>> placebo(2.0, [0.5, 1.0, 2.5]).p_value
    0.5
    """
    reached = sum(world >= own for world in worlds)
    p = (1 + reached) / (len(worlds) + 1)
    words = (
        f"In {reached} of {len(worlds)} worlds with the signs of the returns drawn at random, the same contest gained "
        f"at least as much over naive as here ({p_text(p)})."
    )
    null = "the returns have no predictable direction"
    return Evidence(
        test="placebo",
        model="*",
        null=null,
        statistic=own,
        p_value=p,
        n=len(worlds),
        words=words,
        details={"worlds": list(worlds)},
    )

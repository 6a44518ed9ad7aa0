"""Break-even: the cost at which nothing is left, and how well the sample knows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.judging.significance.cosines import cosine_count, cosines
from beatnaive.judging.significance.tails import t_point


@dataclass(frozen=True)
class BreakEven:
    """cost in basis points of what is traded; low, high: its 90 % interval, None = no end.

    cost is None without turnover, that of the first session apart: buying once and holding is no trading.
    """

    cost: float | None
    low: float | None
    high: float | None


def break_even(gross: Floats, turnover: Floats) -> BreakEven:
    """The cost c at which gross - c turnover has mean zero, with the costs that the rule's t cannot tell from it.

    gross, turnover (n,): a strategy's, or its difference from a rival's. c = mean gross / mean turnover; the interval
    holds every c at which |t| of gross - c turnover is at most t(0.95, B), with cosine errors (Fieller 1954). Where
    the turnover itself is not clearly above zero, an end is missing. A negative c: it loses without any cost.

    >>> t = np.arange(400)
    >>> found = break_even(0.0004 + 0.01 * (-1.0) ** t, np.ones(400))
    >>> round(found.cost, 6), bool(found.low < found.cost < found.high)
    (4.0, True)
    """
    g, u = float(gross.mean()), float(turnover.mean())
    if not u > 1e-12 or not np.abs(turnover[1:]).max(initial=0.0) > 1e-12:
        return BreakEven(None, None, None)
    n = len(gross)
    both = np.stack([gross - g, turnover - u], axis=1)
    count = cosine_count(n)
    products = cosines(n, count) @ both
    (vgg, vgu), (_, vuu) = products.T @ products / count / n
    square = t_point(0.05, count) ** 2
    a, b, c = u**2 - square * vuu, g * u - square * vgu, g**2 - square * vgg
    root = b**2 - a * c
    if not (a > 0 and root >= 0):
        return BreakEven(1e4 * g / u, None, None)
    low, high = ((b + side * math.sqrt(root)) / a for side in (-1, 1))
    return BreakEven(1e4 * g / u, float(1e4 * low), float(1e4 * high))

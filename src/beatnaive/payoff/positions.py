"""Positions from forecasts: what a rule wants, kept where nothing can be traded, in overlapping tranches."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.payoff.book import Book, carried
from beatnaive.payoff.rules import RULES, Terms


def positions(book: Book, model: str, rule: str, terms: Terms) -> Floats:
    """(T, S) parts of wealth wanted from each origin's close on; 0 before a symbol's first forecast.

    For a horizon h wealth lies in h tranches, and one of them is set anew at each origin. Where there is no forecast,
    or the bar was not traded, the last wish stands.
    """
    h, forecast = book.horizon, book.forecast[model]
    with np.errstate(invalid="ignore"):
        wanted = RULES[rule](forecast, h * book.variance, terms)
    usable = np.isfinite(forecast) & book.tradable[:-1] & np.isfinite(wanted)
    wanted = carried(np.where(usable, wanted, np.nan))
    wanted = np.where(book.present & np.isfinite(wanted), wanted, 0.0)
    return np.where(book.present, tranches(wanted, h), 0.0)


def tranches(wanted: Floats, horizon: int) -> Floats:
    """(T, S) the mean of the last `horizon` wishes, those before the first forecast being cash.

    >>> tranches(np.array([[1.0], [1.0], [0.0]]), 2).ravel().tolist()
    [0.5, 1.0, 0.5]
    """
    if horizon == 1:
        return wanted
    sums = np.vstack([np.zeros((1, wanted.shape[1])), wanted.cumsum(0)])
    first = np.maximum(np.arange(1, len(sums)) - horizon, 0)
    return np.asarray((sums[1:] - sums[first]) / horizon)

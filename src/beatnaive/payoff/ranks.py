"""Does a forecast put the right stocks first? Rank correlations, session by session."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Bools, Floats
from beatnaive.payoff.book import Book

FEWEST = 10
"""Symbols without which a session has no cross-section."""


def ranks(x: Floats) -> Floats:
    """(T, S) ranks within each row from 1, ties their mean rank, NaN where there is nothing to rank.

    >>> ranks(np.array([[3.0, 1.0, 3.0, np.nan]])).tolist()
    [[2.5, 1.0, 2.5, nan]]
    """
    order = np.argsort(x, axis=1, kind="stable")
    ordered = np.take_along_axis(x, order, axis=1)
    edge, place = ordered[:, 1:] != ordered[:, :-1], np.arange(x.shape[1])
    first = np.ones(x.shape, bool)
    last = first.copy()
    first[:, 1:], last[:, :-1] = edge, edge
    start = np.maximum.accumulate(np.where(first, place, 0), axis=1)
    end = np.minimum.accumulate(np.where(last, place, x.shape[1])[:, ::-1], axis=1)[:, ::-1]
    found = np.empty(x.shape)
    np.put_along_axis(found, order, (start + end) / 2 + 1, axis=1)
    return np.where(np.isfinite(x), found, np.nan)


def rank_correlation(forecast: Floats, outcome: Floats) -> Floats:
    """(T,) Spearman's correlation within each row, over the symbols that have both (T, S).

    NaN for a row of fewer than ten symbols, or in which all forecasts, or all outcomes, are equal.

    >>> x = np.arange(12.0)[None]
    >>> rank_correlation(x, x**3).tolist(), rank_correlation(x, -x).tolist()
    ([1.0], [-1.0])
    """
    both = np.isfinite(forecast) & np.isfinite(outcome)
    a, b = (_centred(ranks(np.where(both, one, np.nan)), both) for one in (forecast, outcome))
    below = np.sqrt((a**2).sum(1) * (b**2).sum(1))
    enough = (both.sum(1) >= FEWEST) & (below > 0)
    return np.asarray(np.divide((a * b).sum(1), below, out=np.full(len(a), np.nan), where=enough))


def _centred(x: Floats, known: Bools) -> Floats:
    mean = np.nan_to_num(x).sum(1, keepdims=True) / np.maximum(known.sum(1, keepdims=True), 1)
    return np.where(known, x - mean, 0.0)


def outcomes(book: Book, horizon: int) -> Floats:
    """(T, S) log returns from each origin over `horizon` sessions; NaN past the last session and where none trades."""
    found = np.full(book.present.shape, np.nan)
    span = len(book.close) - horizon
    if span > 0:
        n = min(span, len(found))
        found[:n] = np.log(book.close[horizon : horizon + n] / book.close[:n])
        found[:n][~(book.tradable[:n] & book.tradable[horizon : horizon + n])] = np.nan
    return np.where(book.present, found, np.nan)

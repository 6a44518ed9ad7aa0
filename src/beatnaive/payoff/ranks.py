"""Does a forecast put the right stocks first? Rank correlations, session by session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
    order = np.argsort(x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    found = np.empty(x.shape)
    np.put_along_axis(found, order, np.arange(1.0, x.shape[1] + 1)[None], axis=1)
    tied = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(1))
    if len(tied):
        place = np.empty((len(tied), x.shape[1]))
        np.put_along_axis(place, order[tied], _shared(ordered[tied]), axis=1)
        found[tied] = place
    return np.where(np.isfinite(x), found, np.nan)


def _shared(ordered: Floats) -> Floats:
    """(T, S) the mean rank of each run of equal values in rows that ascend."""
    edge, place = ordered[:, 1:] != ordered[:, :-1], np.arange(ordered.shape[1])
    first = np.ones(ordered.shape, bool)
    last = first.copy()
    first[:, 1:], last[:, :-1] = edge, edge
    start = np.maximum.accumulate(np.where(first, place, 0), axis=1)
    end = np.minimum.accumulate(np.where(last, place, ordered.shape[1])[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((start + end) / 2 + 1)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Values (T, S) that were ranked once, NaN what is left out, and their ranks: so that they need not be again."""

    value: Floats
    rank: Floats

    @classmethod
    def of(cls, value: Floats) -> Ranked:
        """Rank them within each row."""
        return cls(value, ranks(value))

    def centred(self, known: Bools) -> Floats:
        """(T, S) ranks among the known ones less their mean, 0 elsewhere; `known` has no value that is left out here.

        Only rows that lose a value are ranked again.
        """
        again = np.flatnonzero((known != np.isfinite(self.value)).any(1))
        if not len(again):
            return self._centred
        found = self._centred.copy()
        found[again] = _less_mean(ranks(np.where(known[again], self.value[again], np.nan)), known[again])
        return found

    @cached_property
    def _centred(self) -> Floats:
        return _less_mean(self.rank, np.isfinite(self.value))


def _less_mean(rank: Floats, known: Bools) -> Floats:
    found = np.where(known, rank, 0.0)
    found -= found.sum(1, keepdims=True) / np.maximum(known.sum(1, keepdims=True), 1)
    found *= known
    return found


def rank_correlation(forecast: Ranked, outcome: Ranked) -> Floats:
    """(T,) Spearman's correlation within each row, over the symbols that have both (T, S).

    NaN for a row of fewer than ten symbols, or in which all forecasts, or all outcomes, are equal.

    >>> x = np.arange(12.0)[None]
    >>> rank_correlation(Ranked.of(x), Ranked.of(x**3)), rank_correlation(Ranked.of(x), Ranked.of(-x))
    (array([1.]), array([-1.]))
    """
    both = np.isfinite(forecast.value) & np.isfinite(outcome.value)
    a, b = forecast.centred(both), outcome.centred(both)
    below = np.sqrt(np.einsum("ts,ts->t", a, a) * np.einsum("ts,ts->t", b, b))
    enough = (both.sum(1) >= FEWEST) & (below > 0)
    above = np.einsum("ts,ts->t", a, b)
    return np.asarray(np.divide(above, below, out=np.full(len(a), np.nan), where=enough))


def outcomes(book: Book, horizon: int) -> Floats:
    """(T, S) log returns from each origin over `horizon` sessions; NaN past the last session and where none trades."""
    found = np.full(book.present.shape, np.nan)
    span = len(book.close) - horizon
    if span > 0:
        n = min(span, len(found))
        found[:n] = np.log(book.close[horizon : horizon + n] / book.close[:n])
        found[:n][~(book.tradable[:n] & book.tradable[horizon : horizon + n])] = np.nan
    return np.where(book.present, found, np.nan)

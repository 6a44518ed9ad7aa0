"""Portfolios by rank: fifths and the top few, with what they trade, against equal weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Bools, Floats, Ints
from beatnaive.payoff.accounts import Account
from beatnaive.payoff.fills import Moves
from beatnaive.payoff.positions import tranches
from beatnaive.payoff.ranks import FEWEST, Ranked

BLOCK = 64
"""Sessions that are reckoned at a time."""


@dataclass(frozen=True, eq=False)
class Portfolios:
    """quantiles, lowest forecasts first, and the top few: an account each."""

    quantiles: tuple[Account, ...]
    top: Account


def portfolio(moves: Moves, weight: Floats) -> Account:
    """An account of weights (T, S) set at each origin, sum 1 or 0, in excess of cash; the rest earns cash.

    What is traded is sum |w_t - v_t|, v the weights that prices made of the last ones; at the open the old weights are
    held overnight. Sessions are gone through in blocks that stay in a core's cache.
    """
    gross, turnover = np.empty(len(weight)), np.empty(len(weight))
    last, grown = np.zeros(weight.shape[1]), 1.0
    for first in range(0, len(weight), BLOCK):
        rows = slice(first, first + BLOCK)
        own, day = weight[rows], moves.day[rows]
        # the weights as prices left them, a row later: of the block before this one first
        kept = own * (1 + day)
        total = 1 + np.einsum("ts,ts->t", own, day)
        old = np.vstack([last / grown, kept[:-1] / total[:-1, None]])
        last, grown, rise = kept[-1], total[-1], 0.0
        if moves.night is not None:
            rise = np.einsum("ts,ts->t", old, moves.night[rows])
            old = old * (1 + moves.night[rows]) / (1 + rise)[:, None]
        turnover[rows] = np.abs(own - old).sum(1)
        gross[rows] = (1 + rise) * total - 1 - own.sum(1) * moves.interest
    return Account(gross=gross, turnover=turnover, exposure=float(weight.sum(1).mean()))


def equal(chosen: Bools) -> Floats:
    """(T, S) equal weights on the chosen ones, zero in a row without any."""
    return np.asarray(chosen / np.maximum(chosen.sum(1, keepdims=True), 1))


def by_rank(moves: Moves, ranked: Ranked, *, count: int, top: int, horizon: int = 1) -> Portfolios:
    """Quantile portfolios and the `top` symbols of ranked forecasts, equally weighted, in h tranches.

    A session that cannot be ranked (fewer than ten symbols, or all forecasts equal) keeps the last weights.
    """
    known = np.isfinite(ranked.value)
    size = known.sum(1)
    rankable = (size >= FEWEST) & (np.where(known, ranked.rank, 0).max(1) > (size + 1) / 2)
    source = np.maximum.accumulate(np.where(rankable, np.arange(len(size)), -1))
    place = _in_order(ranked.rank)[source]
    size, known = size[source, None], known[source] & (source >= 0)[:, None]
    bin_of = np.where(known, place * count // np.maximum(size, 1), -1)
    made = [
        portfolio(moves, tranches(equal(chosen), horizon))
        for chosen in (*(bin_of == k for k in range(count)), known & (place >= size - top))
    ]
    return Portfolios(tuple(made[:-1]), made[-1])


def _in_order(rank: Floats) -> Ints:
    """(T, S) places from 0, ties broken by the order of the symbols, so that every portfolio has its size."""
    place = np.where(np.isfinite(rank), rank, rank.shape[1]).astype(np.int64) - 1
    ordered = np.sort(rank, axis=1)
    tied = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(1))
    if len(tied):
        inside = np.where(np.isfinite(rank[tied]), rank[tied], np.inf)
        place[tied] = np.argsort(np.argsort(inside, axis=1, kind="stable"), axis=1)
    return place

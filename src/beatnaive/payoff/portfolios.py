"""Portfolios by rank: fifths and the top few, with what they trade, against equal weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Bools, Floats
from beatnaive.payoff.accounts import Account
from beatnaive.payoff.book import Book, carried
from beatnaive.payoff.positions import tranches
from beatnaive.payoff.ranks import FEWEST, ranks


@dataclass(frozen=True, eq=False)
class Portfolios:
    """quantiles, lowest forecasts first, and the top few: an account each."""

    quantiles: tuple[Account, ...]
    top: Account


def portfolio(book: Book, weight: Floats, fill: str = "close", *, cash: float = 0.0) -> Account:
    """An account of weights (T, S) set at each origin, sum 1 or 0, in excess of cash; the rest earns cash.

    What is traded is sum |w_t - v_t|, v the weights that prices made of the last ones; at the open the old weights are
    held overnight.
    """
    before, after, tradable = book.close[:-1], book.close[1:], book.tradable[1:]
    opened = np.where(tradable & np.isfinite(book.open[1:]), book.open[1:], before) if fill == "open" else before
    night, day = np.nan_to_num(opened / before - 1), np.nan_to_num(after / opened - 1)
    grown = weight * (1 + day)
    old = np.vstack([np.zeros((1, weight.shape[1])), grown[:-1] / (1 + (weight * day).sum(1))[:-1, None]])
    rise = (old * night).sum(1)
    turnover = np.abs(weight - old * (1 + night) / (1 + rise)[:, None]).sum(1)
    gross = (1 + rise) * (1 + (weight * day).sum(1)) - 1 - weight.sum(1) * cash / book.yearly
    return Account(gross=gross, turnover=turnover, exposure=float(weight.sum(1).mean()))


def equal(chosen: Bools) -> Floats:
    """(T, S) equal weights on the chosen ones, zero in a row without any."""
    return np.asarray(chosen / np.maximum(chosen.sum(1, keepdims=True), 1))


def by_rank(book: Book, model: str, *, count: int, top: int, fill: str, cash: float) -> Portfolios:
    """Quantile portfolios and the `top` symbols of a model's forecasts, equally weighted, in h tranches.

    A session that cannot be ranked (fewer than ten symbols, or all forecasts equal) keeps the last weights.
    """
    forecast = np.where(book.present & book.tradable[:-1], book.forecast[model], np.nan)
    place, size = ranks(forecast), np.isfinite(forecast).sum(1, keepdims=True)
    spread = np.nan_to_num(np.nanmax(place, axis=1, initial=0) - np.nanmin(place, axis=1, initial=np.inf))
    ranked = (size[:, 0] >= FEWEST) & (spread > 0)
    # ties are broken by the order of the symbols, so that every portfolio has its size
    jitter = np.argsort(np.argsort(np.where(np.isfinite(place), place, np.inf), axis=1, kind="stable"), axis=1)
    bin_of = np.where(np.isfinite(place), (jitter * count) // np.maximum(size, 1), -1)
    made = []
    for chosen in (*(bin_of == k for k in range(count)), np.isfinite(place) & (jitter >= size - top)):
        weight = carried(np.where(ranked[:, None], equal(chosen), np.nan))
        made.append(portfolio(book, tranches(np.nan_to_num(weight), book.horizon), fill, cash=cash))
    return Portfolios(tuple(made[:-1]), made[-1])

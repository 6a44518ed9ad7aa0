"""What positions earn and how much is traded for it, filled at the origin's close or at the next open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.payoff.book import Book


@dataclass(frozen=True, eq=False)
class Held:
    """gross (T, S): return in excess of cash of the session after each origin; turnover (T, S): what was traded for it.

    Both in parts of the wealth before the trade.
    """

    gross: Floats
    turnover: Floats


def held(book: Book, position: Floats, fill: str = "close", *, cash: float = 0.0) -> Held:
    """Positions (T, S), set by what is known at each origin's close, held to the next one.

    close: traded at the origin's close C_t. gross = w_t (C_{t+1} / C_t - 1 - i); what is traded is |w_t - v_t|, v_t
    being what prices made of the last position: v_{t+1} = w_t (1 + R) / (1 + w_t R). open: the old position v_t is
    held overnight and traded for w_t at O_{t+1}; a session without an open is not traded at, and the close stands in.
    i: cash a session. The first row buys, nothing is sold at the end. No return before the origin's close enters.
    """
    interest = cash / book.yearly
    before, after = book.close[:-1], book.close[1:]
    if fill == "close":
        move = np.nan_to_num(after / before - 1)
        drifted = _drift(position, move)
        return Held(position * (move - interest), np.abs(position - _later(drifted)))
    opened = np.where(book.tradable[1:] & np.isfinite(book.open[1:]), book.open[1:], before)
    night, day = np.nan_to_num(opened / before - 1), np.nan_to_num(after / opened - 1)
    old = _later(_drift(position, day))
    at_open = _drift(old, night)
    gross = (1 + old * night) * (1 + position * day) - 1 - position * interest
    return Held(gross, np.abs(position - at_open))


def _drift(position: Floats, move: Floats) -> Floats:
    """What a price move makes of a part of wealth: w (1 + R) / (1 + w R)."""
    growth = 1 + position * move
    return np.asarray(np.divide(position * (1 + move), growth, out=np.zeros_like(position), where=growth > 0))


def _later(values: Floats) -> Floats:
    """One session later: nothing is held before the first."""
    return np.vstack([np.zeros((1, values.shape[1])), values[:-1]])

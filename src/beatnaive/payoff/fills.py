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


@dataclass(frozen=True, eq=False)
class Moves:
    """day (T, S): return of the session after each origin, from its fill on; night (T, S): from the origin's close to a
    fill at the open, None for a fill at the close. interest: on cash, a session."""

    day: Floats
    night: Floats | None
    interest: float

    @classmethod
    def of(cls, book: Book, fill: str = "close", *, cash: float = 0.0) -> Moves:
        """The same for all portfolios of a book; a session without an open is not filled at: the close stands in."""
        before, after, interest = book.close[:-1], book.close[1:], cash / book.yearly
        if fill == "close":
            return cls(np.nan_to_num(after / before - 1), None, interest)
        opened = np.where(book.tradable[1:] & np.isfinite(book.open[1:]), book.open[1:], before)
        return cls(np.nan_to_num(after / opened - 1), np.nan_to_num(opened / before - 1), interest)


def held(moves: Moves, position: Floats) -> Held:
    """Positions (T, S), set by what is known at each origin's close, held to the next one.

    close: traded at the origin's close C_t. gross = w_t (C_{t+1} / C_t - 1 - i); what is traded is |w_t - v_t|, v_t
    being what prices made of the last position: v_{t+1} = w_t (1 + R) / (1 + w_t R). open: the old position v_t is
    held overnight and traded for w_t at O_{t+1}; a session without an open is not traded at, and the close stands in.
    i: cash a session. The first row buys, nothing is sold at the end. No return before the origin's close enters.
    """
    old = _later(_drift(position, moves.day))
    if moves.night is None:
        return Held(position * (moves.day - moves.interest), np.abs(position - old))
    gross = (1 + old * moves.night) * (1 + position * moves.day) - 1 - position * moves.interest
    return Held(gross, np.abs(position - _drift(old, moves.night)))


def _drift(position: Floats, move: Floats) -> Floats:
    """What a price move makes of a part of wealth: w (1 + R) / (1 + w R)."""
    growth, grown = 1 + position * move, position * (1 + move)
    if growth.min(initial=1.0) > 0:
        return np.asarray(grown / growth)
    return np.asarray(np.divide(grown, growth, out=np.zeros_like(position), where=growth > 0))


def _later(values: Floats) -> Floats:
    """One session later: nothing is held before the first."""
    return np.vstack([np.zeros((1, values.shape[1])), values[:-1]])

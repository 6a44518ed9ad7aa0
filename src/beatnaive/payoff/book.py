"""Prices and forecasts on one grid of sessions and symbols: what every rule, fill and cost is reckoned on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.types import Bools, Floats, Instants

DECAY = 0.94
"""Of the variance that the rule `scaled` divides by, as in the scaled loss."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Tape:
    """Bars, a row per symbol and session: all that positions are valued at.

    symbols names; symbol (k,) codes; session (k,) dates; open, close (k,) currency, NaN where there is none; variance
    (k,) of the daily log return known at the close, NaN = to be computed from these closes; filled (k,) rows that
    nobody could trade at; yearly: sessions a year of the calendar.
    """

    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    session: Instants
    open: Floats
    close: Floats
    variance: Floats
    filled: Bools
    yearly: float

    def of(self, symbols: tuple[str, ...], code: NDArray[np.int32]) -> Tape:
        """The bars of some symbols under codes of their own (k,), -1 for what is left out."""
        kept = code >= 0
        rows = {name: getattr(self, name)[kept] for name in ("session", "open", "close", "variance", "filled")}
        return Tape(symbols=symbols, symbol=code[kept], yearly=self.yearly, **rows)

    @classmethod
    def of_closes(cls, symbols: tuple[str, ...], symbol: NDArray[np.int32], session: Instants, close: Floats) -> Tape:
        """From closes alone: no opens, the sessions of a year counted, every row of a symbol once."""
        order = np.lexsort((session, symbol))
        symbol, session, close = symbol[order], session[order].astype("datetime64[D]"), close[order]
        keep = np.ones(len(order), bool)
        keep[1:] = (symbol[1:] != symbol[:-1]) | (session[1:] != session[:-1])
        nothing = np.full(int(keep.sum()), np.nan)
        return cls(
            symbols=symbols, symbol=symbol[keep], session=session[keep], open=nothing, close=close[keep],
            variance=nothing.copy(), filled=np.zeros(len(nothing), bool), yearly=yearly_of(session),
        )  # fmt: skip


def yearly_of(session: Instants) -> float:
    """Sessions a year, from dates alone: 365 for days without gaps, 260 for weekdays, else 252.

    >>> yearly_of(np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]"))
    365.0
    """
    days = np.unique(session.astype("datetime64[D]"))
    weekend = np.isin((days.astype(np.int64) + 3) % 7, (5, 6)).mean() if len(days) else 0.0
    return 365.0 if weekend > 0.2 else 252.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Book:
    """T origins and the session after the last of them, S symbols.

    sessions (T + 1,) dates; close, open (T + 1, S) currency, a close carried forward where there is no bar; variance
    (T, S) per session, known at the origin; forecast {model: (T, S)} log returns over `horizon` sessions, NaN = none;
    present (T, S): from a symbol's first forecast to its last; tradable (T + 1, S): a bar that was really traded.
    """

    symbols: tuple[str, ...]
    sessions: Instants
    horizon: int
    close: Floats
    open: Floats
    variance: Floats
    forecast: Mapping[str, Floats]
    present: Bools
    tradable: Bools
    yearly: float

    def __len__(self) -> int:
        return len(self.sessions) - 1

    @property
    def models(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.forecast)

    @property
    def has_opens(self) -> bool:
        """Whether every session that a position is filled at has an open."""
        return not self.without_open.any()

    @property
    def without_open(self) -> Bools:
        """(T, S) sessions after an origin that were traded, and have no open."""
        return np.asarray(self.present & self.tradable[1:] & ~np.isfinite(self.open[1:]))

    @property
    def kept(self) -> int:
        """Origins without a forecast or a trade, at which the position is kept."""
        some = np.logical_or.reduce([np.isfinite(one) for one in self.forecast.values()])
        return int((self.present & ~(some & self.tradable[:-1])).sum())


def book(
    tape: Tape, *, symbols: tuple[str, ...], symbol: NDArray[np.int32], session: Instants,
    forecast: Mapping[str, Floats], horizon: int,
) -> Book:  # fmt: skip
    """Forecasts, a row per symbol and origin, laid on the grid of the tape's sessions.

    symbol (n,) codes into `symbols`; session (n,) dates of the origins; forecast {model: (n,)} log returns over
    `horizon` sessions. Raises InputError for a price that is not positive, a forecast without a bar, and fewer than
    two sessions.
    """
    bad = np.flatnonzero(np.isfinite(tape.close) & (tape.close <= 0) | np.isfinite(tape.open) & (tape.open <= 0))
    if len(bad):
        name, day = tape.symbols[tape.symbol[bad[0]]], tape.session[bad[0]].astype("datetime64[D]")
        raise InputError(f"{name} has a price of zero or less on {day}: no position can be valued; mend the prices")
    session = session.astype("datetime64[D]")
    place = {name: k for k, name in enumerate(tape.symbols)}
    if lacking := [name for name in symbols if name not in place]:
        raise InputError(f"{lacking[0]} has forecasts and no prices: give the prices of every symbol")
    codes = np.array([place[name] for name in symbols])[symbol]
    calendar = np.unique(tape.session)
    calendar = calendar[calendar >= session.min()]
    calendar = calendar[: np.searchsorted(calendar, session.max(), "right") + 1]
    at = np.searchsorted(calendar, session)
    count, width = len(calendar) - 1, len(tape.symbols)
    if count < 2 or calendar[-1] <= session.max():
        raise InputError("too few sessions to value a position: prices must reach one session past the last forecast")
    if (calendar[np.minimum(at, count)] != session).any():
        day = session[calendar[np.minimum(at, count)] != session][0]
        raise InputError(f"there is a forecast and no price on {day}: give the prices of every origin")
    inside = (tape.session >= calendar[0]) & (tape.session <= calendar[-1])
    row, column = np.searchsorted(calendar, tape.session[inside]), tape.symbol[inside]
    grids = {name: np.full((count + 1, width), np.nan) for name in ("close", "open", "variance")}
    for name, grid in grids.items():
        grid[row, column] = getattr(tape, name)[inside]
    tradable = np.zeros((count + 1, width), bool)
    tradable[row, column] = ~tape.filled[inside] & np.isfinite(tape.close[inside])
    close = carried(grids["close"])
    variance = grids["variance"]
    if not np.isfinite(variance).any():
        variance = ewma(close)
    made = {}
    for name, values in forecast.items():
        made[name] = np.full((count, width), np.nan)
        made[name][at, codes] = values
    return Book(
        symbols=tape.symbols, sessions=calendar, horizon=horizon, close=close, open=grids["open"],
        variance=carried(variance)[:-1], forecast=made, present=_span(at, codes, (count, width)), tradable=tradable,
        yearly=tape.yearly,
    )  # fmt: skip


def _span(row: NDArray[np.int64], column: NDArray[np.int64], shape: tuple[int, int]) -> Bools:
    """(T, S) from the first to the last forecast of each symbol."""
    first, last = np.full(shape[1], shape[0]), np.full(shape[1], -1)
    np.minimum.at(first, column, row)
    np.maximum.at(last, column, row)
    t = np.arange(shape[0])[:, None]
    return np.asarray((t >= first) & (t <= last))


def carried(values: Floats) -> Floats:
    """(T, S) every missing value replaced by the last one above it.

    >>> carried(np.array([[1.0], [np.nan], [3.0]])).ravel().tolist()
    [1.0, 1.0, 3.0]
    """
    gaps = np.flatnonzero(~np.isfinite(values).all(0))
    if not len(gaps):
        return values
    some, found = values[:, gaps], values.copy()
    last = np.maximum.accumulate(np.where(np.isfinite(some), np.arange(len(some))[:, None], 0), axis=0)
    found[:, gaps] = np.take_along_axis(some, last, axis=0)
    return found


def ewma(close: Floats) -> Floats:
    """(T, S) variance of the log return known at each close: v_t = 0.94 v_{t-1} + 0.06 r_t^2, from the first square.

    NaN at the first close, where nothing is known.
    """
    variance, last = np.full(close.shape, np.nan), np.full(close.shape[1], np.nan)
    with np.errstate(invalid="ignore"):
        square = np.diff(np.log(close), axis=0) ** 2
    for t, one in enumerate(square, start=1):
        last = np.where(np.isfinite(last), np.where(np.isfinite(one), DECAY * last + (1 - DECAY) * one, last), one)
        variance[t] = np.maximum(last, 1e-12)
    return variance

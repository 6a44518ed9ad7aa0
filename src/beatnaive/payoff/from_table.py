"""Forecasts that somebody brought, laid on sessions, so that they can be traded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import by_code
from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Instants
from beatnaive.judging.tables.checked import CheckedTable
from beatnaive.payoff.book import Book, Tape, book

PRICES = "give prices beside it"


def book_of(table: CheckedTable, tape: Tape | None = None) -> Book:
    """The forecasts of a table's models, on the sessions of its own closes or of a tape of prices.

    A row is traded at its cutoff; without one, at the row (or the tape's session) of `horizon` before. Log returns of
    prices are over the last price known; y of returns are taken as they are. Raises InputError for variances, rows
    within a day, and origins or prices that cannot be known.
    """
    if table.kind == "variance":
        raise InputError("forecasts of a variance set no position: worth needs forecasts of prices or returns")
    if not table.dated:
        raise InputError("ds holds numbers, not dates: worth counts sessions", option="worth")
    names, symbol = table.symbols or ("these",), table.symbol
    day = table.ds.astype("datetime64[D]")
    key = np.stack([symbol, day.astype(np.int64)])
    if len(np.unique(key, axis=1).T) < len(day):
        raise InputError("several rows a day: worth counts sessions, one row each", option="worth")
    if table.kind == "return" and tape is None:
        raise InputError(f"returns alone value no position: {PRICES}", option="prices")
    if tape is not None:
        names, symbol, tape = matched(names, symbol, tape)
    last = np.full(len(day), np.nan) if table.kind == "return" else last_known(table)
    origin = table.origin.astype("datetime64[D]")
    if (origin == day).all():
        origin = rows_before(table, last) if tape is None else sessions_before(tape, symbol, day, table.horizon)
    tape = tape or tape_of(names, symbol, (day, table.y), (origin, last))
    made = {name: f for name, f in table.models.items() if name not in table.benchmarks}
    if table.kind == "price":
        with np.errstate(divide="ignore", invalid="ignore"):
            made = {name: np.log(np.where(f > 0, f, np.nan) / last) for name, f in made.items()}
    known = [np.isfinite(f) for f in made.values()]
    rows = ~np.isnat(origin) & np.logical_or.reduce([np.zeros(len(day), bool), *known])
    made = {name: f[rows] for name, f in made.items() if np.isfinite(f[rows]).any()}
    if not made:
        raise InputError("no forecast with a known origin and price: nothing to be traded", option="worth")
    return book(
        tape, symbols=names, symbol=symbol[rows], session=origin[rows], forecast=made, horizon=table.horizon,
    )  # fmt: skip


def last_known(table: CheckedTable) -> Floats:
    """(n,) the price at each row's origin: its close, else naive."""
    return table.close if table.close is not None else next(iter(table.benchmarks.values()))


def rows_before(table: CheckedTable, last: Floats) -> Instants:
    """(n,) the date of each series' row `horizon` before, NaT for its first rows.

    Raises InputError where that row's y is not the price that is said to have been known.
    """
    origin = np.full(len(table), np.datetime64("NaT"), "datetime64[D]")
    for own in by_code(table.symbol).values():  # rows are in time order
        origin[own[table.horizon :]] = table.ds[own[: -table.horizon]].astype("datetime64[D]")
        before = np.full(len(own), np.nan)
        before[table.horizon :] = table.y[own[: -table.horizon]]
        other = np.isfinite(before) & np.isfinite(last[own]) & ~np.isclose(before, last[own], rtol=1e-6, atol=0)
        if other.any():
            when = np.datetime_as_string(table.ds[own[int(other.argmax())]], unit="D")
            raise InputError(f"the close known for {when} is not that of the row before: {PRICES}", option="prices")
    return origin


def sessions_before(tape: Tape, symbol: NDArray[np.int32], day: Instants, horizon: int) -> Instants:
    """(n,) the tape's session `horizon` before each day of a symbol; NaT before its first.

    Raises InputError for a day on which the tape has no bar.
    """
    origin = np.full(len(day), np.datetime64("NaT"), "datetime64[D]")
    traded = by_code(tape.symbol)
    for code, own in by_code(symbol).items():
        sessions = np.sort(tape.session[traded.get(code, own[:0])])
        at = np.searchsorted(sessions, day[own])
        lacking = (at == len(sessions)) | (sessions[np.minimum(at, len(sessions) - 1)] != day[own])
        if lacking.any():
            when, name = day[own[int(lacking.argmax())]], tape.symbols[code]
            raise InputError(f"prices of {name} lack {when}, which a forecast is of", option="prices")
        known = at >= horizon
        origin[own[known]] = sessions[at[known] - horizon]
    return origin


def matched(names: tuple[str, ...], symbol: NDArray[np.int32], tape: Tape) -> tuple[
    tuple[str, ...], NDArray[np.int32], Tape
]:  # fmt: skip
    """Names and codes as the tape has them, and the tape of these alone; one series matches whatever its name."""
    if len(names) == 1 and len(tape.symbols) == 1:
        return tape.symbols, symbol, tape
    place = {name: k for k, name in enumerate(tape.symbols)}
    if lacking := [name for name in names if name not in place]:
        raise InputError(f"{lacking[0]} has forecasts and no prices: give the prices of every symbol", option="prices")
    code = np.full(len(tape.symbols), -1, np.int32)
    code[[place[name] for name in names]] = np.arange(len(names))
    return names, symbol, tape.of(names, code[tape.symbol])


def tape_of(names: tuple[str, ...], symbol: NDArray[np.int32], *closes: tuple[Instants, Floats]) -> Tape:
    """The closes that a table itself tells of, at its dates and at its origins."""
    rows = [~np.isnat(day) & np.isfinite(value) for day, value in closes]
    return Tape.of_closes(
        names, np.concatenate([symbol[own] for own in rows]).astype(np.int32),
        np.concatenate([day[own] for own, (day, _) in zip(rows, closes, strict=True)]),
        np.concatenate([value[own] for own, (_, value) in zip(rows, closes, strict=True)]),
    )  # fmt: skip

"""The book: what is derived from the chain so that nobody need read it whole: calls, their state, and the bets.

`apply` is the one way by which an entry changes the book, when it is written and when the book is made anew.
A session is bet on when all its forecasts are settled, sessions in their order, or `GRACE` days after its close with
those that are; what settles later is scored and does not bet.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.core.types import LEVELS, Floats
from beatnaive.forecasting.ledger import chain, clock
from beatnaive.forecasting.ledger.schema import BOOK
from beatnaive.forecasting.ledger.tally import Tally

FORMAT = 2
"""Of the book: another one is made anew."""
GRACE = np.timedelta64(10, "D")

TABLES = ("book", "contests", "calls", "odds")


def sync(connection: sqlite3.Connection) -> None:
    """The book up to the last entry, inside `chain.writing`; made anew where it is of another format or missing."""
    number, _ = chain.head(connection)
    try:
        kept = connection.execute("SELECT format, number FROM book").fetchone()
    except sqlite3.OperationalError:
        kept = None
    if kept is None or kept[0] != FORMAT or kept[1] > number:
        rebuild(connection)
    elif kept[1] < number:
        for entry in chain.check(connection, kept[1] + 1):
            apply(connection, entry)


def rebuild(connection: sqlite3.Connection) -> None:
    """The book anew, from the whole chain, inside `chain.writing`."""
    for table in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    _begin(connection)
    for entry in chain.check(connection):
        apply(connection, entry)


@contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """An empty book in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute("BEGIN")
        _begin(connection)
        yield connection
    finally:
        connection.close()


def _begin(connection: sqlite3.Connection) -> None:
    for statement in BOOK.split(";"):
        connection.execute(statement)
    connection.execute("INSERT INTO book VALUES (?, 0, '')", (FORMAT,))


@chain.as_written()
def apply(connection: sqlite3.Connection, entry: chain.Entry, chained: sqlite3.Connection | None = None) -> None:
    """What one entry, the next one, changes in the book."""
    data = entry.data
    last = connection.execute("SELECT last_at FROM book").fetchone()[0]
    # nothing in a chain was made before what stands before it, whatever the clock said
    at = max(last, data["made_at"])
    if entry.kind == "forecasts":
        _write_calls(connection, entry.number, data, at)
        _remember(entry.hash, data)
    elif entry.kind == "outcomes":
        _settle(connection, chained or connection, data, at)
    connection.execute("UPDATE book SET number = ?, last_at = ?", (entry.number, at))


def contest_id(connection: sqlite3.Connection, name: str) -> int | None:
    """The number of a contest, None where it is new."""
    found = connection.execute("SELECT id FROM contests WHERE name = ?", (name,)).fetchone()
    return None if found is None else int(found[0])


def holds(connection: sqlite3.Connection, contest: str, symbol: str, origin: str) -> bool:
    """Whether a symbol's forecasts from this origin are written down already."""
    return _state(connection, contest_id(connection, contest), symbol, origin) is not None


def late(connection: sqlite3.Connection, contest: str, symbols: Sequence[str], origins: Sequence[str]) -> list[str]:
    """Those of the symbols whose forecasts from these origins were written after the close they are about."""
    number = contest_id(connection, contest)
    pairs = zip(symbols, origins, strict=True)
    return [symbol for symbol, origin in pairs if _state(connection, number, symbol, origin) == "late"]


def is_waiting(connection: sqlite3.Connection, contest: int, symbol: str, origin: str) -> bool:
    """Whether a call still waits for its outcome."""
    return _state(connection, contest, symbol, origin) == "waiting"


def _state(connection: sqlite3.Connection, contest: int | None, symbol: str, origin: str) -> str | None:
    found = connection.execute(
        "SELECT state FROM calls WHERE contest = ? AND symbol = ? AND origin = ?", (contest, symbol, origin)
    ).fetchone()
    return None if found is None else str(found[0])


def _write_calls(connection: sqlite3.Connection, number: int, data: Mapping[str, Any], at: str) -> None:
    contest = contest_id(connection, data["contest"])
    if contest is None:
        tally = Tally(data["models"], data["horizon"])
        connection.execute("INSERT INTO contests (name, state) VALUES (?, ?)", (data["contest"], tally.to_text()))
        contest = contest_id(connection, data["contest"])
    else:
        tally = tally_of(connection, contest)
        tally.joined_by(data["models"])
        keep(connection, contest, tally)
    late = [clock.read(at) > clock.read(closes_at) for closes_at in data["closes_at"]]
    rows = zip(data["symbols"], data["origin"], data["session"], data["closes_at"], late, strict=True)
    connection.executemany(
        "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
        [
            (contest, symbol, origin, session, closes_at, number, place, *(("late", 1) if after else ("waiting", 0)))
            for place, (symbol, origin, session, closes_at, after) in enumerate(rows)
        ],
    )


def tally_of(connection: sqlite3.Connection, contest: int) -> Tally:
    """A contest's bets and sums."""
    return Tally.from_text(connection.execute("SELECT state FROM contests WHERE id = ?", (contest,)).fetchone()[0])


def keep(connection: sqlite3.Connection, contest: int, tally: Tally) -> None:
    """A contest's bets and sums, written down."""
    connection.execute("UPDATE contests SET state = ? WHERE id = ?", (tally.to_text(), contest))


def _settle(connection: sqlite3.Connection, chained: sqlite3.Connection, data: Mapping[str, Any], at: str) -> None:
    touched = {}
    for name in dict.fromkeys(data["contests"]):
        touched[name] = contest_id(connection, name)
    columns = ("contests", "symbols", "origins", "returns", "origin_moved")
    rows = list(zip(*(data[name] for name in columns), strict=True))
    connection.executemany(
        "UPDATE calls SET state = 'settled', value = ?, origin_moved = ?, reason = NULL "
        "WHERE contest = ? AND symbol = ? AND origin = ? AND state = 'waiting'",
        [(value, moved, touched[name], symbol, origin) for name, symbol, origin, value, moved in rows],
    )
    connection.executemany(
        "UPDATE calls SET moved = ? WHERE contest = ? AND symbol = ? AND origin = ?",
        [(one["now"], contest_id(connection, one["contest"]), one["symbol"], one["origin"]) for one in data["revised"]],
    )
    for contest in touched.values():
        if contest is not None:
            _count(connection, chained, contest, at)


def _count(connection: sqlite3.Connection, chained: sqlite3.Connection, contest: int, at: str) -> None:
    """Sessions that are ripe go into the bets, in their order; every settled call goes into the sums once."""
    tally = tally_of(connection, contest)
    open_calls = connection.execute(
        "SELECT session, closes_at, state, entry, place, value, symbol, origin FROM calls "
        "WHERE contest = ? AND bet = 0 ORDER BY session, symbol", (contest,)
    ).fetchall()  # fmt: skip
    by_session: dict[str, list[tuple[Any, ...]]] = {}
    for row in open_calls:
        by_session.setdefault(row[0], []).append(row)
    for session, rows in by_session.items():
        settled = [row for row in rows if row[2] == "settled"]
        if session <= tally.last:  # the session has been bet on without these
            if not settled:
                continue
            tally.count(*_read(chained, settled))
        elif len(settled) == len(rows) or clock.read(max(row[1] for row in rows)) + GRACE <= clock.read(at):
            if not settled:
                continue
            tally.bet(session, *_read(chained, settled))
            path = json.dumps(tally.standing.log_odds())
            connection.execute("INSERT OR REPLACE INTO odds VALUES (?, ?, ?)", (contest, session, path))
        else:
            break
        connection.executemany(
            "UPDATE calls SET bet = 1 WHERE contest = ? AND symbol = ? AND origin = ?",
            [(contest, row[6], row[7]) for row in settled],
        )
    keep(connection, contest, tally)


def _read(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> tuple[list[str], Floats, Floats, Floats]:
    """Models, outcomes (n,), expected variances (n,), and forecasts (n, models, 1 + levels) of settled calls."""
    written = {number: written_of(connection, number) for number in dict.fromkeys(row[3] for row in rows)}
    models = list(dict.fromkeys(name for one in written.values() for name in one.models))
    y, variance = np.array([row[5] for row in rows], dtype=float), np.empty(len(rows))
    made = np.full((len(rows), len(models), 1 + len(LEVELS)), np.nan)
    for number, one in written.items():
        own = np.array([k for k, row in enumerate(rows) if row[3] == number])
        places = np.array([rows[k][4] for k in own])
        variance[own] = one.volatility[places] ** 2
        for m, name in enumerate(one.models):
            made[own, models.index(name)] = one.forecasts[m, places]
    return models, y, variance, made


@dataclass(frozen=True, eq=False)
class Written:
    """An entry of forecasts: its models, expected deviations (symbols,), forecasts (models, symbols, 1 + levels), and
    what else it says."""

    models: tuple[str, ...]
    volatility: Floats
    forecasts: Floats
    facts: Mapping[str, Any]


_lately: dict[str, Written] = {}
"""Entries read lately, by their hash: settling reads again what was written the day before."""


@chain.as_written()
def written_of(connection: sqlite3.Connection, number: int) -> Written:
    """An entry of forecasts. Raises DataRefused for a damaged one."""
    found = connection.execute("SELECT hash FROM entries WHERE number = ?", (number,)).fetchone()
    own = "" if found is None else str(found[0])
    if own not in _lately:
        _remember(own, chain.get(connection, number).data)
    return _lately[own]


def _remember(own: str, data: Mapping[str, Any]) -> None:
    none = [None] * (1 + len(LEVELS))
    made = [[one or none for one in data["forecasts"][name]] for name in data["models"]]
    if len(_lately) >= 40:
        _lately.clear()
    _lately[own] = Written(
        tuple(data["models"]), np.array(data["volatility"], dtype=float), np.array(made, dtype=float),
        {name: value for name, value in data.items() if name != "forecasts"},
    )  # fmt: skip

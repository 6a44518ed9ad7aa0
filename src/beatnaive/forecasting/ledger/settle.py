"""Prices in, scores out: calls whose close has come are settled; what cannot be settled waits, with a reason."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core import config
from beatnaive.core.errors import DataRefused, InputError, SourceUnreachable
from beatnaive.core.types import CLOSE, Floats, Prices
from beatnaive.forecasting.ledger import book, calls, chain, clock
from beatnaive.prices import SOURCES, Source
from beatnaive.prices.quality import examine_quality, refuse_fatal
from beatnaive.prices.quality.jumps import JUMP
from beatnaive.prices.yahoo import SETTLED

LOOK_BACK = 250
"""Days for which settled closes are compared with what the source says now."""
CHECKED = 300
"""Sessions up to the last one that must be free of fatal findings: those that are settled and compared."""
PATIENCE = 5
"""Sessions that must follow a move by a factor of 1.9 or more before it is believed."""
ROUNDING = 0.01
"""Currency: two prices rounded to a cent each move a return by this much of the lower one, at most."""

Read = Callable[[Source, str], Prices]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What `settle` did: calls settled, those that wait and why (by symbol and session), revisions that were found;
    number and hash of the last entry now."""

    settled: int = 0
    waiting: Mapping[tuple[str, str], str] = field(default_factory=dict)
    revised: tuple[Mapping[str, Any], ...] = ()
    number: int
    head: str


@dataclass(frozen=True)
class _Due:
    """A call whose close should be there."""

    contest: str
    contest_id: int
    symbol: str
    origin: str
    session: str
    closes_at: str
    entry: int
    place: int


def settle(folder: Path, *, read: Read | None = None) -> Settled:
    """Settle every call whose session has closed, from the source that its forecast stood on.

    read: how a symbol's prices are had, default `calls.known_prices` at this instant. Prices are only read, never the
    code that a source may name. Raises CannotWrite, DataRefused for a damaged ledger, SourceUnreachable where no
    symbol's prices could be had at all.
    """
    now = clock.now()
    read = read or (lambda source, symbol: calls.known_prices(source, symbol, now))
    with chain.opened(folder, write=True) as connection:
        with chain.writing(connection):
            book.sync(connection)
        outcomes, waiting, revised = [], {}, []
        unreachable: list[SourceUnreachable] = []
        groups = _due(connection, now)
        for (source, symbol), due in groups.items():
            try:
                prices = read(_source(source), symbol)
                recent = prices.take(slice(-CHECKED, None))
                refuse_fatal(examine_quality([recent], "forward"), "forward")
            except (SourceUnreachable, DataRefused, InputError) as error:
                if isinstance(error, SourceUnreachable):
                    unreachable.append(error)
                waiting.update({one: calls.reason(error) for one in due})
                continue
            stand = _Stand.of(prices)
            for one in due:
                value, why = stand.outcome(one, connection)
                if value is None:
                    waiting[one] = why
                else:
                    outcomes.append((one, value))
            revised += _revised(connection, stand, symbol, {one.contest for one in due})
        if unreachable and len(unreachable) == len(groups):
            with chain.writing(connection):
                _explain(connection, waiting)
            raise unreachable[0]
        with chain.writing(connection):
            book.sync(connection)
            done = _write(connection, outcomes, revised)
            _explain(connection, waiting)
            number, head = chain.head(connection)
    said = {(one.symbol, one.session): why for one, why in waiting.items()}
    return Settled(settled=done, waiting=said, revised=tuple(revised), number=number, head=head)


@chain.as_written()
def _due(connection: sqlite3.Connection, now: np.datetime64) -> dict[tuple[str, str], list[_Due]]:
    """Calls whose close has come and settled, by the source (as JSON) and the symbol whose prices they need."""
    rows = connection.execute(
        "SELECT contests.name, contest, symbol, origin, session, closes_at, entry, place FROM calls "
        "JOIN contests ON contests.id = contest WHERE calls.state = 'waiting' AND closes_at <= ? "
        "ORDER BY session, symbol",
        (clock.written(now - SETTLED),),
    ).fetchall()
    sources: dict[int, str] = {}
    found: dict[tuple[str, str], list[_Due]] = {}
    for one in (_Due(*row) for row in rows):
        if one.entry not in sources:
            sources[one.entry] = json.dumps(book.written_of(connection, one.entry).facts["source"], sort_keys=True)
        found.setdefault((sources[one.entry], one.symbol), []).append(one)
    return found


@chain.as_written()
def _source(text: str) -> Source:
    """The source of a call: data, which names no code. Raises InputError."""
    words = json.loads(text)
    if words.get("kind") not in SOURCES:
        raise InputError(f"source {str(words.get('kind'))[:60]!r} is code: a ledger settles from shipped sources only")
    return config.build(Source, words, "source of an entry")


@dataclass(frozen=True, eq=False)
class _Stand:
    """A symbol's closes as the source gives them now, adjusted as of its last session."""

    prices: Prices
    position: Mapping[str, int]
    close: Floats

    @classmethod
    def of(cls, prices: Prices) -> _Stand:
        there = np.flatnonzero(np.isfinite(prices.bars[:, CLOSE]) & ~prices.filled)
        days = np.datetime_as_string(prices.sessions[there], "D").tolist()
        position = dict(zip(days, there.tolist(), strict=True))
        return cls(prices, position, prices.bars[:, CLOSE])

    @chain.as_written()
    def outcome(self, one: _Due, connection: sqlite3.Connection) -> tuple[dict[str, float | None] | None, str]:
        """The log return that came, and what belongs to it; or None, and why not."""
        last = str(self.prices.sessions[-1])
        start, end = self.position.get(one.origin), self.position.get(one.session)
        if start is None:
            return None, f"the source has no close of {one.origin}, on which the forecast stood"
        if end is None:
            if last > one.session:
                return None, f"the source has no close of {one.session}, though later ones: a holiday, or a halt"
            return None, f"the source ends on {last}: no newer price, or delisted"
        value = float(np.log(self.close[end] / self.close[start]))
        after = len(self.prices.sessions) - 1 - end
        if abs(value) > JUMP and after < PATIENCE:
            return (
                None,
                f"a move of {100 * np.expm1(value):+.0f} %, perhaps a split: believed after {PATIENCE} sessions",
            )
        then = book.written_of(connection, one.entry).facts["last_return"][one.place]
        before = None if start == 0 or then is None else float(np.log(self.close[start] / self.close[start - 1]))
        moved = None if before is None or then is None else before - then
        if moved is not None and abs(moved) <= self.rounding([start]):
            moved = None
        return {"value": round(value, 10), "close": float(self.close[end]), "origin_moved": moved}, ""

    def rounding(self, rows: Sequence[int] | NDArray[np.int64]) -> Floats:
        """How far a return between rows (k, ...) may move by rounding alone: prices of a cent more or less."""
        lower: Floats = self.close[np.asarray(rows)].min(axis=0)
        return 1e-6 + ROUNDING / lower


@chain.as_written()
def _revised(connection: sqlite3.Connection, stand: _Stand, symbol: str, contests: set[str]) -> list[dict[str, Any]]:
    """Settled calls of the last months whose return the source now gives otherwise, by more than rounding."""
    since = str(stand.prices.sessions[-1] - LOOK_BACK)
    found = []
    for name in sorted(contests):
        rows = connection.execute(
            "SELECT origin, session, value, moved FROM calls WHERE contest = ? AND symbol = ? AND origin >= ? "
            "AND state = 'settled'", (book.contest_id(connection, name), symbol, since)
        ).fetchall()  # fmt: skip
        there = [row for row in rows if row[0] in stand.position and row[1] in stand.position]
        if not there:
            continue
        ends = np.array([[stand.position[row[k]] for row in there] for k in (0, 1)])
        was = np.array([value if moved is None else moved for _, _, value, moved in there])
        now = np.log(stand.close[ends[1]] / stand.close[ends[0]])
        found += [
            {
                "contest": name, "symbol": symbol, "origin": there[k][0], "session": there[k][1], "was": float(was[k]),
                "now": round(float(now[k]), 10),
            }
            for k in np.flatnonzero(np.abs(now - was) > stand.rounding(ends))
        ]  # fmt: skip
    return found


def _write(
    connection: sqlite3.Connection, outcomes: list[tuple[_Due, dict[str, float | None]]], revised: list[dict[str, Any]]
) -> int:
    """One entry of outcomes, of the calls that nobody settled in the meantime; how many."""
    new = [(one, came) for one, came in outcomes if book.is_waiting(connection, one.contest_id, one.symbol, one.origin)]
    if not new and not revised:
        return 0
    data = {
        "made_at": clock.written(clock.now()), "contests": [one.contest for one, _ in new],
        "symbols": [one.symbol for one, _ in new], "origins": [one.origin for one, _ in new],
        "sessions": [one.session for one, _ in new], "returns": [came["value"] for _, came in new],
        "closes": [came["close"] for _, came in new], "origin_moved": [came["origin_moved"] for _, came in new],
        "revised": revised,
    }  # fmt: skip
    book.apply(connection, chain.append(connection, "outcomes", data))
    return len(new)


def _explain(connection: sqlite3.Connection, waiting: Mapping[_Due, str]) -> None:
    """Why they wait, into the book alone: it is no fact about the market."""
    connection.executemany(
        "UPDATE calls SET reason = ? WHERE contest = ? AND symbol = ? AND origin = ? AND state = 'waiting'",
        [(why, one.contest_id, one.symbol, one.origin) for one, why in waiting.items()],
    )

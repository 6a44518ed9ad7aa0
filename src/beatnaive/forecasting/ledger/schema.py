"""The tables of a ledger's file, and nothing else: what runs by itself in a file that others made is refused."""

from __future__ import annotations

import sqlite3
from functools import cache

from beatnaive.core.errors import DataRefused, InputError

GENESIS = "0" * 64
"""The hash before the first entry."""

CHAIN = f"""
CREATE TABLE entries (
    number   INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    body     BLOB NOT NULL,     -- the text, compressed by zlib
    crc      INTEGER NOT NULL,  -- of the body as it is stored
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END;
CREATE TRIGGER entries_follow BEFORE INSERT ON entries
    WHEN NEW.number IS NOT (SELECT COALESCE(MAX(number), 0) + 1 FROM entries)
      OR NEW.previous IS NOT COALESCE((SELECT hash FROM entries ORDER BY number DESC LIMIT 1), '{GENESIS}')
    BEGIN SELECT RAISE(ABORT, 'an entry follows the last one'); END;
"""
"""The chain, which is added to and never changed."""

BOOK = """
CREATE TABLE book (format INTEGER, number INTEGER, last_at TEXT) STRICT;
CREATE TABLE contests (id INTEGER PRIMARY KEY, name TEXT UNIQUE, state TEXT) STRICT;
CREATE TABLE calls (
    contest INTEGER, symbol TEXT, origin TEXT, session TEXT, closes_at TEXT,
    entry INTEGER, place INTEGER,
    state TEXT,      -- waiting, settled, late
    bet INTEGER,     -- 1 once its session was bet on, or went by without it
    value REAL,      -- the log return that came
    moved REAL,      -- what the source said later, where it changed
    origin_moved REAL, -- by how much the origin's own return had changed when it was settled
    reason TEXT,     -- why it waits
    PRIMARY KEY (contest, symbol, origin)
) STRICT, WITHOUT ROWID;
CREATE TABLE odds (contest INTEGER, session TEXT, log_odds TEXT, PRIMARY KEY (contest, session)) STRICT, WITHOUT ROWID;
CREATE INDEX calls_waiting ON calls (closes_at) WHERE state = 'waiting';
CREATE INDEX calls_unbet ON calls (contest, session) WHERE bet = 0;
CREATE INDEX calls_recent ON calls (session) WHERE state = 'settled';
"""
"""What is derived from the chain, and made anew where it is missing."""


@cache
def _ours() -> dict[str, tuple[str, str | None]]:
    """{name: (type, statement)} of everything that this program makes."""
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(CHAIN + BOOK)
        found = _things(connection)
    connection.close()
    return found


def _things(connection: sqlite3.Connection) -> dict[str, tuple[str, str | None]]:
    rows = connection.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
    return {name: (kind, statement) for name, kind, statement in rows}


def refuse_others(connection: sqlite3.Connection, where: str) -> None:
    """Refuse a file with a view, trigger, virtual table or column that this program did not make; `where` names it.

    Each of them would run statements of whoever made the file. Raises InputError for a file that is not a ledger,
    DataRefused for one that holds more than a ledger.
    """
    ours, there = _ours(), _things(connection)
    if there.get("entries", ("", ""))[0] != "table":
        raise InputError(f"{where} is not a ledger: it has no entries")
    for name, found in there.items():
        if found != ours.get(name):
            raise DataRefused(
                f"{where} holds a {found[0]} {name[:40]!r} that is not a ledger's: take a copy that verifies"
            )

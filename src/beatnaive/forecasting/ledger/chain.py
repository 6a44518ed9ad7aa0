"""The chain: entries in one SQLite file, each hashed with the one before it; they are added, never changed.

    hash_n = sha256("beatnaive ledger 1\n" + hash_(n-1) + "\n" + n + "\n" + kind + "\n" + text_n)

in hexadecimal, with sixty-four zeros before the first. `text` is canonical JSON: keys sorted, no spaces, UTF-8; it is
stored compressed. Triggers refuse what changes, removes or replaces an entry, and numbers that do not follow. Whoever
has the file can drop a trigger: what protects is `check`, and a head that is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from beatnaive.core import documents
from beatnaive.core.documents import is_file, shown
from beatnaive.core.errors import CannotWrite, DataRefused, InputError
from beatnaive.forecasting.ledger.schema import CHAIN, GENESIS, refuse_others

FORMAT = "beatnaive ledger 1"
FILE = "ledger.sqlite"
PATIENCE = 60.0
"""Seconds that a writer waits for another one."""
LARGEST = 64 << 20
"""Bytes of the largest text of an entry: a damaged one must not fill the memory."""

Kind = Literal["start", "forecasts", "outcomes"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry: its number from 1 on, its kind, its text, the hash before it and its own."""

    number: int
    kind: str
    text: str
    previous: str
    hash: str

    @cached_property
    def data(self) -> dict[str, Any]:
        """The text as plain data."""
        found = json.loads(self.text)
        if not isinstance(found, dict):
            raise DataRefused(f"entry {self.number} is not an object")
        return found


def canonical(data: Mapping[str, Any]) -> str:
    """The one text of plain data: equal data, equal text.

    >>> canonical({"b": 0.1, "a": [1, None]})
    '{"a":[1,null],"b":0.1}'
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(previous: str, number: int, kind: str, text: str) -> str:
    """The hash of an entry, as the formula at the top says; `sha256sum` computes the same.

    >>> digest(GENESIS, 1, "start", "{}")[:12]
    'd18ff79774d0'
    """
    return hashlib.sha256(f"{FORMAT}\n{previous}\n{number}\n{kind}\n{text}".encode()).hexdigest()


def path_of(folder: Path) -> Path:
    """The ledger's file in its folder."""
    return folder / FILE


def create(folder: Path) -> None:
    """An empty chain in a folder, made where it is missing. Raises InputError for one that holds a ledger."""
    path = path_of(folder)
    if path.exists():
        raise InputError(f"{shown(folder)} holds a ledger already")
    with told(path):
        folder.mkdir(parents=True, exist_ok=True)
        with _closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)) as connection:
            _prepare(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript("BEGIN IMMEDIATE;" + CHAIN + "COMMIT;")


@contextmanager
def opened(folder: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to a folder's ledger; what is wrong with the file or the disk is one line of ours.

    write: it may be written; else it is opened read-only, so that a file on a medium that cannot be written is read
    too. Raises InputError where there is no ledger, CannotWrite where the disk is full or the file must not be
    written, DataRefused for a file that SQLite calls damaged.
    """
    path = path_of(folder)
    if not is_file(path):
        raise InputError(f"{shown(folder)} holds no ledger: make one with beatnaive ledger init", option="ledger")
    with told(path), _closing(_connect(path, write=write)) as connection:
        _prepare(connection)
        refuse_others(connection, shown(path))
        yield connection


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    place = f"file:{quote(str(path.resolve()))}"
    if write:
        return sqlite3.connect(f"{place}?mode=rw", uri=True, isolation_level=None, timeout=PATIENCE)
    connection = sqlite3.connect(f"{place}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # in a folder that cannot be written SQLite has no place for its shared memory: there nobody else writes
        connection.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        connection = sqlite3.connect(f"{place}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # FULL: what was acknowledged is on the disk; recursive_triggers: REPLACE meets the trigger against removal too
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors as ours. Raises CannotWrite, DataRefused."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorname if hasattr(error, "sqlite_errorname") else ""
        if code.startswith(("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_BUSY")):
            raise CannotWrite(f"cannot use {shown(path)}: {error}; nothing that was acknowledged is lost") from error
        raise DataRefused(f"{shown(path)} is damaged or not a ledger of this version: {error}") from error
    except sqlite3.DatabaseError as error:
        raise DataRefused(f"{shown(path)} is damaged: {error}; take a copy that verifies") from error
    except OSError as error:
        raise CannotWrite(f"cannot write {shown(path)}: {error.strerror or error}") from error


@contextmanager
def as_written() -> Iterator[None]:
    """What this program wrote is read in here; anything else, its hashes fitting or not, is DataRefused."""
    with documents.as_written("the ledger", "take a copy that verifies", DataRefused):
        yield


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction of its own: one writer at a time, all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the last entry; 0 and zeros before the first."""
    found = connection.execute("SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    return (0, GENESIS) if found is None else (int(found[0]), str(found[1]))


def append(connection: sqlite3.Connection, kind: Kind, data: Mapping[str, Any]) -> Entry:
    """One more entry, inside `writing`; it counts when that transaction has ended."""
    number, previous = head(connection)
    text = canonical(data)
    body = zlib.compress(text.encode(), 6)
    entry = Entry(
        number=number + 1, kind=kind, text=text, previous=previous, hash=digest(previous, number + 1, kind, text)
    )
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)",
        (entry.number, kind, body, zlib.crc32(body), previous, entry.hash),
    )
    return entry


def check(connection: sqlite3.Connection, first: int = 1) -> Iterator[Entry]:
    """Every entry from `first` on, each compared with its own hash, its number and the hash before it.

    Raises DataRefused at the first entry that is not as it was written, naming it.
    """
    before = GENESIS
    if first > 1:
        found = connection.execute("SELECT hash FROM entries WHERE number = ?", (first - 1,)).fetchone()
        before = str(found[0]) if found else before
    rows = connection.execute(
        "SELECT number, kind, body, crc, previous, hash FROM entries WHERE number >= ? ORDER BY number", (first,)
    )
    for expected, (number, kind, body, crc, previous, own) in enumerate(rows, first):
        if number != expected:
            raise DataRefused(f"entry {expected} is missing: the one after it is entry {number}")
        if previous != before:
            raise DataRefused(f"entry {number} does not follow entry {number - 1}: it names another hash before it")
        text = _unpacked(number, body, crc)
        if digest(previous, number, kind, text) != own:
            raise DataRefused(f"entry {number} was changed: its hash is another")
        before = own
        yield Entry(number=number, kind=kind, text=text, previous=previous, hash=own)


def get(connection: sqlite3.Connection, number: int) -> Entry:
    """One entry, compared with its own hash. Raises DataRefused."""
    found = connection.execute(
        "SELECT kind, body, crc, previous, hash FROM entries WHERE number = ?", (number,)
    ).fetchone()
    if found is None:
        raise DataRefused(f"entry {number} is missing")
    kind, body, crc, previous, own = found
    text = _unpacked(number, body, crc)
    if digest(previous, number, kind, text) != own:
        raise DataRefused(f"entry {number} was changed: its hash is another")
    return Entry(number=number, kind=kind, text=text, previous=previous, hash=own)


def _unpacked(number: int, body: bytes, crc: int) -> str:
    if not isinstance(body, bytes) or zlib.crc32(body) != crc:
        raise DataRefused(f"entry {number} is damaged: its bytes are not those that were written")
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(body, LARGEST).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise DataRefused(f"entry {number} is damaged: {error}") from error
    if not reader.eof or reader.unused_data:
        raise DataRefused(f"entry {number} is damaged: its text does not end where it should")
    return text

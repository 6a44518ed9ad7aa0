"""Whether a ledger is what it was: every hash, the chain, a head kept elsewhere, and the scores made anew from it."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from beatnaive.core.documents import shown
from beatnaive.core.errors import DataRefused
from beatnaive.forecasting.ledger import anchor, book, chain
from beatnaive.forecasting.ledger.schema import GENESIS


@chain.as_written()
def verify(folder: Path, *, head: str | None = None, roots: Sequence[Path] = ()) -> dict[str, Any]:
    """Check every entry; that the chain still holds `head` (hexadecimal); and that the kept scores follow from it.

    roots: certificates (PEM) to which the signatures of anchors must lead; without them anchors are compared with the
    chain and their signatures are not checked. Returns counts, the last head, the anchors, and notes: instants at which
    the machine's clock went back. Raises DataRefused, naming the entry, for what is not as it was written.
    """
    with chain.opened(folder) as connection:
        count, last, held, notes, before = 0, GENESIS, None, [], ""
        kinds: dict[str, int] = {}
        hashes: dict[int, str] = {}
        name = ""
        with book.scratch() as anew:
            for entry in chain.check(connection):
                count, last = entry.number, entry.hash
                kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
                hashes[count] = last
                name = name or entry.data["ledger"]
                if head is not None and entry.hash == head.strip().lower():
                    held = entry.number
                made_at = entry.data["made_at"]
                if made_at < before:
                    notes.append(
                        f"entry {entry.number} was made at {made_at}, before the one before it: the clock went back"
                    )
                before = max(before, made_at)
                book.apply(anew, entry, connection)
            if count == 0:
                raise DataRefused(f"{shown(folder)} has no first entry: it was cut off, or never begun")
            if head is not None and held is None:
                raise DataRefused(
                    f"none of the {count} entries has the head {head.strip()[:16]}...: the chain was cut off or made "
                    "anew after that head was written down"
                )
            _compare(connection, anew)
        anchored = [asdict(one) for one in anchor.anchors(folder, hashes, name, roots=roots)]
    return {"entries": count, "head": last, "kinds": kinds, "held": held, "anchors": anchored, "notes": notes}


def _compare(kept: sqlite3.Connection, anew: sqlite3.Connection) -> None:
    """The kept book against one made anew. Raises DataRefused where they differ by more than arithmetic."""
    columns = "contest, symbol, origin, session, closes_at, entry, place, state, bet, value, moved, origin_moved"
    query = f"SELECT {columns} FROM calls ORDER BY contest, symbol, origin"
    try:
        one, other = kept.execute(query), anew.execute(query)
        while True:
            first, second = one.fetchmany(10_000), other.fetchmany(10_000)
            if first != second:
                row = next((a or b for a, b in zip(first, second, strict=False) if a != b), (first or second)[-1])
                raise DataRefused(
                    f"the kept call {row[1]} {row[3]} is not that of the chain: delete the tables of the book"
                )
            if not first:
                break
        states = [dict(one.execute("SELECT name, state FROM contests").fetchall()) for one in (kept, anew)]
    except sqlite3.OperationalError as error:
        raise DataRefused("the kept scores are missing: beatnaive ledger settle makes them anew") from error
    try:
        same = all(alike(json.loads(states[0][name]), json.loads(states[1][name])) for name in states[1])
    except (KeyError, ValueError, TypeError):
        same = False
    if not same or len(states[0]) != len(states[1]):
        raise DataRefused("the kept scores are not those of the chain: they were changed")


def alike(one: Any, other: Any) -> bool:
    """Whether two pieces of plain data are equal, numbers up to one part in a million.

    >>> alike({"a": [1.0, None]}, {"a": [1.0000000001, None]}), alike([1], [2])
    (True, False)
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12)
    return bool(one == other)

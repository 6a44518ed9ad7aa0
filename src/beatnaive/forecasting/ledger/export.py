"""A ledger for other programs: every entry as JSON lines, every forecast with its outcome as Parquet."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from beatnaive.core.errors import CannotWrite
from beatnaive.core.files import write_atomically
from beatnaive.core.types import LEVELS
from beatnaive.forecasting.ledger import book, chain

if TYPE_CHECKING:
    import pyarrow as pa

QUANTILES = ("q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975")
"""Of the levels `LEVELS`: q025, q05, ... q975, as in a run's forecasts.parquet."""


@chain.as_written()
def export(folder: Path, out: Path) -> dict[str, Any]:
    """Write `entries.jsonl` and `forecasts.parquet` into a folder, each whole or not at all.

    entries.jsonl: number, kind, previous, hash and text of each entry; the formula of `chain` gives its hash from the
    text. forecasts.parquet: a row per forecast: contest, symbol, model, origin, target_date, made_at, closes_at, entry,
    state (waiting, settled, late), close (of the origin), yhat, q025 .. q975 and y (prices, of that close's adjustment;
    y null = not known), y_revised (what the source says since, where it changed). Raises CannotWrite, DataRefused.
    """
    with chain.opened(folder) as connection:
        connection.execute("BEGIN")  # one view of the file, whatever is added meanwhile
        number, head = chain.head(connection)

        def lines(file: BinaryIO) -> None:
            for entry in chain.check(connection):
                words = {name: getattr(entry, name) for name in ("number", "kind", "previous", "hash", "text")}
                file.write(json.dumps(words, ensure_ascii=False).encode() + b"\n")

        write_atomically(out / "entries.jsonl", lines)
        count = _parquet(connection, out / "forecasts.parquet")
    return {"entries": number, "head": head, "forecasts": count}


def _parquet(connection: sqlite3.Connection, path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = ("contest", "symbol", "model", "origin", "target_date", "made_at", "closes_at", "state")
    numbers = ("close", "yhat", *QUANTILES, "y", "y_revised")
    schema = pa.schema(
        [(name, pa.string()) for name in texts] + [("entry", pa.int64())] + [(name, pa.float64()) for name in numbers]
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    count = 0
    try:
        with pq.ParquetWriter(beside, schema) as writer:
            for table in _tables(connection, schema):
                writer.write_table(table)
                count += table.num_rows
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}", option="out") from error
    return count


def _tables(connection: sqlite3.Connection, schema: pa.Schema) -> Iterator[pa.Table]:
    """A table per entry of forecasts, its rows by symbol, then model."""
    import pyarrow as pa

    numbers = [row[0] for row in connection.execute("SELECT number FROM entries WHERE kind = 'forecasts'")]
    for number in numbers:
        written = book.written_of(connection, number)
        facts, k = written.facts, len(written.models)
        states = {
            place: (state, value, moved)
            for place, state, value, moved in connection.execute(
                "SELECT calls.place, calls.state, value, moved FROM calls JOIN contests ON contests.id = contest "
                "WHERE contests.name = ? AND entry = ?", (facts["contest"], number),
            )
        }  # fmt: skip
        places = sorted(states)
        close = np.array([facts["close"][place] for place in places])
        made = written.forecasts[:, places].transpose(1, 0, 2)  # symbols, models, mean and quantiles
        price = close[:, None, None] * np.exp(made)
        later = [
            close * np.exp(np.array([states[place][column] for place in places], dtype=float)) for column in (1, 2)
        ]
        columns: dict[str, Any] = {
            "contest": [facts["contest"]] * (k * len(places)), "model": list(written.models) * len(places),
            "made_at": [facts["made_at"]] * (k * len(places)), "entry": [number] * (k * len(places)),
        }  # fmt: skip
        for name, own in (
            ("symbol", "symbols"), ("origin", "origin"), ("target_date", "session"), ("closes_at", "closes_at"),
        ):  # fmt: skip
            columns[name] = [facts[own][place] for place in places for _ in range(k)]
        columns["state"] = [states[place][0] for place in places for _ in range(k)]
        columns["close"] = np.repeat(close, k)
        for name, q in zip(("yhat", *QUANTILES), range(1 + len(LEVELS)), strict=True):
            columns[name] = price[:, :, q].ravel()
        columns["y"], columns["y_revised"] = (np.repeat(one, k) for one in later)
        arrays = [pa.array(columns[name], schema.field(name).type, from_pandas=True) for name in schema.names]
        yield pa.Table.from_arrays(arrays, schema=schema)

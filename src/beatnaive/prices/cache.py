"""The cache of fetched prices: one Parquet file per symbol, as traded, with provenance; never refreshed by itself.

It lies in the user's cache folder, or where the environment variable BEATNAIVE_CACHE says.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from beatnaive.core.arrow_columns import values
from beatnaive.core.documents import is_file
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.files import cache_folder
from beatnaive.core.names import file_name, symbol_of
from beatnaive.core.types import BARS, Floats, Instants, Prices, Provenance
from beatnaive.prices.calendars import closes

KEY = b"beatnaive"


def folder() -> Path:
    """The folder of the cache; it need not exist yet."""
    return cache_folder()


def path_of(source: str, symbol: str) -> Path:
    """The file of one symbol; every symbol is a legal file name.

    >>> path_of("yahoo", "eurusd=x").name
    'yahoo-EURUSD=X.parquet'
    """
    return folder() / f"{source}-{file_name(symbol.upper())}.parquet"


def symbols(source: str) -> list[str]:
    """The symbols of a source that the cache holds, sorted."""
    prefix = f"{source}-"
    return sorted(symbol_of(path.stem.removeprefix(prefix)) for path in folder().glob(f"{prefix}*.parquet"))


def digest(sessions: Instants, columns: dict[str, Floats]) -> str:
    """The sha256 of the numbers themselves: the same wherever and however they are stored.

    Arguments: sessions (n,) dates; columns {name: (n,)}, in any order of names.

    >>> digest(np.array(["2024-01-02"], "datetime64[D]"), {"close": np.array([100.0])})[:8]
    '972495f9'
    """
    sha = hashlib.sha256(sessions.astype("datetime64[D]").astype("<i8").tobytes())
    for name in sorted(columns):
        sha.update(name.encode() + np.ascontiguousarray(columns[name], "<f8").tobytes())
    return sha.hexdigest()


def write(source: str, prices: Prices) -> Path:
    """Store prices as traded; the file appears whole or not at all.

    Raises CannotWrite when the folder cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = columns_of(prices)
    facts = {name: getattr(prices.provenance, name) for name in ("source", "retrieved", "sha256", "note")}
    table = pa.table({"date": pa.array(prices.sessions), **columns})
    table = table.replace_schema_metadata({KEY: json.dumps({"symbol": prices.symbol, **facts}).encode()})
    target = path_of(source, prices.symbol)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, draft)
        draft.replace(target)
    except OSError as error:
        raise CannotWrite(
            f"cannot write the cache {target.parent} ({error.strerror or error}): "
            "free some space, or set BEATNAIVE_CACHE to another folder"
        ) from error
    return target


def read(source: str, symbol: str, calendar: str) -> Prices | None:
    """What the cache holds of a symbol, as traded, or None.

    Raises InputError for a file that is damaged: one that Parquet cannot read, or whose numbers were changed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = path_of(source, symbol)
    if not is_file(path):
        return None
    try:
        table = pq.ParquetFile(path).read()  # read_table imports pyarrow.dataset
        facts = json.loads((table.schema.metadata or {})[KEY])
        sessions = values(table["date"])
        columns = {name: values(table[name]) for name in table.column_names if name != "date"}
        if digest(sessions, columns) != facts["sha256"]:
            raise ValueError("its numbers do not match its sha256")
        provenance = Provenance(facts["source"], facts["sha256"], facts["retrieved"], facts["note"])
        bars = np.column_stack([columns[name.lower()] for name in BARS])
        return Prices(
            symbol=symbol,
            sessions=sessions,
            closes_at=closes(calendar, sessions),
            bars=bars,
            dividends=columns["dividends"].copy(),
            splits=columns["splits"].copy(),
            filled=np.zeros(len(sessions), bool),
            calendar=calendar,
            provenance=provenance,
            adjusted=columns["adjusted"].copy(),
        )
    except (pa.ArrowException, KeyError, ValueError, TypeError, OSError) as error:
        damage = f"the cached file {path} is damaged ({error})"
        raise InputError(f"{damage}: delete it, or refresh it", option="refresh") from error


def columns_of(prices: Prices) -> dict[str, Floats]:
    """The numbers of one symbol by name, (n,) each: bars in lower case, adjusted, dividends, splits."""
    adjusted = np.full(len(prices), np.nan) if prices.adjusted is None else prices.adjusted
    bars = {name.lower(): prices.bars[:, k] for k, name in enumerate(BARS)}
    return {**bars, "adjusted": adjusted, "dividends": prices.dividends, "splits": prices.splits}

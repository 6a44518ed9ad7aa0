"""The source `file`: CSV or Parquet, one symbol or a long panel, told apart by content and never by extension.

Prices in a file with a "Stock Splits" column are taken as Yahoo writes them: already divided by every split up to
the last row. They are un-split on reading.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrow_columns import cast, values
from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import shown
from beatnaive.core.errors import InputError
from beatnaive.core.files import at_home
from beatnaive.core.types import Floats, Prices, Provenance
from beatnaive.prices.calendars import calendar_of
from beatnaive.prices.columns import canonical
from beatnaive.prices.dates import sessions
from beatnaive.prices.source import Source
from beatnaive.prices.table import Table, to_prices

if TYPE_CHECKING:
    import pyarrow as pa

    from beatnaive.core.types import Progress

BARS = ("open", "high", "low", "close", "volume")
OPTIONAL = ("dividends", "splits", "adjusted", "gains")


def read(source: Source, progress: Progress | None = None) -> tuple[Prices, ...]:
    """CSV or Parquet: Yahoo's columns, yfinance's three-line header, or a long panel with a symbol column.

    All symbols unless the source names some. A file without a symbol column holds one symbol: the one the source
    names, else the file's own name. What had to be assumed is a note in the provenance.
    Raises InputError for a file that is missing, empty, binary, incomplete or not understood.
    """
    from beatnaive.prices.csv import read_csv

    path = checked(source.path)
    try:
        with path.open("rb") as file:
            columns, note = (_parquet(path), "") if file.read(4) == b"PAR1" else read_csv(path, progress)
        origin = provenance(path)
    except OSError as error:
        raise InputError(
            f"{shown(path)} cannot be read ({error.strerror or error}): check it and its rights"
        ) from error
    if not columns.num_rows:
        raise InputError(f"{path.name} has a header but no rows: it needs at least one")
    names = canonical(columns.column_names, path.name)
    symbols, code = _symbols(columns, names, source, path)
    calendar = source.calendar or calendar_of(symbols[0])
    days = sessions(columns[names["date"]], source.dates, calendar, path.name)
    bars = np.empty((columns.num_rows, len(BARS)))
    for k, name in enumerate(BARS):
        bars[:, k] = _floats(columns, names, name, path.name)
    optional = {name: _floats(columns, names, name, path.name) for name in OPTIONAL if name in names}
    table = Table(symbols=symbols, code=code, session=days, bars=bars, **optional)
    del columns, bars, optional, days, code  # a large file is held once

    # the symbols asked for, in the order asked; all that have rows otherwise
    wanted = source.symbols if source.symbols and "*" not in source.symbols else symbols
    there = set(symbols)
    for symbol in wanted:
        if symbol not in there:
            near = get_close_matches(symbol.upper(), symbols, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            more = f" and {len(symbols) - 12} more" if len(symbols) > 12 else ""
            raise InputError(f"{path.name} has no symbol {symbol!r}: {hint}It has {', '.join(symbols[:12])}{more}")
    if "symbol" not in names and not [symbol for symbol in source.symbols if symbol != "*"] and note:
        note += f"; as one symbol, {symbols[0]}, since none is named"
    origin = replace(origin, note=note)
    return to_prices(table if wanted == symbols else table.only(wanted), source.calendar, origin)


def checked(path: str | None) -> Path:
    """The path of a regular file that is not empty. Raises InputError otherwise, with the nearest name there is."""
    if not path:
        raise InputError('the source "file" needs a path: path = "FILE"', option="source")
    where = at_home(path)
    try:
        facts = where.stat()
    except FileNotFoundError as error:
        try:
            names = [each.name for each in where.parent.glob("*")]
        except OSError:
            names = []
        near = get_close_matches(where.name, names, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else "check the path"
        raise InputError(f"no such file: {shown(where)}; {hint}") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{shown(where)} cannot be read ({why}): check the path") from error
    if stat.S_ISDIR(facts.st_mode):
        raise InputError(f"{shown(where)} is a folder: name a CSV or Parquet file in it")
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{shown(where)} is a device or a pipe: save the prices as a CSV or Parquet file first")
    if not facts.st_size:
        raise InputError(f"{shown(where)} is empty: it needs a header and at least one row")
    return where


def provenance(path: Path) -> Provenance:
    """The file, the sha256 of its bytes, and when it was last written."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            sha.update(piece)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Provenance(str(path), sha.hexdigest(), written.isoformat(timespec="seconds"))


def _parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        admit_parquet(path, path.name)
        # not read_table: importing pyarrow.dataset takes longer than reading
        return pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path.name} is a damaged Parquet file: write it again") from error


def _floats(columns: pa.Table, names: dict[str, str], name: str, where: str) -> Floats:
    """(n,) one column; NaN where the file has no such column or no value."""
    import pyarrow as pa

    if name not in names:
        return np.full(columns.num_rows, np.nan)
    column = columns[names[name]]
    try:
        return values(cast(column, pa.float64()))
    except pa.ArrowException as error:
        raise InputError(f"{where}: the column {names[name]!r} holds {column.type}: write plain numbers") from error


def _symbols(
    columns: pa.Table, names: dict[str, str], source: Source, path: Path
) -> tuple[tuple[str, ...], NDArray[np.integer[Any]]]:
    """All symbols of the file, sorted, and each row's index into them."""
    import pyarrow as pa

    if "symbol" not in names:
        if len(source.symbols) > 1:
            raise InputError(
                f"{path.name} has no symbol column, so it holds one symbol: name one, not {len(source.symbols)}"
            )
        named = [symbol for symbol in source.symbols if symbol != "*"]
        return (named[0] if named else path.stem,), np.zeros(columns.num_rows, np.int8)
    column = columns[names["symbol"]]
    if not pa.types.is_dictionary(column.type):
        try:
            column = cast(column, pa.string()).dictionary_encode()
        except pa.ArrowException as error:
            raise InputError(f"{path.name}: the column {names['symbol']!r} holds {column.type}: write text") from error
    coded = column.unify_dictionaries().combine_chunks()
    labels = [str(label).strip() for label in coded.dictionary.to_pylist()]
    if coded.null_count or "" in labels:
        raise InputError(f"{path.name}: some rows have no {names['symbol']}: complete or remove them")
    symbols, rank = np.unique(labels, return_inverse=True)
    return tuple(symbols.tolist()), rank.astype(np.int32)[values(coded.indices)]

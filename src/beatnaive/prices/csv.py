"""CSV to columns: Yahoo's layout, yfinance's three-line header, long panels; every number with full precision."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from beatnaive.core.errors import InputError
from beatnaive.prices.columns import NAMES, canonical, yfinance_header

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERS = tuple(name for name in NAMES if name not in ("date", "symbol"))


def read_csv(where: str, data: bytes) -> pa.Table:
    """The columns of a CSV file; numbers as float64, dates and symbols as text.

    Raises InputError for binary data, uneven rows and text in a column of numbers.
    """
    head = _head(where, data)
    delimiter = _delimiter(head)
    rows = list(csv.reader(io.StringIO(head), delimiter=delimiter))[:3]
    rows = [[cell.strip() for cell in row] for row in rows]
    if not rows or not any(rows[0]):
        raise InputError(f"{where} is empty: it needs a header and at least one row")
    wide = yfinance_header(rows)
    if wide is None:
        return _parse(where, data, rows[0], 1, delimiter)
    return _long(where, data, wide, delimiter)


def _head(where: str, data: bytes) -> str:
    """The first lines as text."""
    if b"\0" in data[:65536]:
        raise InputError(f"{where} is a binary file: give a CSV or Parquet file")
    try:
        text = data[:65536].decode("utf-8-sig", errors="strict" if len(data) <= 65536 else "ignore")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is a binary file or no UTF-8 text: give a CSV or Parquet file") from error
    return "\n".join(text.splitlines()[:4])


def _delimiter(head: str) -> str:
    first = head.partition("\n")[0]
    return max(",;\t", key=first.count)


def _parse(where: str, data: bytes, names: list[str], skip: int, delimiter: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as pc

    found = canonical([name.partition("\n")[0] for name in names], where) if skip == 1 else {}
    numbers = {found[key] for key in NUMBERS if key in found} if skip == 1 else set(names[1:])
    types = {name: pa.float64() if name in numbers else pa.string() for name in names}
    used = set(found.values()) if skip == 1 else set(names)
    try:
        return pc.read_csv(
            pa.BufferReader(data.removeprefix(b"\xef\xbb\xbf")),
            read_options=pc.ReadOptions(column_names=names, skip_rows=skip, use_threads=False),
            parse_options=pc.ParseOptions(delimiter=delimiter),
            convert_options=pc.ConvertOptions(column_types=types, include_columns=[n for n in names if n in used]),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{where}: {_plain(str(error), names)}") from error


def _plain(message: str, names: list[str]) -> str:
    """Arrow's message in the reader's words, on one line."""
    text = re.search(r"In CSV column #(\d+): (?:Row #(\d+): )?.*?invalid value '(.*?)'", message, re.S)
    if text:
        row = f", row {text[2]}" if text[2] else ""
        return f"the column {names[int(text[1])]!r}{row} holds {text[3]!r}: write plain numbers, nothing for none"
    rows = re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", message)
    if rows:
        row = f"row {rows[1]}" if rows[1] else "a row"
        return f"{row} has {rows[3]} cells, the header {rows[2]}: complete it"
    return " ".join(message.split()) + ": check that it is a CSV file"


def _long(where: str, data: bytes, header: list[tuple[str, str]], delimiter: str) -> pa.Table:
    """yfinance's wide table of several symbols as a long one."""
    import pyarrow as pa

    keys = [f"{column}\n{symbol}" for column, symbol in header]
    wide = _parse(where, data, keys, 3, delimiter)
    tables = []
    for symbol in dict.fromkeys(symbol for _, symbol in header[1:]):
        mine = [(column, f"{column}\n{symbol}") for column, of in header[1:] if of == symbol]
        columns = {header[0][0]: wide[keys[0]], **{column: wide[key] for column, key in mine}}
        columns["Ticker"] = pa.chunked_array([pa.array([symbol] * wide.num_rows)])
        tables.append(pa.table(columns))
    return pa.concat_tables(tables, promote_options="default")

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

HEAD = 65536  # bytes looked at to tell what a file is
NUMBERS = tuple(name for name in NAMES if name not in ("date", "symbol"))


def read_csv(where: str, data: bytes) -> pa.Table:
    """The columns of a CSV file that mean something; numbers as float64, dates and symbols as text.

    Arguments: where, the file's name for messages; data, its bytes: UTF-8, separated by comma, semicolon or tab.
    Returns a long table, yfinance's wide one of several symbols included: that gets a column "Ticker".
    Raises InputError for binary data, uneven rows and text in a column of numbers.

    >>> read_csv("f.csv", b"Date;Close\\n2024-01-02;187.2\\n")["Close"].to_pylist()
    [187.2]
    """
    import pyarrow as pa

    if b"\0" in data[:HEAD]:
        raise InputError(f"{where} is a binary file: give a CSV or Parquet file")
    try:
        text = data[:HEAD].decode("utf-8-sig", errors="strict" if len(data) <= HEAD else "ignore")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is a binary file or not UTF-8 text: give a CSV or Parquet file") from error
    first = text.splitlines()[:4]
    delimiter = max(",;\t", key=first[0].count) if first else ","
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(first)), delimiter=delimiter)]
    if not rows or not any(rows[0]):
        raise InputError(f"{where} is empty: it needs a header and at least one row")

    header = yfinance_header(rows[:3])
    if header is None:
        found = canonical(rows[0], where)
        numbers = {found[key] for key in NUMBERS if key in found}
        return _parse(where, data, rows[0], 1, delimiter, numbers, set(found.values()))

    keys = [f"{column}\n{symbol}" for column, symbol in header]
    wide = _parse(where, data, keys, 3, delimiter, set(keys[1:]), set(keys))
    tables = []
    for symbol in dict.fromkeys(symbol for _, symbol in header[1:]):
        mine = [(column, f"{column}\n{symbol}") for column, of in header[1:] if of == symbol]
        columns = {header[0][0]: wide[keys[0]], **{column: wide[key] for column, key in mine}}
        columns["Ticker"] = pa.chunked_array([pa.array([symbol] * wide.num_rows)])
        tables.append(pa.table(columns))
    return pa.concat_tables(tables, promote_options="default")


def _parse(
    where: str, data: bytes, names: list[str], skip: int, delimiter: str, numbers: set[str], used: set[str]
) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as pc

    types = {name: pa.float64() if name in numbers else pa.string() for name in names}
    try:
        return pc.read_csv(
            pa.BufferReader(data.removeprefix(b"\xef\xbb\xbf")),
            read_options=pc.ReadOptions(column_names=names, skip_rows=skip, use_threads=False),
            parse_options=pc.ParseOptions(delimiter=delimiter),
            convert_options=pc.ConvertOptions(column_types=types, include_columns=[n for n in names if n in used]),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{where}: {in_words(str(error), names)}") from error


def in_words(message: str, names: list[str]) -> str:
    """Arrow's message about a CSV file in the reader's words, on one line.

    >>> in_words("CSV parse error: Row #7: Expected 3 columns, got 2: 1,2", ["Date", "Close", "Volume"])
    'row 7 has 2 cells, the header 3: complete it'
    """
    text = re.search(r"In CSV column #(\d+): (?:Row #(\d+): )?.*?invalid value '(.*?)'", message, re.S)
    if text:
        row = f", row {text[2]}" if text[2] else ""
        return f"the column {names[int(text[1])]!r}{row} holds {text[3]!r}: write plain numbers, nothing for none"
    rows = re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", message)
    if rows:
        row = f"row {rows[1]}" if rows[1] else "a row"
        return f"{row} has {rows[3]} cells, the header {rows[2]}: complete it"
    return " ".join(message.split()) + ": check that it is a CSV file"

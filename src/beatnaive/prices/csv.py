"""CSV to columns: Yahoo's layout, yfinance's three-line header, long panels; every number with full precision."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from beatnaive.core.errors import InputError
from beatnaive.core.numerals import bare, decimal_marks, with_point
from beatnaive.prices.columns import NAMES, by_position, canonical, yfinance_header

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from beatnaive.core.types import Progress

HEAD = 65536  # bytes looked at to tell what a file is
LOOKED_AT = 20  # rows looked at to tell what unnamed columns are
MEGABYTE = 1_000_000
BLOCK = 8 * MEGABYTE  # bytes read at a time
NUMBERS = tuple(name for name in NAMES if name not in ("date", "symbol"))


def read_csv(path: Path, progress: Progress | None = None) -> tuple[pa.Table, str]:
    """The columns of a CSV file that mean something, and what had to be assumed about them ("" where nothing was).

    Read in blocks, so that memory grows with the numbers and not with their text. Numbers come as float64, dates and
    symbols as dictionaries of text; yfinance's wide table of several symbols as a long one with a column "Ticker".
    Arguments: path of a file in UTF-8, separated by comma, semicolon or tab; progress(done, total, what) is told the
    megabytes of a file of more than one block.
    Decimal commas, and commas between thousands, are read where all numbers together show which they are.
    Raises InputError for binary data, uneven rows, text in a column of numbers, and commas that may be either.
    """
    import pyarrow as pa

    where = path.name
    with path.open("rb") as file:
        head = file.read(HEAD)
        whole = not file.read(1)
    if b"\0" in head:
        raise InputError(f"{where} is a binary file: give a CSV or Parquet file")
    try:
        text = head.decode("utf-8-sig", errors="strict" if whole else "ignore")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is a binary file or not UTF-8 text: give a CSV or Parquet file") from error
    first = text.splitlines()[: 1 + LOOKED_AT]
    delimiter = max(",;\t", key=first[0].count) if first else ","
    try:
        reader = csv.reader(io.StringIO("\n".join(first)), delimiter=delimiter)
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise InputError(f"{where}: {error}: check that it is a CSV file") from error
    if not rows or not any(rows[0]):
        raise InputError(f"{where} is empty: it needs a header and at least one row")

    header = yfinance_header(rows[:3])
    if header is None:
        names, skip, note = by_position(rows, where) or (rows[0], 1, "")
        found = canonical(names, where)
        numbers = {found[key] for key in NUMBERS if key in found}
        table, commas = _columns(path, names, skip, delimiter, numbers, set(found.values()), progress)
        return table, "; ".join(filter(None, (note, commas)))

    keys = [f"{column}\n{symbol}" for column, symbol in header]
    wide, note = _columns(path, keys, 3, delimiter, set(keys[1:]), set(keys), progress)
    tables = []
    for symbol in dict.fromkeys(symbol for _, symbol in header[1:]):
        mine = [(column, f"{column}\n{symbol}") for column, of in header[1:] if of == symbol]
        columns = {header[0][0]: wide[keys[0]], **{column: wide[key] for column, key in mine}}
        columns["Ticker"] = pa.chunked_array([pa.array([symbol] * wide.num_rows)])
        tables.append(pa.table(columns))
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries(), note


class _NotPlain(InputError):
    """A cell of a column of numbers that is written otherwise than a program writes it."""


def _columns(
    path: Path, names: list[str], skip: int, delimiter: str, numbers: set[str], used: set[str],
    progress: Progress | None,
) -> tuple[pa.Table, str]:  # fmt: skip
    """The table, and how its numbers were read where they are not plain: with decimal commas, or thousands divided."""
    from pyarrow.csv import ConvertOptions

    missing = set(ConvertOptions().null_values)
    try:
        return _parse(path, names, skip, delimiter, numbers, used, progress), ""
    except _NotPlain as refused:
        table = _parse(path, names, skip, delimiter, set(), used, progress)
        own = [name for name in table.column_names if name in numbers]
        texts = {bare(text or "") for name in own for text in table[name].unique().to_pylist()} - missing
        marks = decimal_marks(texts)
        if marks == ".," and (example := next((text for text in sorted(texts) if "," in text), None)):
            told = f"{example!r}, which may be a decimal comma or divide thousands"
            raise InputError(
                f"{path.name} holds {told}: write a point for decimals and nothing between thousands"
            ) from None
        if not marks:
            raise refused
    for name in own:
        table = table.set_column(table.column_names.index(name), name, _floats(table[name], marks[0], missing))
    return table, "its decimal commas are read as points" if marks == "," else "what divides its thousands is left out"


def _floats(column: pa.ChunkedArray, mark: str, missing: set[str]) -> pa.ChunkedArray:
    """A dictionary of texts as numbers, none where a text says so."""
    import pyarrow as pa

    def number(text: str | None) -> float | None:
        plain = bare(text or "")
        return None if plain in missing else float(with_point(plain, mark))

    chunks = []
    for chunk in column.chunks:
        known = pa.array([number(text) for text in chunk.dictionary.to_pylist()], pa.float64())
        chunks.append(known.take(chunk.indices))
    return pa.chunked_array(chunks, pa.float64())


def _parse(
    path: Path,
    names: list[str],
    skip: int,
    delimiter: str,
    numbers: set[str],
    used: set[str],
    progress: Progress | None,
) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as pc

    texts = pa.dictionary(pa.int32(), pa.string())
    total = path.stat().st_size
    batches = []
    try:
        with path.open("rb") as file:
            if file.read(3) != b"\xef\xbb\xbf":
                file.seek(0)
            reader = pc.open_csv(
                pa.PythonFile(file, "r"),
                read_options=pc.ReadOptions(
                    column_names=names, skip_rows=skip, use_threads=False, block_size=min(BLOCK, max(total, 1))
                ),
                parse_options=pc.ParseOptions(delimiter=delimiter),
                convert_options=pc.ConvertOptions(
                    column_types={name: pa.float64() if name in numbers else texts for name in names},
                    include_columns=[name for name in names if name in used],
                ),
            )
            for batch in reader:
                batches.append(batch)
                if progress and total > BLOCK:
                    done = min(len(batches) * BLOCK, total)
                    progress(done // MEGABYTE, total // MEGABYTE, f"MB of {path.name}")
            return pa.Table.from_batches(batches, reader.schema).unify_dictionaries()
    except pa.ArrowInvalid as error:
        kind = _NotPlain if "invalid value" in str(error) else InputError
        raise kind(f"{path.name}: {in_words(str(error), names)}") from error


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

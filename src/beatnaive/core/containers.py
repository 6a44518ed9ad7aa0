"""Files of arrays and tables that others made: a few bytes in them may stand for more than memory holds."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.documents import read_bytes, shown
from beatnaive.core.errors import InputError
from beatnaive.core.limits import memory

LARGEST = 8 << 30
"""Bytes of the largest file of arrays that is read: a regression's training rows are a tenth of it."""
CELL = 8
"""Bytes of a number, and of where a text lies."""


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file that `numpy.savez` wrote, by name; none of them can be written to.

    No pickle is opened, nothing is inflated, and no array is made that the file does not hold. Raises InputError.
    """
    found = {}
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(path, most=LARGEST))) as file:
            for member in file.infolist():
                if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
                    raise ValueError("it is compressed")
                found[member.filename.removesuffix(".npy")] = _array(file.read(member))
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, RecursionError, MemoryError, RuntimeError,
            NotImplementedError, TypeError, SyntaxError) as error:  # fmt: skip
        raise InputError(f"{shown(path)} does not hold arrays that this program wrote: {str(error)[:80]}") from error
    return found


def _array(content: bytes) -> NDArray[Any]:
    """One array from its bytes in numpy's format. Raises ValueError for objects, which would be pickles."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version of the format")
    shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
    if kind.hasobject:
        raise ValueError("it holds pickles")
    flat = np.frombuffer(content, kind, offset=file.tell())
    return flat.reshape(shape, order="F" if by_column else "C")


def admit_parquet(source: Path | BinaryIO, where: str, *, columns: int = 100_000) -> None:
    """Refuse a Parquet file whose table would take half of the memory, before it is read; `where` names it.

    columns: the most that it may have. Counted are eight bytes a cell, and every text as often as it stands there, a
    lower bound. Raises InputError, and Arrow's own errors (ValueError, OSError) for what is no Parquet file.
    """
    import pyarrow.parquet as pq

    facts, most = pq.ParquetFile(source).metadata, memory() // 2
    if facts.num_columns > columns:
        raise InputError(f"{where} has {facts.num_columns:,} columns: {columns:,} are the most")
    need = facts.num_rows * facts.num_columns * CELL
    for k in range(facts.num_columns):
        column = facts.schema.column(k)
        chunks = [facts.row_group(group).column(k).total_uncompressed_size for group in range(facts.num_row_groups)]
        if column.physical_type == "BYTE_ARRAY" and need + facts.num_rows * max(chunks, default=0) > most:
            need += _text(source, column.path, most - need)
    if need > most:
        there = f"there are {2 * most / 1e9:,.0f}"
        raise InputError(f"{where} would take {need / 1e9:,.0f} GB of memory or more, and {there}: take a part of it")


def admit_csv(content: bytes, where: str, *, columns: int, separator: str = ",") -> None:
    """Refuse a CSV file whose first line has more columns than these, before it is read; `where` names it.

    Raises InputError.
    """
    if (width := 1 + content.partition(b"\n")[0].count(separator.encode())) > columns:
        raise InputError(f"{where} has {width:,} columns: {columns:,} are the most")


def _text(source: Path | BinaryIO, column: str, most: int) -> int:
    """Bytes of a column of texts, counted until they are more than `most`; only different texts are held."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not isinstance(source, Path):
        source.seek(0)
    found = 0
    for batch in pq.ParquetFile(source, read_dictionary=[column]).iter_batches(columns=[column.partition(".")[0]]):
        values = batch.column(0)
        if not hasattr(values, "dictionary"):  # a list, say, whose parts are counted as they come
            found += values.nbytes
        else:
            lengths = pc.binary_length(values.dictionary).to_numpy(zero_copy_only=False)
            found += int(np.asarray(lengths)[values.indices.drop_null().to_numpy(zero_copy_only=False)].sum())
        if found > most:
            break
    return found

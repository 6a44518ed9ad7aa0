"""Columns of Arrow tables as NumPy arrays, without pandas: Arrow's own way there imports it, for 0.4 s of a process."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def values(column: Any) -> NDArray[Any]:
    """(n,) the values of a column of numbers or dates (as datetime64[D]); null is NaN. Read-only.

    >>> import pyarrow as pa
    >>> values(pa.chunked_array([[1.5, None], [2.0]]))
    array([1.5, nan, 2. ])
    >>> values(pa.array([19000], pa.date32()))
    array(['2022-01-08'], dtype='datetime64[D]')
    """
    import pyarrow as pa

    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if array.null_count:
        there = np.unpackbits(np.frombuffer(array.buffers()[0], np.uint8), bitorder="little").astype(bool)
        whole = pa.Array.from_buffers(array.type, len(array), [None, array.buffers()[1]], offset=array.offset)
        return np.where(there[array.offset : array.offset + len(array)], values(whole), np.nan)
    if pa.types.is_date32(array.type):
        return np.asarray(np.from_dlpack(array.view(pa.int32())).astype("datetime64[D]"))
    return np.asarray(np.from_dlpack(array))


def cast(column: Any, kind: Any) -> Any:
    """The column as this Arrow type; itself where it is that already.

    Arrow makes functions for all its 286 operations when the first one is asked for, which takes longer than reading
    years of prices.

    >>> import pyarrow as pa
    >>> cast(pa.chunked_array([[1, 2]]), pa.float64()).type
    DataType(double)
    """
    return column if column.type == kind else column.cast(kind)


def equal(column: Any, value: str | int) -> NDArray[np.bool_]:
    """(n,) where a column of numbers, or of text read as a dictionary, holds this value.

    >>> import pyarrow as pa
    >>> equal(pa.chunked_array([["a", "b"], ["b"]]).dictionary_encode(), "b")
    array([False,  True,  True])
    """
    if not isinstance(value, str):
        return np.asarray(values(column) == value)
    coded = column.unify_dictionaries().combine_chunks()
    known = coded.dictionary.to_pylist()
    return np.asarray(values(coded.indices) == (known.index(value) if value in known else -1))

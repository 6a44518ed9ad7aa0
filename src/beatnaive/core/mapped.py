"""Arrays that memory should not hold: mapped from files without a name, which go when the process goes."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import Floats, Ints
from beatnaive.core.errors import CannotWrite

LARGE = 1 << 28
"""Bytes from which an array is kept in a file."""


def stored(parts: Iterable[Floats], columns: int) -> Floats:
    """Tables (n, columns) one below the other, in a file in TMPDIR that has no name: mapped, read-only.

    The system's cache holds what memory has room for; `forget` lets go of what this process has read.
    Raises CannotWrite where the disk is full.

    >>> stored([np.zeros((1, 2)), np.ones((2, 2))], 2).tolist()
    [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]
    """
    rows = 0
    with _file_for("columns") as file:
        for part in parts:
            file.write(np.ascontiguousarray(part, np.float64).data)
            rows += len(part)
        return _opened(file, rows, columns)


def placed(blocks: Iterable[tuple[Ints, Floats]], rows: int, columns: int) -> Floats:
    """The same of (rows, columns), where each block says at which ascending rows its own belong.

    >>> placed([(np.array([0, 2]), np.zeros((2, 1))), (np.array([1]), np.ones((1, 1)))], 3, 1).tolist()
    [[0.0], [1.0], [0.0]]
    """
    with _file_for("columns") as file:
        for places, block in blocks:
            starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
            runs = zip(places[starts].tolist(), np.split(block, starts[1:]), strict=True)
            for first, run in runs:
                file.seek(8 * columns * first)
                file.write(np.ascontiguousarray(run, np.float64).data)
        return _opened(file, rows, columns)


def blank(rows: int, columns: int) -> Floats:
    """(rows, columns) of NaN to be filled in, in such a file where it is large.

    Raises CannotWrite where the disk is full: now, and not when the first number is written.

    >>> blank(1, 2).tolist()
    [[nan, nan]]
    """
    size = 8 * rows * columns
    if size < LARGE or not hasattr(os, "posix_fallocate") or not size:
        return np.full((rows, columns), np.nan)
    with _file_for("quantiles") as file:
        os.posix_fallocate(file.fileno(), 0, size)
        whole: Floats = np.memmap(file, dtype=np.float64, mode="r+", shape=(rows, columns)).view(np.ndarray)
    whole[:] = np.nan
    return whole


@contextmanager
def _file_for(what: str) -> Iterator[BinaryIO]:
    try:
        with tempfile.TemporaryFile(prefix="beatnaive-") as file:
            yield file
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWrite(f"no room for the panel's {what}: {reason}; name a folder with room in TMPDIR") from error


def _opened(file: BinaryIO, rows: int, columns: int) -> Floats:
    if not rows * columns:
        return np.empty((rows, columns))
    file.flush()
    whole = _Mapped(file, dtype=np.float64, mode="r", shape=(rows, columns))
    whole.descriptor = os.dup(file.fileno())
    weakref.finalize(whole, os.close, whole.descriptor)
    return whole.view(np.ndarray)


class _Mapped(np.memmap[Any, Any]):
    """A mapped array that knows its file, by which other processes find it."""

    descriptor: int


@dataclass(frozen=True)
class Place:
    """Where another process of this machine finds a whole array of `stored`, as long as the first one lives."""

    path: Path
    shape: tuple[int, ...]

    def open(self) -> Floats:
        """The array, mapped and read-only."""
        return np.memmap(self.path, dtype=np.float64, mode="r", shape=self.shape)


def place_of(array: NDArray[Any]) -> Place | None:
    """Where another process finds this array; None where it is in memory, or the system has no /proc."""
    root = _root(array)
    if not isinstance(root, _Mapped) or root.shape != array.shape:
        return None
    path = Path(f"/proc/{os.getpid()}/fd/{root.descriptor}")
    return Place(path, array.shape) if path.exists() else None


def forget(*arrays: NDArray[Any]) -> None:
    """Let go of what was read of mapped arrays; they are read again when they are asked for. Others are left alone."""
    for array in arrays:
        mapping = getattr(_root(array), "_mmap", None)
        if mapping is not None and hasattr(mapping, "madvise"):
            mapping.madvise(mmap.MADV_DONTNEED)


def _root(array: Any) -> Any:
    while not isinstance(array, np.memmap) and isinstance(array.base, np.ndarray):
        array = array.base
    while isinstance(array.base, np.memmap):
        array = array.base
    return array

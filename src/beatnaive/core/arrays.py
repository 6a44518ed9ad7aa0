"""The arrays that nouns hold: their types, and the columns of a bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Instants: TypeAlias = NDArray[np.datetime64]

BARS = ("Open", "High", "Low", "Close", "Volume")
OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)
"""Columns of bars: prices in the symbol's currency, volume in shares."""


def freeze(*arrays: NDArray[Any]) -> None:
    """Make arrays read-only: what a noun holds cannot be changed behind the back of another that holds it, too.

    >>> x = np.zeros(2)
    >>> freeze(x)
    >>> x.flags.writeable
    False
    """
    for array in arrays:
        array.flags.writeable = False


def places(chosen: Bools) -> Ints:
    """Where a mask (n,) is true, ascending; a single run of such rows is a view of one array that all of them share.

    A panel of thousands of symbols has dozens of folds, each of which learns from all rows up to a cutoff.

    >>> places(np.array([False, True, True])), places(np.array([True, False, True]))
    (array([1, 2]), array([0, 2]))
    """
    count, first = int(np.count_nonzero(chosen)), int(chosen.argmax()) if len(chosen) else 0
    return counted(first, first + count) if chosen[first : first + count].all() else np.flatnonzero(chosen)


def counted(first: int, end: int) -> Ints:
    """The numbers from `first` to before `end`, read-only, as a view of the longest row of numbers asked for so far."""
    if end > len(_counted[0]):
        _counted[0] = np.arange(max(end, 2 * len(_counted[0])))
        freeze(_counted[0])
    return _counted[0][first:end]


def as_slice(rows: Ints) -> Ints | slice:
    """Ascending positions as a slice where they are consecutive: it copies nothing, and is two numbers.

    >>> as_slice(np.array([3, 4, 5])), as_slice(np.array([3, 5]))
    (slice(3, 6, None), array([3, 5]))
    """
    consecutive = len(rows) and rows[-1] - rows[0] == len(rows) - 1
    return slice(int(rows[0]), int(rows[-1]) + 1) if consecutive else rows


def among(some: Ints, rows: Ints) -> Ints:
    """Which of `some` are among `rows`, both ascending: their places in `some`.

    >>> among(np.array([1, 4, 7]), np.array([3, 4, 5, 6, 7])), among(np.array([1, 4, 7]), np.array([1, 7]))
    (array([1, 2]), array([0, 2]))
    """
    span = as_slice(rows)
    if isinstance(span, slice):
        first, end = np.searchsorted(some, (span.start, span.stop)).tolist()
        return counted(first, end)
    return np.flatnonzero(np.isin(some, rows))


_counted: list[Ints] = [np.arange(0)]


def by_code(codes: NDArray[np.integer[Any]]) -> dict[int, Ints]:
    """Ascending positions of each code, sorted once however many codes there are.

    >>> by_code(np.array([2, 0, 2], np.int32))
    {0: array([1]), 2: array([0, 2])}
    """
    order = np.argsort(codes, kind="stable")
    found, starts = np.unique(codes[order], return_index=True)
    return dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(codes) else {}


def of_codes(positions: Mapping[int, Ints], codes: Iterable[int]) -> Ints:
    """Ascending positions of some codes, out of those that `by_code` found.

    >>> of_codes(by_code(np.array([2, 0, 2], np.int32)), [2, 7])
    array([0, 2])
    """
    none = np.empty(0, np.int64)
    return np.sort(np.concatenate([none, *(positions.get(code, none) for code in codes)]))

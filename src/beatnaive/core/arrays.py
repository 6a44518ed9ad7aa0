"""The arrays that nouns hold: their types, and the columns of a bar."""

from __future__ import annotations

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

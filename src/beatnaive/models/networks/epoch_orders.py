"""In which order windows are learnt from: whole passes, or a fixed number of batches whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def orders(
    rows: NDArray[np.int32], epochs: int, rng: np.random.Generator, *, updates: int | None = None, batch: int = 32
) -> Iterator[NDArray[np.int32]]:
    """The rows of each epoch, in a fresh random order.

    Without `updates` an epoch is one pass over all rows. With it, `updates` batches are drawn from passes in fresh
    random orders, one after the other, and cut into `epochs` parts: the optimiser does the same work on few windows
    (seen often) and on many (seen once, or not all of them).

    >>> [len(part) for part in orders(np.arange(5, dtype=np.int32), 2, np.random.default_rng(0), updates=4, batch=4)]
    [8, 8]
    """
    if updates is None:
        for _ in range(epochs):
            yield rng.permutation(rows)
        return
    passes = -(-updates * batch // len(rows))
    stream = np.concatenate([rng.permutation(rows) for _ in range(passes)])
    edges = batch * np.linspace(0, updates, epochs + 1).astype(int)
    for begin, end in pairwise(edges):
        yield stream[begin:end]

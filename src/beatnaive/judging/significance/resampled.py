"""Resampled t: the same t of every model, computed again on thousands of resampled histories."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.threads import side_by_side
from beatnaive.core.types import Floats, Ints
from beatnaive.judging.significance.bootstrap import blocks
from beatnaive.judging.significance.cosines import deviation

Singles = NDArray[np.float32]

_BATCH = 64  # replications that share a generator: fixed, so that no number depends on the machine's cores
_BUFFER = 1 << 18  # values gathered at a time: a megabyte stays in a core's own cache
_BASES = 1 << 25  # bytes of cosines kept of each part, whose resamples have few lengths
_WORTH = 1 << 24  # values to gather in all, from which threads repay their start
_FLOOR = 1e-9  # smallest variance of a resample, in those of the column: few rows differ, and none of them was drawn


@dataclass(frozen=True, eq=False)
class Differences:
    """Loss differences on their own rows, and what their t is computed with.

    gain (n, k) loss(benchmark) - loss(model), any unit, in time order; sessions (n,) increasing numbers of the rows'
    sessions, shared by all that are resampled together; count of cosines; block: mean block length, sessions.
    """

    gain: Floats
    sessions: Ints
    count: int
    block: float


def resampled_t(parts: Sequence[Differences], *, replications: int, seed: int) -> tuple[Singles, ...]:
    """(replications, k) t of every part on resampled histories in which no model differs from its benchmark on average.

    Sessions are drawn once for the union of all parts (stationary bootstrap, the largest block of all); each part keeps
    the drawn sessions that it has, its differences less their own mean, and its t is computed with cosines of the
    length that remains. Columns drawn together keep their dependence, within a part and between parts.

    Every 64 replications have a generator of their own and are multiplied in groups of a fixed size: the numbers depend
    on the seed, not on the number of cores. Needs replications x columns x 4 bytes, and a few megabytes for each core.

    References: Politis and Romano 1994, doi:10.1080/01621459.1994.10476870; Goncalves and Vogelsang 2011,
    doi:10.1017/S0266466610000494

    >>> gain = np.random.default_rng(0).normal(size=(100, 2))
    >>> (t,) = resampled_t([Differences(gain, np.arange(100), 9, 5.0)], replications=500, seed=0)
    >>> t.shape, bool(abs(t.mean()) < 0.2), bool(0.9 < t.std() < 1.3)
    ((500, 2), True, True)
    """
    from threadpoolctl import threadpool_limits

    union = np.unique(np.concatenate([part.sessions for part in parts]))
    block = max(part.block for part in parts)
    prepared = [_Part.of(part, union) for part in parts]
    found = tuple(np.empty((replications, part.d.shape[1]), np.float32) for part in prepared)
    batches = range(0, replications, _BATCH)
    fill = partial(_fill, found, prepared, len(union), block, seed)
    values = replications * sum(part.d.size for part in prepared)
    # one thread for each product, and the batches side by side: OpenBLAS would share out products that are too small
    with threadpool_limits(1, user_api="blas"):
        side_by_side(fill, batches, workers=None if values > _WORTH else 1)
    return found


@dataclass(frozen=True, eq=False)
class _Part:
    """What every replication needs of a part: d (n, k) in its own deviations; row (union,), -1 where it has none.

    basis: cosines of a length, the last ones kept: to make them takes longer than all else that a replication does.
    """

    d: Singles
    row: Ints
    count: int
    basis: Callable[[int, int], Singles]

    @classmethod
    def of(cls, part: Differences, union: Ints) -> _Part:
        spread = deviation(part.gain)
        d = (part.gain - part.gain.mean(0)) / np.where(spread > 0, spread, 1.0)
        row = np.full(len(union), -1)
        row[np.searchsorted(union, part.sessions)] = np.arange(len(d))
        kept = lru_cache(maxsize=max(1, _BASES // (4 * d.shape[0] * (1 + part.count))))
        return cls(np.ascontiguousarray(d, np.float32), row, part.count, kept(_basis))

    @property
    def whole(self) -> bool:
        return len(self.d) == len(self.row)


def _fill(found: tuple[Singles, ...], parts: list[_Part], n: int, block: float, seed: int, first: int) -> None:
    """Write the replications from `first` on, of every part."""
    count = min(_BATCH, len(found[0]) - first)
    drawn = resampled_rows(n, block, count, np.random.default_rng([seed, first // _BATCH]))
    for into, part in zip(found, parts, strict=True):
        t = _same_length(part, drawn) if part.whole else _own_lengths(part, drawn)
        for k, rows in enumerate(t):
            into[first + k] = rows


def _same_length(part: _Part, drawn: Ints) -> Iterator[Singles]:
    """(k,) t of each replication of a part that has every session: one basis, several replications at a time."""
    (n, k), count = part.d.shape, len(drawn)
    basis = _basis(n, part.count)
    together = max(1, min(count, _BUFFER // (n * k)))
    buffer = np.empty((together * n, k), np.float32)
    for first in range(0, count, together):
        rows = drawn[first : first + together].T
        taken = buffer[: rows.size]
        np.take(part.d, rows.ravel(), axis=0, out=taken, mode="clip")  # "raise" would copy it once more
        # replications side by side: one wide product instead of many narrow ones
        yield from _t(basis @ taken.reshape(n, -1)).reshape(-1, k)


def _own_lengths(part: _Part, drawn: Ints) -> Iterator[Singles]:
    """(k,) t of each replication of a part that lacks sessions: its resampled lengths differ, and so do its cosines."""
    placed = part.row[drawn]
    rows = placed[placed >= 0]
    lengths = np.count_nonzero(placed >= 0, axis=1)
    ends = lengths.cumsum().tolist()
    for end, length in zip(ends, lengths.tolist(), strict=True):
        if length < 2:
            yield np.zeros(part.d.shape[1], np.float32)
        else:
            yield _t(part.basis(length, min(part.count, length - 1)) @ part.d[rows[end - length : end]])


def _basis(n: int, count: int) -> Singles:
    """(1 + count, n) a constant and the cosines, every row of length one.

    cos(j x) = 2 cos(x) cos((j - 1) x) - cos((j - 2) x): a tenth of the time that `cosines` takes, to 1e-12.
    """
    basis = np.empty((1 + count, n))
    basis[0] = 1.0
    basis[1] = np.cos(math.pi / n * (np.arange(n) + 0.5))
    twice = 2 * basis[1]
    for j in range(2, count + 1):
        np.multiply(twice, basis[j - 1], out=basis[j])
        basis[j] -= basis[j - 2]
    basis *= math.sqrt(2 / n)
    basis[0] = math.sqrt(1 / n)
    return basis.astype(np.float32)


def _t(products: Singles) -> Singles:
    """(.., k) t from products (.., 1 + count, k) with a basis."""
    variance = np.add.reduce(np.square(products[..., 1:, :]), -2) / np.float32(products.shape[-2] - 1)
    return np.asarray(products[..., 0, :] / np.sqrt(np.maximum(variance, _FLOOR)))


def resampled_rows(n: int, block: float, count: int, rng: np.random.Generator) -> Ints:
    """(count, n) rows that `count` stationary-bootstrap samples take, in their order.

    >>> resampled_rows(4, 2.0, 2, np.random.default_rng(1)).shape
    (2, 4)
    """
    starts, lengths = blocks(n, block, count, rng)
    # a block that starts at row a and fills the places from s on takes row a + (place - s), round the end
    shift = starts - (lengths.cumsum(1) - lengths)
    return np.asarray((np.repeat(shift.ravel(), lengths.ravel()).reshape(count, n) + np.arange(n)) % n, np.int64)

"""Stationary bootstrap of means: the one source of resampled numbers behind step-down, interval and confidence set."""

from __future__ import annotations

import math

import numpy as np

from beatnaive.core.types import Floats

_CHUNK = 500  # replications at a time: keeps the dense weights (chunk x n) small


def block_length(n: int, horizon: int = 1) -> float:
    """Mean block length in sessions: n^(1/3) at horizon one, twice the horizon beyond it.

    >>> block_length(1000)
    10.0
    >>> block_length(1000, horizon=20)
    40.0
    """
    # rounded, so that the cube root of a cube is exact on every platform
    return max(1.0, round(n ** (1 / 3), 9)) if horizon == 1 else float(min(2 * horizon, n))


def bootstrap_means(x: Floats, *, block: float, replications: int, seed: int) -> Floats:
    """Centred means of `x` over stationary-bootstrap samples: mean* - mean.

    Blocks start anywhere, have geometric lengths with mean `block` and wrap round the end. A block's sum is a
    difference of cumulative sums, so a replication is one row of signed counts, and all of them one matrix product.

    x (n, k), any unit; returns (replications, k) in that unit. One seed gives one set of samples, whatever x is:
    columns drawn together keep their dependence, and the same rows drawn again give the same numbers.

    Reference: Politis and Romano 1994, doi:10.1080/01621459.1994.10476870

    >>> x = np.tile([[0.0], [1.0]], (50, 1))
    >>> bootstrap_means(x, block=5, replications=3, seed=0).shape
    (3, 1)
    """
    n = len(x)
    rng = np.random.default_rng(seed)
    # the sum of centred values up to n is zero, which makes a block that wraps round the end need no special case
    centred = x - x.mean(0)
    before = np.concatenate([np.zeros((1, x.shape[1])), centred.cumsum(0)[:-1]])
    means = np.empty((replications, x.shape[1]))
    for first in range(0, replications, _CHUNK):
        count = min(_CHUNK, replications - first)
        means[first : first + count] = _edges(n, block, count, rng) @ before / n
    return means


def _edges(n: int, block: float, count: int, rng: np.random.Generator) -> Floats:
    """(count, n) signed counts: +1 where a block ends, -1 where it starts, summed over a replication's blocks."""
    starts, lengths = blocks(n, block, count, rng)
    ends = starts + lengths
    ends[ends >= n] -= n
    offset = np.arange(count)[:, None] * n
    plus = np.bincount((ends + offset).ravel(), minlength=count * n)
    minus = np.bincount((starts + offset).ravel(), minlength=count * n)
    return (plus - minus).astype(np.float64).reshape(count, n)


def blocks(
    n: int, block: float, count: int, rng: np.random.Generator
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int64]], np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    """Starts and lengths, (count, blocks) each, of the blocks of `count` samples; a sample's lengths add up to n."""
    # mean + 6 standard deviations: about once in 1e9 samples the last block is longer than geometric
    most = math.ceil(n / block + 6 * math.sqrt(n / block)) + 10
    if block <= 1:
        drawn = np.ones((count, most), np.int64)
    else:
        drawn = np.ceil(np.log1p(-rng.random((count, most))) / math.log1p(-1 / block)).astype(np.int64)
    ends = np.minimum(np.maximum(drawn, 1).cumsum(1), n)
    ends[:, -1] = n
    return rng.integers(0, n, (count, most)), np.diff(ends, axis=1, prepend=0)

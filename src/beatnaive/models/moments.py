"""Counts, means and products: all that a linear model learns from its rows, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from beatnaive.core import mapped
from beatnaive.core.types import CLOSE, Floats, Ints, Samples
from beatnaive.models.base import Scaling, design

LabelUnit = Literal["return", "price"]

AT_ONCE = 1 << 14
"""Rows that are read at a time: a pooled model needs no copy of its panel."""
TINY = 1e-13
"""A direction whose share of the largest variance is smaller is taken for rounding: its columns are each other's sums.

Products carry sixteen digits of a square, so that deviations are told apart down to 3e-7 of the largest."""


@dataclass(frozen=True, eq=False)
class Moments:
    """n rows u of p columns and a label: n, mean (p + 1,), and spread (p + 1, p + 1) = sum (u - mean)(u - mean)'.

    Two add up without the rows (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115).

    >>> u = np.array([[1.0, 2.0], [3.0, 5.0], [8.0, 1.0]])
    >>> both = Moments.of(u[:1]) + Moments.of(u[1:])
    >>> both.n, both.mean.tolist(), np.allclose(both.spread, Moments.of(u).spread)
    (3, [4.0, 2.6666666666666665], True)
    """

    n: int
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, u: Floats) -> Moments:
        """From the rows (n, p + 1) themselves, n > 0."""
        mean = u.mean(axis=0)
        away = u - mean
        return cls(len(u), mean, away.T @ away)

    def __add__(self, other: Moments) -> Moments:
        """Those of the rows of both."""
        if not self.n or not other.n:
            return self if self.n else other
        n, gap = self.n + other.n, other.mean - self.mean
        spread = self.spread + other.spread + np.outer(gap, gap) * (self.n * other.n / n)
        return Moments(n, self.mean + gap * (other.n / n), spread)


def total(parts: Iterable[Moments], width: int) -> Moments:
    """The sum of all parts; of no row where there is none."""
    return sum((one for one in parts if one.n), Moments(0, np.zeros(width), np.zeros((width, width))))


def moments_of(
    train: Samples, columns: Sequence[str] | None, target: LabelUnit, cell: Ints, cells: int
) -> list[Moments]:
    """The moments of the training rows of each cell 0 .. cells - 1; cell (n,) says which a row belongs to."""
    width = design(train.inputs, train.rows[:1], columns).shape[1] + 1
    found = [total((), width) for _ in range(cells)]
    for first in range(0, len(train), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        rows, codes = train.rows[part], cell[part]
        y = train.y[part]
        label = y if target == "return" else train.inputs.bars[rows, CLOSE] * np.exp(y)
        u = np.column_stack([design(train.inputs, rows, columns), label])
        for code in np.unique(codes).tolist():
            found[code] += Moments.of(u[codes == code])
        mapped.forget(train.inputs.x)
    return found


def solutions(known: Moments, penalties: Floats) -> tuple[Scaling, Floats]:
    """The standardisation z of the columns, and (penalties, p) b = argmin |y - mean - z b|^2 + penalty |b|^2.

    From one eigendecomposition of z'z; with penalty 0 the least squares of minimal norm. A constant column gets scale 1
    and weight 0.
    """
    p = len(known.mean) - 1
    deviation = np.sqrt(np.diag(known.spread)[:p] / known.n)
    varies = deviation > 1e-12 * np.hypot(known.mean[:p], deviation)
    scale = np.where(varies, deviation, 1.0)
    kept = np.outer(varies, varies)
    values, vectors = np.linalg.eigh(np.where(kept, known.spread[:p, :p] / np.outer(scale, scale), 0.0))
    turned = vectors.T @ np.where(varies, known.spread[:p, p] / scale, 0.0)
    curved = np.maximum(values, 0.0) + penalties[:, None]
    least = TINY * values.max(initial=0.0)
    shrunk = np.divide(turned, curved, out=np.zeros_like(curved), where=curved > least)
    return Scaling(known.mean[:p], scale), np.asarray(shrunk @ vectors.T)


def squared_errors(block: Moments, known: Moments, scaling: Scaling, weights: Floats) -> Floats:
    """(k,) the sum of squared errors on a block's rows of k solutions (k, p) that were found from `known`.

    With c = (-b / scale, 1): sum e^2 = c' spread c + n (c' (mean of the block - mean of the known rows))^2.
    """
    c = np.column_stack([-weights / scaling.scale, np.ones(len(weights))])
    away = c @ (block.mean - known.mean)
    return np.asarray(np.einsum("ki,ij,kj->k", c, block.spread, c) + block.n * away**2)

"""Scores of probabilistic forecasts: pinball, CRPS, Winkler, coverage with its interval, PIT and its tests.

All are pointwise first (one value per forecast), so that the tests of equal accuracy run on any of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS, Floats, Ints

_CHUNK = 65536  # rows at a time: the losses at every level of a panel's rows would need a gigabyte


def pinball(y: Floats, quantiles: Floats, levels: Sequence[float] = LEVELS) -> Floats:
    """L = (tau - 1{y < q}) (y - q), the loss that the tau-quantile minimises.

    y (n,) outcomes, quantiles (n, k), both in the target's unit. Returns (n, k).

    Reference: Koenker and Bassett 1978, doi:10.2307/1913643.

    >>> pinball(np.array([1.0]), np.array([[0.0, 2.0]]), (0.1, 0.9)).round(3).tolist()
    [[0.1, 0.1]]
    """
    error = y[:, None] - quantiles
    return np.asarray(np.maximum(np.array(levels) * error, (np.array(levels) - 1) * error))


def crps(y: Floats, quantiles: Floats, levels: Sequence[float] = LEVELS) -> Floats:
    """CRPS = 2 int_0^1 L_tau(y, q_tau) dtau, the integral by the trapezium rule over the stated levels.

    Beyond the first and last level the loss falls to zero at 0 and 1, as it does for any distribution with a mean. With
    the nine LEVELS the result is some 3 % below the exact integral of a Gaussian: compare it with itself only.
    y (n,), quantiles (n, k) increasing. Returns (n,), in the target's unit.

    Reference: Gneiting and Raftery 2007, doi:10.1198/016214506000001437.

    >>> crps(np.array([0.0]), np.zeros((1, 9))).tolist()
    [0.0]
    """
    at = np.array([0.0, *levels, 1.0])
    found = np.empty(len(y))
    for first in range(0, len(y), _CHUNK):
        part = slice(first, first + _CHUNK)
        padded = np.pad(pinball(y[part], quantiles[part], levels), ((0, 0), (1, 1)))
        found[part] = 2 * np.trapezoid(padded, at, axis=1)
    return found


def winkler(y: Floats, lower: Floats, upper: Floats, coverage: float) -> Floats:
    """W = (u - l) + 2 / (1 - coverage) (max(l - y, 0) + max(y - u, 0)): the width, and a fine for each miss.

    y, lower, upper (n,) in the target's unit; coverage the interval's nominal one. Returns (n,).

    Reference: Winkler 1972, doi:10.1080/01621459.1972.10481224.

    >>> winkler(np.array([3.0]), np.array([0.0]), np.array([2.0]), 0.8).round(6).tolist()
    [12.0]
    """
    missed = np.maximum(lower - y, 0.0) + np.maximum(y - upper, 0.0)
    return np.asarray(upper - lower + 2.0 / (1.0 - coverage) * missed)


def interval(quantiles: Floats, coverage: float) -> tuple[Floats, Floats]:
    """The central interval of this coverage: its lower and upper quantiles, (n,) each.

    Raises InputError for a coverage whose levels are not among LEVELS.

    >>> lower, upper = interval(np.arange(9.0)[None], 0.8)
    >>> lower.tolist(), upper.tolist()
    ([2.0], [6.0])
    """
    low = round((1 - coverage) / 2, 6)
    if low not in LEVELS or low >= 0.5:
        stated = ", ".join(f"{1 - 2 * level:.0%}" for level in LEVELS if level < 0.5)
        raise InputError(f"no {coverage:.0%} interval is stated: choose one of {stated}")
    k = LEVELS.index(low)
    return quantiles[:, k], quantiles[:, len(LEVELS) - 1 - k]


@dataclass(frozen=True)
class Coverage:
    """The share of outcomes inside an interval, and its 95 % confidence interval (Wilson 1927)."""

    nominal: float
    observed: float
    low: float
    high: float
    n: int


def coverage(y: Floats, quantiles: Floats, nominal: float) -> Coverage:
    """How often the central interval of this nominal coverage held the outcome; rows without quantiles do not count.

    The confidence interval is Wilson's, doi:10.1080/01621459.1927.10502953, for independent outcomes.

    >>> coverage(np.zeros(4), np.tile(np.arange(9.0) - 4, (4, 1)), 0.8).observed
    1.0
    """
    lower, upper = interval(quantiles, nominal)
    stated = np.isfinite(lower) & np.isfinite(y)
    inside = (y[stated] >= lower[stated]) & (y[stated] <= upper[stated])
    n = len(inside)
    share = float(inside.mean()) if n else float("nan")
    low, high = wilson(share, n)
    return Coverage(nominal, share, low, high, n)


def wilson(share: float, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson's confidence interval of a share observed n times; NaN for n = 0.

    >>> tuple(round(edge, 4) for edge in wilson(0.5, 100))
    (0.4038, 0.5962)
    """
    if not n:
        return float("nan"), float("nan")
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return centre - half, centre + half


def pit(y: Floats, quantiles: Floats, levels: Sequence[float] = LEVELS) -> Floats:
    """Probability integral transform F(y), linear between the stated quantiles, uniform on 0..1 if forecasts are right.

    Beyond the outermost quantiles only "outside" is known: such outcomes get the middle of the tail's probability.
    y (n,), quantiles (n, k) increasing. Returns (n,); NaN where no quantiles are stated.

    Reference: Dawid 1984, doi:10.2307/2981683.

    >>> pit(np.array([0.0, 9.0]), np.tile(np.arange(9.0) - 4, (2, 1))).tolist()
    [0.5, 0.9875]
    """
    known = np.array(levels)
    below = (quantiles <= y[:, None]).sum(axis=1)
    k = np.clip(below, 1, len(known) - 1)
    rows = np.arange(len(y))
    left, right = quantiles[rows, k - 1], quantiles[rows, k]
    width = np.where(right > left, right - left, 1.0)
    share = np.clip((y - left) / width, 0.0, 1.0)
    inside = known[k - 1] + share * (known[k] - known[k - 1])
    tails = np.where(below == 0, known[0] / 2, (1 + known[-1]) / 2)
    value = np.where((below == 0) | (below == len(known)), tails, inside)
    return np.where(np.isfinite(quantiles[:, 0]) & np.isfinite(y), value, np.nan)


def p_rise(quantiles: Floats) -> float:
    """The probability 1 - F(0) that quantiles (len(LEVELS),) of a log return give to a rise.

    >>> round(p_rise(np.arange(9) - 4.0), 3)
    0.5
    """
    return float(1 - pit(np.zeros(1), quantiles[None])[0])


def pit_counts(y: Floats, quantiles: Floats) -> tuple[Ints, Floats]:
    """Outcomes per bin between the stated levels, and the numbers expected: the PIT histogram, without interpolation.

    Returns counts (len(LEVELS) + 1,) and expected counts of the same shape.
    """
    stated = np.isfinite(quantiles[:, 0]) & np.isfinite(y)
    below = (quantiles[stated] < y[stated, None]).sum(axis=1)
    counts = np.bincount(below, minlength=len(LEVELS) + 1).astype(np.int64)
    return counts, len(below) * np.diff([0.0, *LEVELS, 1.0])


def pit_test(y: Floats, quantiles: Floats) -> tuple[float, float]:
    """Pearson's chi-square test that the PIT is uniform over the bins of the stated levels.

    Returns the statistic and its p-value, for independent outcomes (with a horizon above one it rejects too often).
    Raises InputError for fewer than 5 expected outcomes in a bin.
    """
    from scipy.stats import chi2

    counts, expected = pit_counts(y, quantiles)
    if expected.min() < 5:
        raise InputError(f"{counts.sum()} outcomes are too few for a test of the PIT: it needs 200")
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return statistic, float(chi2.sf(statistic, len(counts) - 1))

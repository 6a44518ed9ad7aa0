"""The mean of a time series and its standard error from low-frequency cosines: one t for every loss and horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from beatnaive.core.arrays import Floats, freeze
from beatnaive.judging.significance.tails import t_below, t_point

PERSISTENT = 8
"""Cosines for losses whose level drifts for months: variances, and quantiles of a volatility that is off."""


def cosine_count(n: int, horizon: int = 1, *, persistent: bool = False) -> int:
    """How many cosines B estimate the long-run variance of n loss differences: the degrees of freedom of their t.

    B = 0.4 n^(2/3) and at least 8 at horizon one; divided by sqrt(horizon) and at least 6 beyond it, because spans
    that overlap are correlated for `horizon` sessions; 8 for `persistent` losses. Never more than n - 1.

    >>> cosine_count(60), cosine_count(239), cosine_count(1000), cosine_count(239, horizon=20)
    (8, 15, 40, 6)
    """
    wanted = round(0.4 * n ** (2 / 3) / math.sqrt(horizon))
    return max(1, min(n - 1, PERSISTENT if persistent else max(8 if horizon == 1 else 6, wanted)))


@lru_cache(maxsize=8)  # the symbols of a panel are of few lengths
def cosines(n: int, count: int) -> Floats:
    """(count, n) type-II cosines sqrt(2 / n) cos(pi j (t - 1/2) / n), j = 1 .. count, t = 1 .. n.

    Rows have length one, are orthogonal, and sum to zero: a constant in the data leaves no trace in the products.

    >>> c = cosines(50, 3)
    >>> bool(np.allclose(c @ c.T, np.eye(3))), bool(np.allclose(c.sum(1), 0))
    (True, True)
    """
    j, t = np.arange(1, count + 1)[:, None], np.arange(n) + 0.5
    made = np.asarray(math.sqrt(2 / n) * np.cos(math.pi / n * j * t))
    freeze(made)
    return made


@dataclass(frozen=True, eq=False)
class MeanTest:
    """Per column (k,): mean and its standard error, both in the data's unit, t = mean / error, and the t's freedom.

    A column that never varies has no error to be measured by: error 0 and t 0, no evidence either way.
    """

    mean: Floats
    error: Floats
    t: Floats
    df: int

    @property
    def p_better(self) -> Floats:
        """(k,) one-sided: the mean is not positive. 1 for a column that never varies."""
        return np.where(self.error > 0, t_below(-self.t, self.df), 1.0)

    @property
    def p_value(self) -> Floats:
        """(k,) two-sided: the mean is zero. 1 for a column that never varies."""
        return np.where(self.error > 0, 2 * t_below(-np.abs(self.t), self.df), 1.0)

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Lower and upper limits (k,) of the mean: mean -+ t((1 + level) / 2, df) standard errors.

        The same t as `p_better`: the 90 % interval excludes zero exactly where a one-sided p is below 5 %.
        """
        wide = t_point((1 - level) / 2, self.df) * self.error
        return self.mean - wide, self.mean + wide


def mean_test(d: Floats, count: int) -> MeanTest:
    """The equal-weighted-cosine t of the mean of d.

    L_j = sqrt(2 / n) sum_t d_t cos(pi j (t - 1/2) / n); V = mean of L_j^2 over j = 1 .. count; error = sqrt(V / n).
    Under a spectrum that is flat over the first `count` cosines, t is Student's with `count` degrees of freedom.

    d (n,) or (n, k) in time order, any unit; count from `cosine_count`.

    Reference: Lazarus, Lewis, Stock and Watson 2018, doi:10.1080/07350015.2018.1506926

    >>> d = np.random.default_rng(0).normal(0.5, 1.0, size=(239, 1))
    >>> test = mean_test(d, cosine_count(239))
    >>> bool(test.p_better[0] < 0.001), test.df
    (True, 15)
    """
    d = d.reshape(len(d), -1)
    n = len(d)
    mean, spread = d.mean(0), deviation(d)
    unit = np.where(spread > 0, spread, 1.0)
    error = np.sqrt(np.square(cosines(n, count) @ ((d - mean) / unit)).mean(0) / n) * spread
    t = np.zeros(d.shape[1])
    np.divide(mean, error, out=t, where=error > 0)
    return MeanTest(mean, error, t, count)


def deviation(d: Floats) -> Floats:
    """(k,) standard deviations; exactly 0 for a column that varies by rounding only.

    >>> deviation(np.array([[1.0, 0.1], [1.0, 0.3]])).round(3).tolist()
    [0.0, 0.1]
    """
    spread = d.std(0)
    return np.where(spread > 1e-12 * np.abs(d).max(0, initial=0.0), spread, 0.0)

"""Diebold-Mariano: is the mean loss of two forecasts the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import chance, finite, percent
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.tails import t_below

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest


@dataclass(frozen=True, eq=False)
class DM:
    """Per model (k,): statistic with the small-sample correction, degrees of freedom, standard error of the mean."""

    statistic: Floats
    df: float
    error: Floats

    @property
    def p_value(self) -> Floats:
        """Two-sided."""
        return 2 * t_below(-np.abs(self.statistic), self.df)

    @property
    def p_better(self) -> Floats:
        """One-sided: the model is not better than the benchmark."""
        return t_below(-self.statistic, self.df)


def diebold_mariano(d: Floats, horizon: int = 1) -> DM:
    """Test that the mean of d = loss(benchmark) - loss(model) is zero.

    statistic = mean(d) / sqrt(V / n) * sqrt((n + 1 - 2h + h (h - 1) / n) / n), V = c_0 + 2 sum of c_1 .. c_(h-1),
    c_j the autocovariances of d (divisor n); p from t(n - 1). Positive = the model is better. Equal to R's
    forecast::dm.test wherever V is positive; where it is not, the statistic is NaN.

    d (n,) or (n, k), any unit; horizon in sessions. Shown, and comparable with other tools; rulings have their own t.

    References: Diebold and Mariano 1995, doi:10.1080/07350015.1995.10524599;
    Harvey, Leybourne and Newbold 1997, doi:10.1016/S0169-2070(96)00719-4

    >>> test = diebold_mariano(np.array([1.0, 2.0, -1.0, 3.0, 0.5, 1.5]))
    >>> round(float(test.statistic[0]), 4), round(float(test.p_value[0]), 4)
    (2.0917, 0.0907)
    """
    d = d.reshape(len(d), -1)
    n = len(d)
    variance = long_run_variance(d, horizon)
    shrink = np.sqrt(max(n + 1 - 2 * horizon + horizon * (horizon - 1) / n, 0.0) / n)
    error = np.sqrt(variance / n)
    mean = d.mean(0)
    # differences that never vary carry no evidence either way
    moving = error > 1e-12 * np.maximum(np.abs(mean), np.finfo(float).tiny)
    statistic = np.full(d.shape[1], np.nan)
    np.divide(mean * shrink, error, out=statistic, where=moving)
    return DM(statistic, n - 1.0, error)


def long_run_variance(d: Floats, horizon: int) -> Floats:
    """(k,) c_0 + 2 (c_1 + .. + c_(h-1)); NaN where that is not positive.

    >>> long_run_variance(np.array([[1.0], [-1.0], [1.0], [-1.0]]), 1)
    array([1.])
    """
    n = len(d)
    e = d - d.mean(0)
    total = (e * e).sum(0) / n
    for lag in range(1, min(horizon, n)):
        total = total + 2 * (e[lag:] * e[:-lag]).sum(0) / n
    return np.where(total > 0, total, np.nan)


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: is its mean loss the same as naive's?"""
    test = diebold_mariano(contest.gain, contest.horizon)
    gain = contest.in_percent(contest.gain.mean(0))
    return tuple(
        Evidence(
            test="diebold_mariano",
            model=name,
            null="the forecasts are equally accurate",
            statistic=finite(test.statistic[k]),
            p_value=finite(test.p_value[k]),
            n=len(contest),
            words=f"{name} against naive: {percent(gain[k])}; {chance(test.p_value[k])}.",
            details={"p_better": finite(test.p_better[k])},
        )
        for k, name in enumerate(contest.models)
    )

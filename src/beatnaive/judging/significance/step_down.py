"""Which of many models beat the benchmark, given all that were tried: a studentised Romano-Wolf step-down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats


@dataclass(frozen=True, eq=False)
class StepDown:
    """t (k,) studentised mean gains; p_adjusted (k,) family-wise; error (k,) standard errors; critical = 95 % point."""

    t: Floats
    p_adjusted: Floats
    error: Floats
    critical: float


def step_down(gain: Floats, means: Floats, n: int) -> StepDown:
    """Adjusted p-values of "this model's mean gain is positive", for all models together.

    t_k = mean gain / bootstrap standard error. The null distribution of the largest t comes from the centred
    bootstrap means; a model that is worse than sqrt(2 log log n) standard errors stays where it is instead of being
    centred (Hansen), so that hopeless models cost no power. Models are taken in order of t; the p-value of the j-th is
    the share of replications in which the largest t* of the models not yet passed reaches its t; adjusted p is the
    running maximum.

    gain (k,) mean loss differences (benchmark - model), any unit; means (B, k) from `bootstrap_means` of the same
    differences; n sessions. A model whose differences never vary has no evidence: t = 0, p = 1.

    References: Romano and Wolf 2005, doi:10.1111/j.1468-0262.2005.00615.x; Hansen 2005, doi:10.1198/073500105000000063

    >>> rng = np.random.default_rng(0)
    >>> means = rng.normal(size=(999, 2))
    >>> result = step_down(np.array([3.5, 0.1]), means, 250)
    >>> bool(result.p_adjusted[0] < 0.01 < 0.4 < result.p_adjusted[1])
    True
    """
    error = means.std(0)
    steady = error <= 1e-12 * np.maximum(np.abs(gain), np.finfo(float).tiny)
    scale = np.where(steady, 1.0, error)
    t = np.where(steady, 0.0, gain / scale)
    null = np.where(steady, 0.0, means / scale)
    null = null + np.where(t < -hopeless(n), t, 0.0)
    order = np.argsort(-t, kind="stable")
    # column j: the largest t* among the models from the j-th on
    largest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    reached = (largest >= t[order]).sum(0)
    p = np.empty_like(t)
    p[order] = np.maximum.accumulate((1 + reached) / (1 + len(null)))
    p[steady] = 1.0
    return StepDown(t, p, np.where(steady, 0.0, error), float(np.quantile(largest[:, 0], 0.95)))


def hopeless(n: int) -> float:
    """Standard errors below zero from which a model no longer enters the null distribution: sqrt(2 log log n).

    >>> round(hopeless(239), 3)
    1.844
    """
    return math.sqrt(2 * math.log(math.log(max(n, 3))))

"""Tail probabilities: Student's t, the normal distribution, and Holm's correction for many of them."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats


def holm(p: Floats) -> Floats:
    """Holm's family-wise adjusted p-values; NaN counts as 1.

    Reference: Holm 1979, https://www.jstor.org/stable/4615733

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.where(np.isfinite(p), p, 1.0)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def t_below(x: Floats, df: float) -> Floats:
    """Student t distribution function; NaN stays NaN."""
    from scipy.special import stdtr

    return np.asarray(stdtr(df, x))


def t_point(p: float, df: float) -> float:
    """The value that Student's t exceeds with probability p; infinite without degrees of freedom.

    >>> round(t_point(0.05, 238), 3)
    1.651
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - p)) if df > 0 else float("inf")


def normal_below(x: Floats) -> Floats:
    """Standard normal distribution function; NaN stays NaN."""
    from scipy.special import ndtr

    return np.asarray(ndtr(x))

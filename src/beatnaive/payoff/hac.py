"""Errors that allow for autocorrelation: Newey and West, of a mean and of a regression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats


def lags_of(n: int) -> int:
    """Newey and West's rule of thumb: the whole part of 4 (n / 100)^(2/9).

    >>> lags_of(100), lags_of(1000)
    (4, 6)
    """
    return int(4 * (n / 100) ** (2 / 9))


def long_run(x: Floats, lags: int) -> Floats:
    """(k, k) long-run covariance of moments x (n, k) of mean zero: S_0 + sum_j (1 - j / (lags + 1)) (S_j + S_j').

    Reference: Newey and West 1987, doi:10.2307/1913610
    """
    total = x.T @ x
    for j in range(1, min(lags, len(x) - 1) + 1):
        part = x[j:].T @ x[:-j]
        total += (1 - j / (lags + 1)) * (part + part.T)
    return np.asarray(total / len(x))


def mean_error(x: Floats, lags: int) -> float:
    """Newey-West standard error of the mean of x (n,), in the unit of x.

    >>> round(mean_error(np.array([1.0, -1.0, 1.0, -1.0]), 0), 3)
    0.5
    """
    return float(np.sqrt(max(0.0, long_run((x - x.mean())[:, None], lags)[0, 0]) / len(x)))


@dataclass(frozen=True)
class Line:
    """y = alpha + beta x, each with its Newey-West standard error; alpha in the unit of y."""

    alpha: float
    beta: float
    alpha_error: float
    beta_error: float


def regression(y: Floats, x: Floats, lags: int) -> Line:
    """Ordinary least squares of y (n,) on a constant and x (n,); NaN where x never varies.

    >>> line = regression(np.array([1.0, 3.0, 5.0]), np.array([0.0, 1.0, 2.0]), 0)
    >>> round(line.alpha, 9), round(line.beta, 9)
    (1.0, 2.0)
    """
    if np.ptp(x) == 0:
        return Line(math.nan, math.nan, math.nan, math.nan)
    design = np.column_stack([np.ones(len(x)), x])
    inverse = np.linalg.inv(design.T @ design)
    coefficient = inverse @ (design.T @ y)
    moments = design * (y - design @ coefficient)[:, None]
    covariance = inverse @ (long_run(moments, lags) * len(x)) @ inverse
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return Line(float(coefficient[0]), float(coefficient[1]), float(error[0]), float(error[1]))

"""Drawdown: how far below its highest point wealth fell, and how long it stayed there."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats


def wealth(returns: Floats) -> Floats:
    """(n + 1,) what 1 became: the product of 1 + returns; what is lost whole stays lost.

    >>> wealth(np.array([0.1, -0.5])).round(9).tolist()
    [1.0, 1.1, 0.55]
    """
    return np.concatenate([[1.0], np.cumprod(np.maximum(1 + returns, 0.0))])


def drawdowns(returns: Floats) -> Floats:
    """(n + 1,) wealth over its highest point so far, less 1: 0 or below.

    >>> drawdowns(np.array([0.1, -0.5])).round(9).tolist()
    [0.0, 0.0, -0.5]
    """
    path = wealth(returns)
    return np.asarray(path / np.maximum.accumulate(path) - 1)


def deepest(returns: Floats) -> tuple[float, int]:
    """The deepest drawdown, as a negative part of wealth, and the most sessions in a row below an earlier peak.

    >>> deepest(np.array([0.1, -0.5, 0.2, 1.0, -0.1]))[1]
    2
    """
    path = drawdowns(returns)
    below = path < -1e-12
    run = np.arange(len(below)) - np.maximum.accumulate(np.where(below, 0, np.arange(len(below))))
    return float(path.min()), int(run.max())

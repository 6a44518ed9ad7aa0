"""What variance models share: one symbol's session variances and returns, and a floor that keeps forecasts positive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.recursions import faded
from beatnaive.core.types import Floats, Inputs, Ints
from beatnaive.features.variance import session_variance
from beatnaive.models.univariate import Univariate


@dataclass(frozen=True)
class VarianceModel(Univariate):
    """A model of one symbol's series (n, 2): the session's variance (`features.variance`) and log return."""

    targets: ClassVar[tuple[str, ...]] = ("volatility",)
    minimum: ClassVar[int] = 22

    @property
    def lookback(self) -> int:
        """A session and the close before it, without which it has no variance."""
        return 2

    @staticmethod
    def series(inputs: Inputs, since: np.datetime64) -> tuple[Ints, Floats]:
        """Sessions whose variance is known and that no fill invented."""
        variance = session_variance(inputs)
        known = np.flatnonzero(np.isfinite(variance) & ~inputs.filled & (inputs.session >= since))
        before = inputs.history(known, 2)[:, 0]
        return known, np.column_stack([variance[known], np.log(inputs.close[known] / inputs.close[before])])


def floored(variance: Floats, series: Floats) -> Floats:
    """At least a hundredth of the mean variance so far: a session without movement says little about the next, and
    QLIKE has no value at a forecast of zero."""
    return np.maximum(variance, 0.01 * running_mean(series[:, 0]))


def running_mean(x: Floats, window: int | None = None) -> Floats:
    """(n,) mean of the last `window` values, of all so far where there are fewer; None = always all.

    >>> running_mean(np.array([1.0, 3.0, 5.0]), 2)
    array([1., 2., 4.])
    """
    n = np.arange(1, len(x) + 1)
    count = n if window is None else np.minimum(n, window)
    if window is None:
        return np.asarray(np.cumsum(x) / n)
    padded = np.concatenate([np.zeros(window), x])
    total = np.lib.stride_tricks.sliding_window_view(padded, window)[1:].sum(axis=1)
    return np.asarray(total / count)


def smoothed(x: Floats, decay: float) -> Floats:
    """s_t = decay s_{t-1} + (1 - decay) x_t, started at the mean of the values so far while these are few.

    The start is a bias correction, weights 1 - decay^t, so that no later value has a say in an earlier one.

    >>> smoothed(np.array([1.0, 3.0]), 0.5)
    array([1.        , 2.33333333])
    """
    weight = 1 - decay ** np.arange(1, len(x) + 1)
    return np.asarray(faded((1 - decay) * x, decay) / weight)

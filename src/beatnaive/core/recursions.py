"""First-order recursions as plain loops: scipy.signal does them faster, but its import takes longer than years of them.

A process that only forecasts then does without SciPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from beatnaive.core.types import Floats


def faded(values: Floats, decay: float, before: float = 0.0) -> Floats:
    """(n,) s_t = decay s_{t-1} + x_t, with s = `before` ahead of the first value.

    >>> faded(np.array([1.0, 1.0, 1.0]), 0.5)
    array([1.  , 1.5 , 1.75])
    """
    sums = accumulate(values.tolist(), lambda total, value: decay * total + value, initial=before)
    return np.array(list(sums)[1:])


def innovations(values: Floats, ar: Sequence[float], ma: Sequence[float]) -> Floats:
    """(n,) e_t = w_t - sum phi_i w_{t-i} - sum theta_j e_{t-j}, zero before the first value.

    >>> innovations(np.array([1.0, 0.5]), [0.5], [0.2])
    array([ 1. , -0.2])
    """
    rest = values.copy()
    for lag, phi in enumerate(ar, start=1):
        rest[lag:] -= phi * values[:-lag]
    past = [0.0] * len(ma)
    found = []
    for value in rest.tolist():
        error = value - sum(theta * one for theta, one in zip(ma, past, strict=True))
        found.append(error)
        past = [error, *past][: len(ma)]
    return np.array(found)

"""The smallest effect that would be seen four times in five, whatever threshold it must pass."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats

POWER = 0.8


def detectable_effect(error: Floats, critical: float, df: int, power: float = POWER) -> Floats:
    """(k,) the mean gain that passes `critical` with this power, in the unit of `error`.

    delta x error, where a noncentral t with `df` degrees of freedom and noncentrality delta exceeds `critical` with
    probability `power`. For ordinary thresholds delta = critical + t(0.8, df) to two digits; for those of a panel's
    first step the noise of the error itself counts, and delta is larger.

    error (k,) standard errors of the mean gain; critical: the t that the ruling really asks for (`Judgement.critical`),
    or that of a single test.

    >>> detectable_effect(np.array([0.1, 0.2]), 1.753, 15).round(3).tolist()
    [0.261, 0.521]
    """
    from scipy.special import nctdtrinc

    return np.asarray(float(nctdtrinc(df, 1 - power, critical)) * error)

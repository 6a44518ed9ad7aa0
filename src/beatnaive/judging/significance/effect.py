"""The smallest effect that would be seen four times in five, whatever threshold it must pass."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.judging.significance.tails import t_point

POWER = 0.8
EXTREME = 0.001
"""Tail from which on the noise of the standard error counts."""


def detectable_effect(error: Floats, critical: float, df: int, power: float = POWER) -> Floats:
    """(k,) the mean gain that would be seen with this power, in the unit of `error`.

    (critical + t(power, df)) errors: exact for an effect added to the very history that gave `error`, and to two digits
    for one that is fixed beforehand, whose error is still to be estimated. Thresholds beyond t(0.001, df), which panels
    and many trials ask for, make the second larger by a few percent: from there on it is the noncentrality that a
    noncentral t with `df` degrees of freedom needs to exceed `critical` with this power, times the error.

    error (k,) standard errors of the mean gain; critical: the t that the ruling really asks for
    (`Judgement.critical`), or that of a single test.

    >>> detectable_effect(np.array([0.1, 0.2]), 1.753, 15).round(3).tolist()
    [0.262, 0.524]
    """
    from scipy.special import nctdtrinc

    this_history = critical + t_point(1 - power, df)
    if critical <= t_point(EXTREME, df):
        return np.asarray(this_history * error)
    # the noncentral value is the larger one there; never below, should the search for it fail
    return np.asarray(max(this_history, np.nan_to_num(float(nctdtrinc(df, 1 - power, critical)))) * error)

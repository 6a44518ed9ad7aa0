"""The smallest effect that would be seen four times in five, whatever threshold it must pass."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.judging.significance.tails import t_point

POWER = 0.8


def detectable_effect(error: Floats, critical: float, df: int, power: float = POWER) -> Floats:
    """(k,) the mean gain that would be seen with this power, in the unit of `error`.

    There are two exact answers. Added to the very history that gave `error`, the effect must be (critical + t(power,
    df)) errors. Fixed beforehand, when the error is still to be estimated, it must be as many as a noncentral t with
    `df` degrees of freedom needs to exceed `critical`. They agree to two digits for ordinary thresholds; for those of a
    panel or of many trials the second is larger, by a twentieth at most from 15 degrees of freedom on. The mean of both
    is returned: read either way, such an effect is found in 75 to 83 % where 80 % are said (docs/honesty.md).

    error (k,) standard errors of the mean gain; critical: the t that the ruling really asks for
    (`Judgement.critical`), or that of a single test.

    >>> detectable_effect(np.array([0.1, 0.2]), 1.753, 15).round(3).tolist()
    [0.261, 0.523]
    """
    from scipy.special import nctdtrinc

    this_history = critical + t_point(1 - power, df)
    any_history = float(nctdtrinc(df, 1 - power, critical))
    return np.asarray((this_history + any_history) / 2 * error)

"""The smallest effect that would be seen four times in five, whatever threshold it must pass."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from beatnaive.core.types import Floats

POWER = 0.8


def detectable_effect(error: Floats, critical: float, df: int, power: float = POWER) -> Floats:
    """(k,) the mean gain that would be seen with this power, in the unit of `error`.

    A gain of m true errors makes t noncentral Student with `df` degrees of freedom and noncentrality m; `noncentrality`
    finds the m whose t exceeds `critical` with this power. The true error is not known: its estimate is too small on
    average by the factor c4 = sqrt(2 / df) gamma((df + 1) / 2) / gamma(df / 2), hence effect = m error / c4. So a gain
    of this size in a world is seen in this share of the world's histories, at any threshold and any number of cosines.

    error (k,) standard errors of the mean gain; critical: the t that the ruling really asks for
    (`Judgement.critical`), or that of a single test.

    >>> detectable_effect(np.array([0.1, 0.2]), 1.753, 15).round(3).tolist()
    [0.265, 0.53]
    """
    low = math.sqrt(2 / df) * math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2))
    return np.asarray(noncentrality(critical, df, power) / low * error)


@lru_cache(maxsize=4096)
def noncentrality(critical: float, df: int, power: float = POWER) -> float:
    """The m with P((Z + m) / S > critical) = power; Z standard normal, S = sqrt(chi-squared(df) / df).

    P = integral of phi(z) F((z + m) / critical) dz, F the distribution function of S, by the trapezoid rule (the
    integrand and its slopes vanish at both ends); m by bisection between the m of a normal t and one beyond all of S.

    critical: positive, in standard errors; df: 1 or more. Infinite where `critical` is.

    >>> round(noncentrality(1.753, 15), 3), round(noncentrality(4.974, 15), 3)
    (2.607, 6.021)
    """
    from scipy.special import gammainc, ndtri

    if not math.isfinite(critical):
        return math.inf
    z = np.linspace(-8.5, 8.5, 3401)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])

    def seen(m: float) -> float:
        s = np.maximum(z + m, 0.0) / critical
        return float(density @ gammainc(df / 2, df * s * s / 2))

    low, high = 0.0, critical * (1 + 9 / math.sqrt(df)) + float(ndtri(power)) + 9
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) > power else (middle, high)
    return (low + high) / 2

"""Pesaran-Timmermann: are the directions called better than coin tosses with the same bias?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.judging.significance.tails import normal_below


@dataclass(frozen=True, eq=False)
class PT:
    """Per model (k,): statistic, one-sided p-value, share of directions called right, share expected by chance."""

    statistic: Floats
    p_value: Floats
    hits: Floats
    expected: Floats
    n: Floats


def pesaran_timmermann(move: Floats, call: Floats) -> PT:
    """Test that the called direction is independent of the direction that came.

    P = share of hits, P* = p q + (1 - p)(1 - q) with p, q the shares of rises in outcome and forecast;
    S = (P - P*) / sqrt(var(P) - var(P*)), var(P) = P*(1 - P*) / n,
    var(P*) = ((2p - 1)^2 q (1 - q) + (2q - 1)^2 p (1 - p)) / n + 4 p q (1 - p)(1 - q) / n^2; normal, one-sided.

    move (n,) outcomes and call (n, k) forecasts, both as changes from naive; rows where either is zero call nothing
    and are left out. NaN where a model always calls the same direction.

    Reference: Pesaran and Timmermann 1992, doi:10.1080/07350015.1992.10509922

    >>> test = pesaran_timmermann(np.array([1.0, -1, 1, -1, 1, -1]), np.array([1.0, -1, 1, -1, -1, 1]))
    >>> round(float(test.statistic[0]), 4), round(float(test.hits[0]), 4)
    (0.8944, 0.6667)
    """
    call = call.reshape(len(move), -1)
    used = (move[:, None] != 0) & (call != 0)
    n = used.sum(0).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = ((move[:, None] > 0) & used).sum(0) / n
        q = ((call > 0) & used).sum(0) / n
        hits = (((move[:, None] > 0) == (call > 0)) & used).sum(0) / n
        expected = p * q + (1 - p) * (1 - q)
        of_hits = expected * (1 - expected) / n
        a, b = q * (1 - q), p * (1 - p)
        of_expected = ((2 * p - 1) ** 2 * a + (2 * q - 1) ** 2 * b) / n + 4 * a * b / n**2
        variance = of_hits - of_expected
        statistic = np.where(variance > 1e-15, (hits - expected) / np.sqrt(np.abs(variance)), np.nan)
    return PT(statistic, normal_below(-statistic), hits, expected, n)

"""Pesaran-Timmermann: are the directions called better than coin tosses with the same bias?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import finite, p_text
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.tails import normal_below

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest


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


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: does it call the direction? One symbol's returns only."""
    if not contest.call.size:
        return ()
    test = pesaran_timmermann(contest.move, contest.call)
    found = []
    for k, name in enumerate(contest.models):
        statistic, p = finite(test.statistic[k]), finite(test.p_value[k])
        shares = f"{100 * test.hits[k]:.1f} % of the directions right, {100 * test.expected[k]:.1f} % are expected"
        words = f"{name} calls {shares} without any skill ({p_text(test.p_value[k])})."
        if statistic is None:
            words = f"{name} always calls the same direction: there is nothing to test."
        null = "called and actual direction are independent"
        details = {"hits": finite(test.hits[k]), "expected": finite(test.expected[k])}
        found.append(
            Evidence(
                test="pesaran_timmermann",
                model=name,
                null=null,
                statistic=statistic,
                p_value=p,
                n=int(test.n[k]),
                words=words,
                details=details,
            )
        )
    return tuple(found)

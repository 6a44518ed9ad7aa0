"""Christoffersen: do intervals hold as often as they promise, and do their misses come alone?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from beatnaive.core.types import Bools


@dataclass(frozen=True, kw_only=True)
class ConditionalCoverage:
    """Likelihood ratios and p-values: the rate of misses, their independence, and both together.

    n rows, of which `misses`; NaN where there are fewer than two rows.
    """

    rate: float
    independence: float
    both: float
    p_rate: float
    p_independence: float
    p_both: float
    misses: int
    n: int


def conditional_coverage(inside: Bools, nominal: float, horizon: int = 1) -> ConditionalCoverage:
    """Test that an interval is missed with probability 1 - nominal, whatever happened the day before.

    With n_ij the number of days in state j after a day in state i (1 = missed), pi_ij = n_ij / (n_i0 + n_i1), pi the
    share of misses:
    rate = -2 log[(1 - p)^(n - x) p^x / ((1 - pi)^(n - x) pi^x)], p = 1 - nominal, x misses in n days (Kupiec);
    independence = -2 log[L(n_01 + n_11) / L(n_01, n_11)], one transition probability against two;
    both = rate + independence. Chi-squared with 1, 1 and 2 degrees of freedom.

    inside (n,): did the interval hold the outcome, in time order. Beyond horizon one, outcomes of consecutive days
    overlap and misses come together by construction: the test then runs on every `horizon`-th row, from each of the
    first `horizon` rows, and the run with the smallest p of both is returned, its p-values times `horizon`.

    Reference: Christoffersen 1998, doi:10.2307/2527341

    >>> inside = np.ones(250, bool)
    >>> inside[[20, 21, 22, 90, 91, 200]] = False
    >>> found = conditional_coverage(inside, 0.95)
    >>> found.misses, round(found.rate, 3), round(found.independence, 3), round(found.p_both, 4)
    (6, 4.369, 15.915, 0.0)
    """
    runs = [_one(~inside[first::horizon], 1 - nominal) for first in range(min(horizon, max(len(inside), 1)))]
    worst = min(runs, key=lambda run: run.p_both if np.isfinite(run.p_both) else 2.0)
    if len(runs) == 1:
        return worst
    return replace(
        worst,
        p_rate=min(1.0, len(runs) * worst.p_rate),
        p_independence=min(1.0, len(runs) * worst.p_independence),
        p_both=min(1.0, len(runs) * worst.p_both),
    )


def _one(missed: Bools, p: float) -> ConditionalCoverage:
    from scipy.special import chdtrc

    n, x = len(missed), int(missed.sum())
    rate = independence = float("nan")
    if n > 1:
        before, now = missed[:-1], missed[1:]
        after_hit, after_miss = now[~before], now[before]
        rate = max(0.0, 2 * (_likelihood(x, n) - _likelihood(x, n, p)))
        apart = _likelihood(int(after_hit.sum()), len(after_hit)) + _likelihood(int(after_miss.sum()), len(after_miss))
        independence = max(0.0, 2 * (apart - _likelihood(int(now.sum()), n - 1)))
    both = rate + independence
    return ConditionalCoverage(
        rate=rate,
        independence=independence,
        both=both,
        p_rate=float(chdtrc(1, rate)),
        p_independence=float(chdtrc(1, independence)),
        p_both=float(chdtrc(2, both)),
        misses=x,
        n=n,
    )


def _likelihood(x: int, n: int, p: float | None = None) -> float:
    """log of (1 - p)^(n - x) p^x; p = x / n unless it is given; 0 log 0 = 0."""
    from scipy.special import xlogy

    if n == 0:
        return 0.0
    p = x / n if p is None else p
    return float(xlogy(n - x, 1 - p) + xlogy(x, p))

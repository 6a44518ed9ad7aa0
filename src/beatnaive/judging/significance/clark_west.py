"""Clark-West: does a model that contains naive carry information, even if it is not yet more accurate?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import finite, p_text
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.diebold_mariano import long_run_variance
from beatnaive.judging.significance.tails import holm, normal_below

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest


@dataclass(frozen=True, eq=False)
class CW:
    """Per model (k,): statistic and one-sided p-value."""

    statistic: Floats
    p_value: Floats


def clark_west(adjusted: Floats, horizon: int = 1) -> CW:
    """Test that a nested model's mean squared error, less the noise its estimation adds, equals naive's.

    f_t = (y - f0)^2 - ((y - f1)^2 - (f0 - f1)^2) = 2 (y - f0) (f1 - f0); statistic = mean(f) / sqrt(V / (n - 1)),
    one-sided against the normal; V = the larger of the variances with h - 1 and with no autocovariances.

    adjusted (n,) or (n, k) values of f_t, squared unit of y; horizon in sessions. NaN where a model never differs
    from naive.

    Reference: Clark and West 2007, doi:10.1016/j.jeconom.2006.05.023

    >>> test = clark_west(np.array([1.0, 2.0, -1.0, 3.0, 0.5, 1.5]))
    >>> round(float(test.statistic[0]), 4)
    2.0917
    """
    f = adjusted.reshape(len(adjusted), -1)
    variance = np.fmax(long_run_variance(f, horizon), long_run_variance(f, 1))
    statistic = f.mean(0) / np.sqrt(variance / max(len(f) - 1, 1))
    return CW(statistic, normal_below(-statistic))


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: does it hold information that its own noise hides? Returns only; p adjusted for all models (Holm)."""
    if not contest.adjusted.size:
        return ()
    test = clark_west(contest.adjusted, contest.horizon)
    adjusted = holm(test.p_value)
    found = []
    for k, name in enumerate(contest.models):
        p, slope = test.p_value[k], contest.slope[k]
        if not np.isfinite(p):
            words = f"{name} never differs from naive: there is nothing to test."
        elif adjusted[k] >= 0.05:
            words = f"{name} shows no sign of information beyond naive (adjusted {p_text(adjusted[k])})."
        else:
            remedy = f"shrunk by {slope:.2f} it might be more accurate than naive"
            words = f"{name} carries information; {remedy} (adjusted {p_text(adjusted[k])})."
        found.append(
            Evidence(
                test="clark_west", model=name, null="the model adds nothing to naive but noise",
                statistic=finite(test.statistic[k]), p_value=finite(p), n=len(contest), words=words,
                details={"slope": finite(slope), "p_adjusted": float(adjusted[k])},
            )
        )  # fmt: skip
    return tuple(found)

"""Minimum detectable effect: which edge would this test have seen four times in five?"""

from __future__ import annotations

import numpy as np

from beatnaive.core.phrases import finite
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.adjusted import adjusted
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.diebold_mariano import diebold_mariano, t_point

SINGLE = 1.645
"""95 % point of the normal distribution: the critical value of a single one-sided test."""
POWER = 0.842
"""80 % point of the normal distribution."""


def detectable(error: Floats, critical: float) -> Floats:
    """Smallest mean gain found with 80 % power: (critical value + 0.842) x standard error of the mean gain.

    error (k,) in the unit of the loss; critical: the step-down's own 95 % point, or `SINGLE`.

    >>> detectable(np.array([0.1]), SINGLE).round(4).tolist()
    [0.2487]
    """
    return (critical + POWER) * error


def effects(one: Contest) -> tuple[Floats, Floats]:
    """(k,) twice: the gains seen four times in five by the step-down, and by a single test; % of naive's error."""
    ours = adjusted(one).better[one.hardest]
    own = detectable(ours.error, ours.critical)
    single = detectable(diebold_mariano(one.gain, one.horizon).error, SINGLE)
    if one.horizon > 1:
        # the ruling must also pass Holm over single tests, whose first step is the hardest
        held = diebold_mariano(one.gain, one.horizon, floor=True)
        own = np.fmax(own, detectable(held.error, t_point(0.05 / len(one.models), held.df)))
        single = detectable(held.error, t_point(0.05, held.df))
    # rivals that are far behind can lower the joint critical value, but no joint test is easier than a single one
    return one.in_percent(np.fmax(own, single)), one.in_percent(single)


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: the smallest edge that these sessions could have shown."""
    result = adjusted(contest).better[contest.hardest]
    effect = contest.in_percent(detectable(result.error, result.critical))
    return tuple(
        Evidence(
            test="detectable", model=name, null="", statistic=None, p_value=None, n=len(contest),
            words=f"An edge of {effect[k]:.1f} % over naive would be seen in {name} four times in five.",
            details={"mde_pct": finite(effect[k]), "critical": result.critical},
        )
        for k, name in enumerate(contest.models)
        if np.isfinite(effect[k])
    )  # fmt: skip

"""Minimum detectable effect: which edge would this test have seen four times in five?"""

from __future__ import annotations

import numpy as np

from beatnaive.core.phrases import digits, finite
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.adjusted import adjusted
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.effect import detectable_effect


def effects(one: Contest) -> tuple[Floats, Floats]:
    """(k,) twice: the skill seen four times in five by the ruling itself, and by a test of one model alone; %.

    The threshold is the one that the ruling really asks for: step-down, trials and, for a symbol of a panel, the first
    step of Benjamini-Hochberg included. NaN where a model never differs from naive.
    """
    found = adjusted(one)
    error = np.where(found.test.error > 0, found.test.error, np.nan)
    own, single = (detectable_effect(error, t, found.test.df) for t in (found.critical, found.single))
    return one.in_percent(own), one.in_percent(single)


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: the smallest edge that these sessions could have shown."""
    effect, _ = effects(contest)
    critical = adjusted(contest).critical
    return tuple(
        Evidence(
            test="detectable", model=name, null="", statistic=None, p_value=None, n=len(contest),
            words=f"An edge of {digits(effect[k])} % over naive would be seen in {name} four times in five.",
            details={"mde_pct": finite(effect[k]), "critical": critical},
        )
        for k, name in enumerate(contest.models)
        if np.isfinite(effect[k])
    )  # fmt: skip

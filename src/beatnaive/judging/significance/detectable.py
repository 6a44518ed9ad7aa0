"""Minimum detectable effect: which edge would this test have seen four times in five?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import finite
from beatnaive.core.types import Evidence, Floats

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest

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


def as_percent(gain: Floats, level: float, *, root: bool) -> Floats:
    """A gain in loss as % of naive's error: 100 (1 - sqrt(1 - gain / level)) for squares, 100 gain / level otherwise.

    gain (k,) and level (naive's mean loss) in the unit of the loss; NaN where level is not positive; an edge beyond
    a perfect forecast counts as 100 %.

    >>> as_percent(np.array([0.19]), 1.0, root=True).round(6).tolist()
    [10.0]
    """
    if not level > 0:
        return np.full(len(gain), np.nan)
    share = np.minimum(gain / level, 1.0)
    return 100 * (1 - np.sqrt(1 - share)) if root else 100 * share


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: the smallest edge that these sessions could have shown."""
    result = contest.better[contest.hardest]
    effect = contest.in_percent(detectable(result.error, result.critical))
    return tuple(
        Evidence(
            "detectable", name, "", None, None, len(contest),
            f"An edge of {effect[k]:.1f} % over naive would be seen in {name} four times in five.",
            {"mde_pct": finite(effect[k]), "critical": result.critical},
        )
        for k, name in enumerate(contest.models)
        if np.isfinite(effect[k])
    )  # fmt: skip

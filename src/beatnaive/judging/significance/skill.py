"""Skill: how much smaller is the model's error than naive's, and how well is that known?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import finite
from beatnaive.core.types import Evidence, Floats

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest


def skill(mean: Floats, *, root: bool) -> Floats:
    """(.., k) skill in %: 100 (1 - RMSE / RMSE of naive), or without the roots where errors are no squares.

    mean (.., 1 + k) mean errors, naive first. NaN where naive's is not positive.

    >>> skill(np.array([4.0, 1.0]), root=True).tolist()
    [50.0]
    """
    naive, models = mean[..., :1], mean[..., 1:]
    ratio = np.full(np.broadcast(naive, models).shape, np.nan)
    np.divide(models, naive, out=ratio, where=naive > 0)
    return 100 * (1 - (np.sqrt(np.maximum(ratio, 0.0)) if root else ratio))


def interval(mean: Floats, means: Floats, *, root: bool, level: float = 0.9) -> Floats:
    """(2, k) bootstrap percentile interval of the skill, %.

    mean (1 + k,) mean errors, naive first; means (B, 1 + k) their centred bootstrap means.

    Reference: Efron and Tibshirani 1993, doi:10.1201/9780429246593, section 13.3

    >>> mean, means = np.array([1.0, 1.0]), np.random.default_rng(0).normal(size=(999, 2)) * 0.01
    >>> low, high = interval(mean, means, root=True)
    >>> bool(low[0] < 0 < high[0])
    True
    """
    tail = (1 - level) / 2
    return np.asarray(np.quantile(skill(mean + means, root=root), [tail, 1 - tail], axis=0))


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: its skill and the 90 % interval."""
    mean = contest.shown.mean(0)
    skills, (low, high) = skill(mean, root=contest.root), interval(mean, contest.shown_draws, root=contest.root)
    return tuple(
        Evidence(
            test="skill",
            model=name,
            null="",
            statistic=finite(skills[k]),
            p_value=None,
            n=len(contest),
            words=f"{name}'s skill is {skills[k]:+.2f} %, between {low[k]:+.2f} and {high[k]:+.2f} % "
            "with 90 % confidence.",
            details={"low": finite(low[k]), "high": finite(high[k])},
        )
        for k, name in enumerate(contest.models)
        if np.isfinite(skills[k])
    )

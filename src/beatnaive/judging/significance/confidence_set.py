"""Model confidence set: which models cannot be told apart from the best?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import listing
from beatnaive.core.types import Evidence, Floats

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest


def confidence_set(mean: Floats, means: Floats) -> Floats:
    """P-values of "belongs to the set of best models", by elimination on the range statistic.

    t_ij = (Lbar_i - Lbar_j) / sqrt(var_ij), var_ij from the bootstrap; while models remain: T = max t_ij,
    p = share of bootstrap maxima above T, drop the i of the largest t_ij; a model's p is the largest so far.
    The set at level 1 - a holds the models with p > a.

    mean (m,) mean losses; means (B, m) their centred bootstrap means (a common constant may be missing from both).

    Reference: Hansen, Lunde and Nason 2011, doi:10.3982/ECTA5771. The same numbers as arch.bootstrap.MCS(method="R")
    from the same samples.

    >>> draws = np.random.default_rng(0).normal(size=(500, 3)) * 0.1
    >>> (confidence_set(np.array([1.0, 1.05, 9.0]), draws) > 0.1).tolist()
    [True, True, False]
    """
    m = len(mean)
    pairs = means[:, :, None] - means[:, None, :]
    variance = (pairs**2).mean(0)
    # the same forecasts twice differ by rounding alone, and cannot be told apart
    spread = np.sqrt(np.where(variance > 1e-20 * variance.max(), variance, np.inf))
    t, null = (mean[:, None] - mean[None, :]) / spread, pairs / spread
    included = list(range(m))
    p, so_far = np.ones(m), 0.0
    while len(included) > 1:
        inside = np.ix_(included, included)
        statistic = t[inside].max()
        if statistic <= 0:
            break
        so_far = max(so_far, float((null[:, inside[0], inside[1]].max(axis=(1, 2)) > statistic).mean()))
        first = int(np.argwhere(t[inside] == statistic)[0, 0])
        p[included.pop(first)] = so_far
    p[included] = 1.0
    return p


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Which models, naive among them, may be the best? One Evidence for the field."""
    names = (*contest.benchmarks, *contest.models)
    p = confidence_set(*contest.relative)
    included = [name for name, value in zip(names, p, strict=True) if value > 0.1]
    words = f"{listing(included)} cannot be told apart as the best at 90 % confidence."
    if len(included) == 1:
        words = f"{included[0]} alone may be the best at 90 % confidence."
    null = "all models in the set are equally accurate"
    return (
        Evidence(
            test="confidence_set",
            model="*",
            null=null,
            statistic=None,
            p_value=float(p.min()),
            n=len(contest),
            words=words,
            details={"p_values": dict(zip(names, p.tolist(), strict=True)), "included": included},
        ),
    )

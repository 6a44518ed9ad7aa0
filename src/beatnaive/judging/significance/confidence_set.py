"""Model confidence set: which models cannot be told apart from the best?"""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np

from beatnaive.core.phrases import listing
from beatnaive.core.types import Evidence, Floats
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
    variance = np.zeros((m, m))
    for part in _chunks(means):
        variance += ((part[:, :, None] - part[:, None, :]) ** 2).sum(0)
    variance /= len(means)
    # the same forecasts twice differ by rounding alone, and cannot be told apart
    spread = np.sqrt(np.where(variance > 1e-20 * variance.max(), variance, np.inf))
    t = (mean[:, None] - mean[None, :]) / spread
    # who is dropped, and at which t, depends on t alone; the last ones cannot be told apart
    included, dropped, at = list(range(m)), list[int](), list[float]()
    while len(included) > 1 and (largest := t[np.ix_(included, included)].max()) > 0:
        first = int(np.argwhere(t[np.ix_(included, included)] == largest)[0, 0])
        dropped.append(included.pop(first))
        at.append(float(largest))
    p = np.ones(m)
    if not dropped:
        return p
    # each replication's largest |t*| among the models from the j-th dropped on: one more model at a time, from the end
    order = np.array([*dropped, *included])
    reached = np.zeros(len(dropped))
    for part in _chunks(means):
        null = np.abs(part[:, order, None] - part[:, None, order]) / spread[np.ix_(order, order)]
        own = np.triu(null, 1).max(2)  # of the j-th with those after it
        rest = np.maximum.accumulate(own[:, ::-1], axis=1)[:, ::-1]
        reached += (rest[:, : len(dropped)] > np.array(at)).sum(0)
    p[dropped] = np.maximum.accumulate(reached / len(means))
    return p


def _chunks(means: Floats) -> Iterator[Floats]:
    """The draws in parts whose pairs take some 30 MB."""
    rows = max(1, 4_000_000 // means.shape[1] ** 2)
    for first in range(0, len(means), rows):
        yield means[first : first + rows]


_made: WeakKeyDictionary[Contest, Floats] = WeakKeyDictionary()


def set_p(one: Contest) -> Floats:
    """(b + k,) p-values of benchmarks and models; asked for again, the same array."""
    if one not in _made:
        _made[one] = confidence_set(*one.relative)
    return _made[one]


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Which models, naive among them, may be the best? One Evidence for the field."""
    names = (*contest.benchmarks, *contest.models)
    p = set_p(contest)
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

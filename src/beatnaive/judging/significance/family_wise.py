"""Which of many t are significant, all of them counted: a step-down on tail probabilities with Student's margins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Bools, Floats, Ints
from beatnaive.judging.significance.resampled import Singles
from beatnaive.judging.significance.tails import holm

LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class FamilyWise:
    """p (k,) adjusted for the whole family; tail: a one-sided p of one model alone below which `p` starts below 5 %."""

    p: Floats
    tail: float


def family_wise(
    t: Floats, null: Singles, *, df: Ints, rows: Ints, alive: Bools, factor: float = 1.0, level: float = LEVEL
) -> FamilyWise:
    """Adjusted one-sided p of every t, whatever each one's degrees of freedom: the larger t, the smaller p.

    1. Margins from Student: a model's resampled t are replaced by the t(df) quantiles of their ranks, so that only the
       dependence between models comes from resampling. A model that differs from its benchmark on few rows has
       resampled t of any size; its ranks are as good as any other's.
    2. A model below -sqrt(2 log log rows) stays where it is instead of being centred: the hopeless cost no power.
    3. Models are compared on the tail probability F_df(-t), which is the same scale for all losses and horizons. They
       are taken in its order; p of the j-th is the share of replications in which the smallest tail of the models not
       yet passed reaches its own; adjusted p is the running maximum, never below the model's own tail and never above
       Holm's p, which no dependence exceeds. For one model it is Student's.

    t, df, rows (k,): each model's t, degrees of freedom and number of rows; null (replications, k) its resampled t;
    alive (k,): the others carry no evidence (p = 1) and are outside the family; factor: p is multiplied by it
    (Bonferroni for what could not be resampled).

    References: Romano and Wolf 2005, doi:10.1111/j.1468-0262.2005.00615.x; Hansen 2005,
    doi:10.1198/073500105000000063

    >>> null = np.random.default_rng(0).standard_t(15, size=(999, 2)).astype(np.float32)
    >>> both = np.ones(2, int)
    >>> found = family_wise(np.array([3.5, 0.1]), null, df=15 * both, rows=239 * both, alive=both > 0)
    >>> bool(found.p[0] < 0.01 < 0.4 < found.p[1]), bool(0.025 <= found.tail < 0.03)
    (True, True)
    """
    from scipy.special import stdtr

    p = np.ones(len(t))
    if not alive.any():
        return FamilyWise(p, level / factor)
    t, df, rows, null = t[alive], df[alive], rows[alive], null[:, alive]
    tail = np.asarray(stdtr(df, -t))
    order = np.argsort(tail, kind="stable")
    tails = _null_tails(t, null, df, rows)[:, order]
    # column j: the smallest tail among the models from the j-th on
    smallest = np.minimum.accumulate(tails[:, ::-1], axis=1)[:, ::-1]
    reached = (1 + (smallest <= tail[order]).sum(0)) / (1 + len(null))
    stepped = np.empty(len(t))
    stepped[order] = np.maximum.accumulate(np.maximum(reached, tail[order]))
    p[alive] = np.minimum(1.0, factor * np.minimum(stepped, holm(tail)))
    # p < level holds for a tail that fewer than `most` of the smallest reach, and for one below Bonferroni's
    most = int(np.ceil(level / factor * (1 + len(null)))) - 1
    reach = float(np.partition(smallest[:, 0], most - 1)[most - 1]) if most > 0 else 0.0
    # hopeless rivals can make the joint tail wide, but p is never below the model's own
    return FamilyWise(p, min(level / factor, max(reach, level / factor / len(t))))


def _null_tails(t: Floats, null: Singles, df: Ints, rows: Ints) -> Floats:
    """(replications, k) tail probabilities under the null: (rank + 1/2) / replications, shifted for the hopeless."""
    from scipy.special import stdtr, stdtrit

    grid = (np.arange(len(null)) + 0.5) / len(null)
    tails = np.empty(null.shape)
    for k in range(len(t)):
        shifted = t[k] < -hopeless(rows[k])
        # grid is the tail of the largest, the next, ..: ties keep their order, here as in every column
        margin = stdtr(df[k], stdtrit(df[k], grid) - t[k]) if shifted else grid
        tails[np.argsort(-null[:, k], kind="stable"), k] = margin
    return tails


def hopeless(n: int) -> float:
    """Standard errors below zero from which a model no longer enters the null distribution: sqrt(2 log log n).

    >>> round(hopeless(239), 3)
    1.844
    """
    return math.sqrt(2 * math.log(math.log(max(n, 3))))

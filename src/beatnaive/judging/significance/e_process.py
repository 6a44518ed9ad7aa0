"""Evidence that is valid on any day one looks: bets on the loss difference against naive.

    E_t = prod_{i <= t} (1 + lambda_i clip(d_i, -c_i, c_i)),   lambda_i = 1 / (2 c_i),   c_i = 8 s_i

d is naive's loss less the model's; s_i^2 the exponentially weighted mean square of the d before i (`DECAY`), so that c
and lambda are known before d_i is; the first `LEARNING` rows are not bet on. Where E[clip(d_i) | what was known] <= 0,
E is a nonnegative supermartingale from 1, and P(E reaches 20 at any time) <= 1/20 (Ville). c is wide, since clipping is
not harmless: a model whose rare losses are cut off would look better than it is.

References: Henzi and Ziegel 2022, doi:10.1093/biomet/asab047; Choe and Ramdas 2024, doi:10.1287/opre.2021.0792.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Bools, Floats

DECIDES = 20.0
"""Odds that decide: 1 / 0.05."""
WIDTH = 8.0
"""c in deviations of d: about one row in a thousand lies beyond."""
DECAY = 0.99
LEARNING = 20
"""Outcomes from which the first c is learnt."""
LARGEST = 600.0
"""Of log E: beyond it there is nothing left to learn."""


def log_wealth(d: Floats, c: Floats, stake: Floats) -> Floats:
    """(n, ...) log E_t after each row: the sum of log(1 + stake x clip(d, -c, c)).

    d, c and stake (n, ...), in the unit of the loss and its inverse; 0 <= stake <= 1 / (2 c).

    >>> d, c = np.full(14, 0.5), np.ones(14)
    >>> np.exp(log_wealth(d, c, 1 / (2 * c)))[12:].round(2).tolist()
    [18.19, 22.74]
    """
    return np.asarray(np.cumsum(np.log1p(stake * np.clip(d, -c, c)), axis=0))


@dataclass(frozen=True, kw_only=True)
class Bets:
    """What is known of the bets on k models: (..., k) arrays.

    count: rows seen; squares and weight: of the exponentially weighted mean square of d; better and worse: log E of
    bets on the model and against it; clipped: rows beyond c.
    """

    count: Floats
    squares: Floats
    weight: Floats
    better: Floats
    worse: Floats
    clipped: Floats

    @classmethod
    def none(cls, *shape: int) -> Bets:
        """Before the first row: E = 1."""
        zero = np.zeros(shape)
        return cls(count=zero, squares=zero, weight=zero, better=zero, worse=zero, clipped=zero)

    @property
    def limit(self) -> Floats:
        """(..., k) the c of the next row, in the unit of d; infinite while it is being learnt."""
        known = (self.count >= LEARNING) & (self.squares > 0)
        scale = np.sqrt(self.squares / np.where(self.weight > 0, self.weight, 1.0))
        return np.where(known, WIDTH * scale, np.inf)

    def after(self, d: Floats) -> Bets:
        """The bets after one more row. d (..., k): naive's loss less the model's; NaN = no forecast, no bet.

        >>> bets = Bets.none(1)
        >>> for _ in range(21):
        ...     bets = bets.after(np.array([1.0]))
        >>> round(float(np.exp(bets.better[0])), 4)
        1.0625
        """
        there = np.isfinite(d)
        value = np.where(there, d, 0.0)
        share = np.clip(value / self.limit, -1.0, 1.0) / 2  # stake x clip(d, -c, c); 0 where c is infinite
        return Bets(
            count=self.count + there,
            squares=np.where(there, DECAY * self.squares + value**2, self.squares),
            weight=np.where(there, DECAY * self.weight + 1.0, self.weight),
            better=np.clip(self.better + np.log1p(share), -LARGEST, LARGEST),
            worse=np.clip(self.worse + np.log1p(-share), -LARGEST, LARGEST),
            clipped=self.clipped + (np.abs(value) > self.limit),
        )


def closed(log_e: Floats) -> Floats:
    """Log E of each model when all are tested together: the smallest mean of E over the sets that contain it.

    Closed testing by arithmetic means: whatever the dependence between models, some false one reaches 20 with
    probability 1/20 at most. log_e (..., k). Returns (..., k).

    Reference: Vovk and Wang 2021, doi:10.1214/20-AOS2020.

    >>> np.exp(closed(np.log([40.0, 10.0, 1.0]))).round(2).tolist()
    [17.0, 5.5, 1.0]
    """
    ordered = np.sort(log_e, axis=-1)
    k = log_e.shape[-1]
    # the smallest mean over sets with model i has i and the j smallest others, for some j
    sums = np.logaddexp.accumulate(ordered, axis=-1)
    found = np.array(log_e, dtype=float)
    rank = np.argsort(np.argsort(log_e, axis=-1), axis=-1)
    for j in range(1, k):
        smallest = sums[..., j - 1 : j]  # the j smallest; a model that is among them is joined by no further one
        joined = np.logaddexp(log_e, smallest) - np.log(j + 1)
        own = np.broadcast_to(smallest - np.log(j), joined.shape)
        found = np.minimum(found, np.where(rank < j, own, joined))
    return found


def interleaved(log_e: Floats) -> Floats:
    """Log odds of h processes that take turns: 1 / min(1, 2 mean of 1 / E_k).

    log_e (h, ...): of one process it is its own, of more the merging of their p-values 1 / E_k, which may depend on
    each other in any way; never below 0 for more than one.

    Reference: Vovk and Wang 2020, doi:10.1093/biomet/asaa027.

    >>> float(np.exp(interleaved(np.log([[80.0], [80.0]]))[0]).round(6))
    40.0
    """
    if len(log_e) == 1:
        return np.asarray(log_e[0])
    inverse = np.exp(-np.minimum(np.maximum(log_e, 0.0), LARGEST))
    return np.asarray(-np.log(np.minimum(1.0, 2 * inverse.mean(axis=0))))


def reached(log_e: Floats, mean: Floats) -> Bools:
    """Where the odds decide: E >= 20, and the mean of d, unclipped, on the same side."""
    return np.asarray((log_e >= np.log(DECIDES)) & (mean > 0))

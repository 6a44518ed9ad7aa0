"""Probability of backtest overfitting: does what was best in one half of the time stay good in the other?"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from beatnaive.core.types import Floats

VARIANTS = 10
"""Fewer are not ranked."""
BLOCKS = 16


def probability_of_overfitting(returns: Floats, blocks: int = BLOCKS) -> float:
    """Share of the ways to split time in halves in which the best variant of one half is below the other's median.

    returns (n, k) of k variants, cut into `blocks` equal parts (combinatorially symmetric cross-validation): every
    choice of half of them selects the variant with the largest Sharpe ratio, and the rest ranks it. 0 for a variant
    that dominates, about a half for noise. Ties count as the mean of their ranks.

    Reference: Bailey, Borwein, Lopez de Prado and Zhu 2017, doi:10.21314/JCF.2016.322

    >>> noise = np.random.default_rng(0).normal(size=(960, 12))
    >>> noise[:, 3] += 1.0
    >>> probability_of_overfitting(noise)
    0.0
    """
    length = len(returns) // blocks
    cut = returns[: length * blocks].reshape(blocks, length, -1)
    sums, squares = cut.sum(1), (cut**2).sum(1)
    chosen = np.zeros((len(halves := list(combinations(range(blocks), blocks // 2))), blocks))
    chosen[np.arange(len(halves))[:, None], np.array(halves)] = 1.0
    n = length * blocks // 2

    def ratio(of: Floats) -> Floats:
        mean = of @ sums / n
        spread = np.sqrt(np.maximum(of @ squares / n - mean**2, 0.0))
        return np.asarray(np.divide(mean, spread, out=np.zeros_like(mean), where=spread > 1e-15))

    best = ratio(chosen).argmax(1)
    other = ratio(1 - chosen)
    own = other[np.arange(len(best)), best][:, None]
    below, same = (other < own).sum(1), (other == own).sum(1)
    rank = below + (same + 1) / 2  # 1 = the worst
    return float((rank / (other.shape[1] + 1) <= 0.5).mean())

"""Whether intervals still hold what they promise, on any day one looks: bets on the share of outcomes inside.

For coverage p the two alternatives are the odds of p halved and doubled: q = (o / 2) / (1 + o / 2), (2 o) / (1 + 2 o)
with o = p / (1 - p). A session on which the share x of the outcomes lay inside multiplies each bet by

    L = 1 + (q - p) (x - p) / (p (1 - p)),

the likelihood ratio of q against p for one outcome, and a fair bet for a share of many that move together. New bets
start every `EVERY` sessions with the weights 1 / (j (j + 1)), so that intervals that drift after years are found too:
E = mean over the alternatives of sum_j w_j prod_{i >= start_j} L_i, which is 1 on average as long as p holds.

References: Waudby-Smith and Ramdas 2024, doi:10.1093/jrsssb/qkad009; Shin, Ramdas and Rinaldo 2024,
doi:10.51387/23-NEJSDS51.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats

COVERAGES = (0.5, 0.8, 0.95)
EVERY = 21
"""Sessions after which another bet starts: a month."""


def alternatives(coverages: Floats) -> Floats:
    """(2, m) the coverages bet on: odds halved, and doubled.

    >>> alternatives(np.array([0.5, 0.8])).round(3).tolist()
    [[0.333, 0.667], [0.667, 0.889]]
    """
    odds = coverages / (1 - coverages)
    return np.stack([odds / 2 / (1 + odds / 2), 2 * odds / (1 + 2 * odds)])


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The bets on k models' intervals of m coverages: sessions (..., k), running (..., k, 2, m)."""

    sessions: Floats
    running: Floats

    @classmethod
    def none(cls, *shape: int) -> Coverage:
        """Before the first session: the first bet, of weight a half, is on the table."""
        return cls(sessions=np.zeros(shape), running=np.full((*shape, 2, len(COVERAGES)), 0.5))

    def after(self, inside: Floats) -> Coverage:
        """One session more. inside (..., k, m): the share of outcomes in each interval; NaN = no forecast.

        >>> held, missed = np.array([[1.0, 1.0, 1.0]]), np.array([[1.0, 1.0, 0.0]])
        >>> coverage = Coverage.none(1).after(held).after(missed)
        >>> coverage.running[0, 0].round(3).tolist()
        [0.222, 0.347, 0.907]
        """
        p = np.array(COVERAGES)
        q = alternatives(p)
        there = np.asarray(np.isfinite(inside).all(axis=-1))
        x = np.where(there[..., None], inside, p)[..., None, :]
        running = np.minimum(self.running * (1 + (q - p) * (x - p) / (p * (1 - p))), 1e250)
        sessions = self.sessions + there
        # the j-th bet starts after (j - 1) x EVERY sessions
        j = sessions // EVERY + 1
        starts = there & (sessions % EVERY == 0)
        new = np.where(starts, 1 / (j * (j + 1)), 0.0)
        return Coverage(sessions=sessions, running=running + new[..., None, None])

    @property
    def log_e(self) -> Floats:
        """(..., k, m) log E of each coverage: the running bets and those that have not started, both alternatives."""
        waiting = 1 / (self.sessions // EVERY + 2)
        return np.asarray(np.log(self.running.mean(axis=-2) + waiting[..., None]))

    @property
    def direction(self) -> Floats:
        """(..., k, m) -1 where the bet on too few inside is ahead, 1 where that on too many is."""
        return np.where(self.running[..., 0, :] >= self.running[..., 1, :], -1.0, 1.0)

"""Giacomini-Rossi: when was the model better, and was it ever?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Bools, Evidence, Floats, Ints
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.cosines import deviation

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CRITICAL = {
    0.05: (3.393, 3.179, 3.012, 2.890, 2.779, 2.634, 2.560, 2.433, 2.248),
    0.10: (3.170, 2.948, 2.766, 2.626, 2.500, 2.356, 2.252, 2.130, 1.950),
}
"""Two-sided critical values of the largest |F| for windows of these `SHARES` of the sample: Giacomini and Rossi 2010,
table I."""

FEWEST = 60
"""Sessions below which there are no windows worth the name."""


@dataclass(frozen=True, eq=False)
class Fluctuation:
    """path (n - window + 1, k): the t of each window of `window` rows, the first of them rows 0 .. window - 1.

    centre (n - window + 1,) the row in the middle of each window; critical: no |path| exceeds it anywhere in 95 %
    of the histories in which both forecasts are equally good all the time.
    """

    path: Floats
    window: int
    critical: float

    @property
    def centre(self) -> Ints:
        return np.arange(len(self.path)) + self.window // 2

    @property
    def ever_better(self) -> Bools:
        """(k,) in some window the model was better than its benchmark."""
        return np.asarray((self.path > self.critical).any(0))

    @property
    def ever_worse(self) -> Bools:
        """(k,) in some window the model was worse."""
        return np.asarray((self.path < -self.critical).any(0))


def lags_for(n: int, horizon: int = 1, *, persistent: bool = False) -> int:
    """Lags of the long-run variance: 2 (horizon - 1), and sqrt(n) at least for losses that drift for months.

    >>> lags_for(239), lags_for(239, 5), lags_for(1000, persistent=True)
    (0, 8, 32)
    """
    return max(2 * (horizon - 1), round(n**0.5) if persistent else 0)


def fluctuation(d: Floats, lags: int = 0, *, share: float = 0.3, level: float = 0.05) -> Fluctuation:
    """Rolling means of the loss difference, studentised by the long-run variance of all of them.

    F_t = (sum of d over the window that ends at t) / sqrt(window x V), V = c_0 + 2 sum_j (1 - j / (lags + 1)) c_j over
    j = 1 .. lags, c_j autocovariances about the whole mean (divisor n), window = round(share n). Equal accuracy at
    every time is rejected where the largest |F| exceeds the critical value. The cosine variance of the ruling would
    hide what is looked for: a model that is better in one half and worse in the other is a low frequency itself.

    d (n,) or (n, k) loss(benchmark) - loss(model), any unit, in time order; lags from `lags_for`; share one of
    `SHARES`; level 0.05 or 0.10. A column that never varies has path 0.

    Raises ValueError for another share or level.

    Reference: Giacomini and Rossi 2010, doi:10.1002/jae.1177, proposition 1

    >>> d = np.random.default_rng(0).normal(size=239)
    >>> d[100:180] += 1.0
    >>> found = fluctuation(d)
    >>> found.window, found.ever_better.tolist(), int(found.centre[found.path[:, 0].argmax()])
    (72, [True], 140)
    """
    if share not in SHARES or level not in CRITICAL:
        raise ValueError(f"share {share} and level {level} are not tabulated: shares {SHARES}, levels 0.05 and 0.10")
    d = d.reshape(len(d), -1)
    n = len(d)
    window = max(1, round(share * n))
    e = d - d.mean(0)
    variance = (e * e).sum(0) / n
    for j in range(1, min(lags, n - 1) + 1):
        variance = variance + 2 * (1 - j / (lags + 1)) * (e[j:] * e[:-j]).sum(0) / n
    before = np.concatenate([np.zeros((1, d.shape[1])), d.cumsum(0)])
    sums = before[window:] - before[:-window]
    path = np.divide(sums, np.sqrt(window * variance), out=np.zeros_like(sums), where=deviation(d) > 0)
    return Fluctuation(path, window, CRITICAL[level][SHARES.index(share)])


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: was it better, or worse, at some time? From 60 sessions on."""
    if len(contest) < FEWEST:
        return ()
    found = fluctuation(contest.gain, lags_for(len(contest), contest.horizon, persistent=contest.persistent))
    days = contest.sessions.astype("datetime64[s]").astype("datetime64[D]")[found.centre]
    told = []
    for k, name in enumerate(contest.models):
        path = found.path[:, k]
        high, low = int(path.argmax()), int(path.argmin())
        times = [f"better around {days[high]}"] if found.ever_better[k] else []
        times += [f"worse around {days[low]}"] if found.ever_worse[k] else []
        words = f"{name} was at no time better or worse than naive, beyond luck, in windows of {found.window} sessions."
        if times:
            words = f"{name} was {' and '.join(times)}, beyond luck, in windows of {found.window} sessions."
        told.append(
            Evidence(
                test="fluctuation", model=name, null="the forecasts are equally accurate at every time",
                statistic=float(np.abs(path).max()), p_value=None, n=len(contest), words=words,
                details={
                    "critical": found.critical, "window": found.window, "ever_better": bool(found.ever_better[k]),
                    "ever_worse": bool(found.ever_worse[k]), "best": str(days[high]), "worst": str(days[low]),
                },
            )
        )  # fmt: skip
    return tuple(told)

"""The Sharpe ratio, how sure it is, and what is left of it after everything that was tried."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.payoff.hac import lags_of, long_run

EULER = 0.5772156649015329


@dataclass(frozen=True)
class Sharpe:
    """ratio and its standard error, both per session; skew and kurtosis of the returns (a normal's is 3); n sessions.

    NaN where the returns never vary.
    """

    ratio: float
    error: float
    skew: float
    kurtosis: float
    n: int

    def yearly(self, sessions: float) -> tuple[float, float]:
        """Ratio and error a year: times the root of its sessions."""
        return self.ratio * math.sqrt(sessions), self.error * math.sqrt(sessions)


def sharpe(excess: Floats) -> Sharpe:
    """Mean over deviation of returns in excess of cash (n,), with the error of Lo's GMM: autocorrelation allowed for.

    The moments are z = (x - m) / s and (z^2 - 1); error^2 = long-run variance of z - ratio / 2 (z^2 - 1), over n. For
    independent normal returns that is (1 + ratio^2 / 2) / n.

    Reference: Lo 2002, doi:10.2469/faj.v58.n4.2453

    >>> one = sharpe(np.random.default_rng(0).normal(0.1, 1.0, 10_000))
    >>> round(one.error * 100, 1)
    1.0
    """
    n, spread = len(excess), float(excess.std())
    if spread <= 1e-12 * float(np.abs(excess).max(initial=0.0)):
        return Sharpe(math.nan, math.nan, math.nan, math.nan, n)
    z = (excess - excess.mean()) / spread
    ratio = float(excess.mean()) / spread
    influence = (z - ratio / 2 * (z**2 - 1))[:, None]
    error = math.sqrt(max(0.0, float(long_run(influence, lags_of(n))[0, 0])) / n)
    return Sharpe(ratio, error, float((z**3).mean()), float((z**4).mean()), n)


def expected_best(trials: int, variance: float) -> float:
    """The Sharpe ratio that the best of so many worthless trials is expected to show, per session.

    sqrt(V) ((1 - e) Z(1 - 1 / N) + e Z(1 - 1 / (N exp(1)))), V the variance of the trials' ratios, e Euler's constant.

    Reference: Bailey and Lopez de Prado 2014, doi:10.3905/jpm.2014.40.5.094

    >>> round(expected_best(100, 0.5 / 250), 4)
    0.1132
    """
    from scipy.special import ndtri

    if trials < 2:
        return 0.0
    high, higher = ndtri(1 - 1 / trials), ndtri(1 - 1 / (trials * math.e))
    return math.sqrt(variance) * float((1 - EULER) * high + EULER * higher)


def deflated(one: Sharpe, trials: int, variance: float) -> float:
    """Probability that the ratio is above the best that so many worthless trials show: the deflated Sharpe ratio.

    The normal distribution at (ratio - best) sqrt(n - 1) / sqrt(1 - skew ratio + (kurtosis - 1) / 4 ratio^2).

    >>> example = Sharpe(2.5 / 250**0.5, float("nan"), -3.0, 10.0, 1250)
    >>> round(deflated(example, 100, 0.5 / 250), 4)
    0.9004
    """
    from scipy.special import ndtr

    inner = 1 - one.skew * one.ratio + (one.kurtosis - 1) / 4 * one.ratio**2
    if not inner > 0:
        return float("nan")
    return float(ndtr((one.ratio - expected_best(trials, variance)) * math.sqrt((one.n - 1) / inner)))

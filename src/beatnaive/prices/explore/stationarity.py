"""Is a series stationary? Four tests and one ruling in words.

The unit-root tests (ADF, Phillips-Perron) take a random walk as their null, KPSS takes stationarity, and the variance
ratio asks whether moves over `Q` sessions are as wide as a random walk's. Taken one at a time at 5 % each errs in one
series of twenty, and so the combined ruling asks for more: see `rule`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats

Q = 16
"""Sessions over which the variance ratio is taken."""

FEWEST = 60
CLEAR, OPEN = 0.001, 0.01
"""A unit root is refused below CLEAR, kept above OPEN, and left undecided in between."""

STATIONARY, RANDOM_WALK, DISAGREE, TOO_SHORT = "stationary", "not stationary", "the tests disagree", "too short to say"
SUMMARY = {
    STATIONARY: "Stationary, it returns to its mean",
    RANDOM_WALK: "Not stationary, it wanders like a random walk",
    DISAGREE: "The tests disagree",
}


@dataclass(frozen=True)
class Tests:
    """The four tests of one series of n values.

    adf, pp: p-values, small = no unit root; kpss: p-value, small = not stationary (its table ends at 0.01 and 0.10);
    ratio, z: the variance ratio and its standard normal statistic, far below zero = the series turns back;
    lag1: autocorrelation at lag one.
    """

    n: int
    adf: float
    kpss: float
    pp: float
    ratio: float
    z: float
    lag1: float


@dataclass(frozen=True)
class Stationarity:
    """The ruling on a series, why, and the tests behind it (None where the series is too short)."""

    ruling: str
    words: str
    tests: Tests | None


def examine(y: Floats) -> Stationarity:
    """Test a series (n,) and rule on it; fewer than 60 values, or a constant, get no ruling.

    >>> noise = np.random.default_rng(0).normal(size=300)
    >>> examine(noise).ruling, examine(noise.cumsum()).ruling
    ('stationary', 'not stationary')
    """
    if len(y) < FEWEST:
        return Stationarity(TOO_SHORT, f"{len(y)} values are too few: {FEWEST} are needed.", None)
    if np.ptp(y) == 0:
        return Stationarity(TOO_SHORT, "the series never changes.", None)
    tests = run(y)
    ruling = rule(tests)
    return Stationarity(ruling, f"{SUMMARY[ruling]}: {in_words(tests)}.", tests)


def run(y: Floats) -> Tests:
    """The four tests with a constant, lags by their own rules (ADF by AIC, KPSS by Hobijn et al., PP by Schwert)."""
    from arch.unitroot import PhillipsPerron, VarianceRatio
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import adfuller, kpss

    centred = y - y.mean()
    ratio = VarianceRatio(y, lags=Q, robust=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # a p beyond KPSS's table is stated as its end
        warnings.filterwarnings("ignore", ".*currently returns a plain tuple", FutureWarning)  # it is read as one here
        kpss_p = float(kpss(y, regression="c", nlags="auto")[1])
        adf_p = float(adfuller(y, regression="c", autolag="AIC")[1])
    return Tests(
        n=len(y), adf=adf_p, kpss=kpss_p,
        pp=float(PhillipsPerron(y, trend="c").pvalue), ratio=float(ratio.vr), z=float(ratio.stat),
        lag1=float(centred[1:] @ centred[:-1] / (centred @ centred)),
    )  # fmt: skip


def rule(tests: Tests) -> str:
    """stationary: ADF and PP both refuse a unit root at 0.1 %, and KPSS (1 %) or the variance ratio (z < -1.96) agrees;
    not stationary: neither refuses it at 1 %, and KPSS (5 %) or the variance ratio (|z| < 1.96) agrees; else disagree.
    """
    refused = max(tests.adf, tests.pp) < CLEAR
    kept = min(tests.adf, tests.pp) > OPEN
    if refused and (tests.kpss > 0.01 or tests.z < -1.96):
        return STATIONARY
    if kept and (tests.kpss < 0.05 or abs(tests.z) < 1.96):
        return RANDOM_WALK
    return DISAGREE


def in_words(tests: Tests) -> str:
    """Each test in its own words.

    >>> in_words(Tests(n=500, adf=0.4, kpss=0.01, pp=0.4, ratio=0.97, z=-0.2, lag1=1.0))[:60]
    'ADF does not refuse a unit root (p = 0.400), Phillips-Perron'
    """
    refuse = {True: "refuses a unit root", False: "does not refuse a unit root"}
    turns = "turns back" if tests.z < -1.96 else "trends" if tests.z > 1.96 else "spreads as a random walk does"
    kpss = "refuses stationarity" if tests.kpss < 0.05 else "does not refuse stationarity"
    # KPSS's table ends at 0.01 and 0.10
    kpss_p = "p <= 0.01" if tests.kpss <= 0.01 else "p >= 0.10" if tests.kpss >= 0.1 else f"p = {tests.kpss:.3f}"
    return (
        f"ADF {refuse[tests.adf < 0.05]} ({_p(tests.adf)}), "
        f"Phillips-Perron {refuse[tests.pp < 0.05]} ({_p(tests.pp)}), "
        f"KPSS {kpss} ({kpss_p}), and over {Q} sessions it {turns} "
        f"(variance ratio {tests.ratio:.2f}, z {tests.z:+.1f})"
    )


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"

"""What the returns are like: size, tails, outliers with their dates, autocorrelation with bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats, Instants

LAGS = 30
FAR = 5.0
"""Robust standard deviations beyond which a value is called an outlier."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Moments and tails of daily log returns (n,).

    mean, deviation per session; skew; excess kurtosis (normal 0); beyond: how many times more often than under the
    normal law a return lies beyond three deviations; jarque_bera p.
    """

    n: int
    mean: float
    deviation: float
    skew: float
    kurtosis: float
    beyond: float
    jarque_bera: float


def shape(r: Floats) -> Shape:
    """Moments and tail weight of log returns.

    >>> shape(np.random.default_rng(0).normal(size=100_000)).beyond < 1.2
    True
    """
    from scipy import stats

    z = (r - r.mean()) / r.std()
    beyond = float(np.mean(np.abs(z) > 3) / (2 * stats.norm.sf(3)))
    return Shape(
        n=len(r), mean=float(r.mean()), deviation=float(r.std(ddof=1)), skew=float(stats.skew(r)),
        kurtosis=float(stats.kurtosis(r)), beyond=beyond, jarque_bera=float(stats.jarque_bera(r).pvalue),
    )  # fmt: skip


@dataclass(frozen=True)
class Outlier:
    """A value far from the rest: its session, its value, its distance in robust deviations."""

    session: str
    value: float
    distance: float


def outliers(sessions: Instants, values: Floats, most: int = 12) -> tuple[Outlier, ...]:
    """Values beyond `FAR` robust deviations (1.4826 MAD) from the median, the farthest first.

    >>> days = np.arange("2020-01-01", "2020-01-08", dtype="datetime64[D]")
    >>> outliers(days, np.array([1.0, 2, 1, 2, 99, 1, 2]))[0].session
    '2020-01-05'
    """
    distance = (values - np.median(values)) / robust_deviation(values)
    far = np.flatnonzero(np.abs(distance) > FAR)
    ordered = far[np.argsort(-np.abs(distance[far]), kind="stable")][:most]
    return tuple(Outlier(str(sessions[k]), float(values[k]), float(distance[k])) for k in ordered)


def robust_deviation(values: Floats) -> float:
    """1.4826 times the median absolute deviation, the standard deviation of normal data; never zero."""
    deviation = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return deviation or float(values.std()) or 1.0


@dataclass(frozen=True, eq=False)
class Autocorrelation:
    """acf (lags,) at lags 1, 2, ...; band (lags,) half-width of the 95 % band; ljung_box: p over ten lags."""

    acf: Floats
    band: Floats
    ljung_box: float

    @property
    def clustered(self) -> bool:
        """Whether neighbours resemble each other: a positive mean over ten lags beyond chance (p < 0.01)."""
        return self.ljung_box < 0.01 and float(self.acf[:10].mean()) > 0


def autocorrelation(x: Floats, lags: int = LAGS, *, robust: bool = True) -> Autocorrelation:
    """Sample autocorrelations with a 95 % band under "no autocorrelation".

    robust: the band allows for changing volatility, 1.96 sqrt(mean(e_t^2 e_{t-k}^2)) / (s^2 sqrt(n)) (Diebold 1988);
    else 1.96 / sqrt(n). The Ljung-Box p is that of ten lags. At most a third of the n values become lags.

    >>> autocorrelation(np.tile([1.0, -1.0], 50), lags=2).acf.round(2)
    array([-0.99,  0.98])
    """
    from scipy import stats

    e, n = x - x.mean(), len(x)
    lags = min(lags, n // 3)
    variance = float(e @ e) / n
    k = np.arange(1, lags + 1)
    acf = np.array([e[lag:] @ e[:-lag] for lag in k]) / (n * variance)
    width = np.array([e[lag:] ** 2 @ e[:-lag] ** 2 for lag in k]) / (n * variance**2) if robust else np.ones(lags)
    ten = acf[:10]
    q = n * (n + 2) * float((ten**2 / (n - k[:10])).sum())
    return Autocorrelation(acf, 1.96 * np.sqrt(width / n), float(stats.chi2.sf(q, len(ten))))

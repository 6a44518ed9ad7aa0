"""Giacomini-White: can it be predicted, from what was known, when the model beats the benchmark?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import finite, p_text
from beatnaive.core.types import Evidence, Floats

if TYPE_CHECKING:
    from beatnaive.judging.significance.contest import Contest


@dataclass(frozen=True, eq=False)
class GW:
    """Per model (k,): Wald statistic and p-value; p_conditional: of the part that only its past can explain."""

    statistic: Floats
    p_value: Floats
    p_conditional: Floats
    n: int


def giacomini_white(d: Floats, horizon: int = 1) -> GW:
    """Test that the loss difference has mean zero given its own past.

    z_t = (1, d_(t-h)) d_t; Wald = n zbar' Omega^-1 zbar, Omega the mean of z z' (for h > 1 with h - 1 Bartlett-weighted
    autocovariances); chi-squared with two degrees of freedom. It rejects for a mean that is not zero as well, which is
    accuracy and no ability to tell the days: p_conditional is of the covariance alone, (d_t - dbar)(d_(t-h) - dbar).

    d (n,) or (n, k) loss(benchmark) - loss(model), any unit; horizon in sessions. NaN where Omega cannot be inverted.

    Reference: Giacomini and White 2006, doi:10.1111/j.1468-0262.2006.00718.x

    >>> test = giacomini_white(np.array([1.0, 2.0, -1.0, 3.0, 0.5, 1.5]))
    >>> round(float(test.statistic[0]), 4)
    2.1877
    """
    from scipy.special import chdtrc

    d = d.reshape(len(d), -1)
    now, past = d[horizon:], d[:-horizon]
    n = len(now)
    statistic, alone = np.full((2, d.shape[1]), np.nan)
    for k, spread in enumerate(np.abs(past).max(0, initial=0.0)):
        if n >= 3 and spread > 0:
            # the instrument's unit changes nothing but the conditioning
            statistic[k] = wald(np.stack([now[:, k], past[:, k] / spread * now[:, k]], axis=1), lags=horizon - 1)
            together = (now[:, k] - now[:, k].mean()) * (past[:, k] - past[:, k].mean()) / spread
            alone[k] = wald(together[:, None], lags=horizon - 1)
    joint, conditional = (
        np.where(np.isfinite(x), chdtrc(df, np.nan_to_num(x)), np.nan) for df, x in ((2, statistic), (1, alone))
    )
    return GW(statistic, joint, conditional, n)


def wald(z: Floats, *, lags: int = 0, centred: bool = False) -> float:
    """n zbar' Omega^-1 zbar of moments z (n, q); NaN where Omega cannot be inverted.

    Omega = mean of z z' plus Bartlett-weighted autocovariances up to `lags`; `centred` takes the mean of z off first.

    >>> round(wald(np.array([[1.0], [2.0], [-1.0], [3.0]])), 4)
    1.6667
    """
    n = len(z)
    deviation = z - z.mean(0) if centred else z
    omega = deviation.T @ deviation / n
    for lag in range(1, lags + 1):
        cross = deviation[lag:].T @ deviation[:-lag] / n
        omega = omega + (1 - lag / (lags + 1)) * (cross + cross.T)
    if np.linalg.cond(omega) > 1e12:
        return float("nan")
    mean = z.mean(0)
    return float(n * mean @ np.linalg.solve(omega, mean))


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: can the days on which it beats naive be told beforehand?"""
    test = giacomini_white(contest.gain, contest.horizon)
    found = []
    for k, name in enumerate(contest.models):
        p, alone = test.p_value[k], test.p_conditional[k]
        words = f"When {name} beats naive cannot be told from its past successes ({p_text(p)})."
        if not np.isfinite(p):
            words = f"{name}: its differences from naive do not vary enough to be tested."
        elif p < 0.05 and not alone < 0.05:
            words = (
                f"{name}'s differences from naive are not zero on average ({p_text(p)}); that is accuracy or its lack, "
                "and not conditional ability: when it beats naive cannot be told from its past successes."
            )
        elif p < 0.05:
            words = (
                f"{name}'s past successes say something about when it beats naive ({p_text(alone)}; {p_text(p)} with "
                "the mean, which is not conditional ability)."
            )
        found.append(
            Evidence(
                test="giacomini_white", model=name, null="past loss differences do not predict the next one",
                statistic=finite(test.statistic[k]), p_value=finite(p), n=test.n, words=words,
                details={"p_conditional": finite(alone)},
            )
        )  # fmt: skip
    return tuple(found)

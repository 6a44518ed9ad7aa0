"""Heterogeneous autoregression of log variance, with the leverage effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.limits import Positive
from beatnaive.core.types import Floats, Inputs, Ints
from beatnaive.models.base import design
from beatnaive.models.univariate import Parameters
from beatnaive.models.volatility.base import VarianceModel, floored, smoothed


@dataclass(frozen=True)
class HAR(VarianceModel):
    r"""log f = b0 + sum_k b_k log V_{k,t} + g_1 R_t + g_2 min(z_t, 0), by least squares on log variances.

    V_k are exponential averages of session variances whose memories are `spans` sessions (a day, half a week, a week
    and a half, five weeks, four months: Corsi's heterogeneous horizons, with smooth weights as in Bollerslev et al.
    2018); z_t is the session's return and R_t the exponential average of returns (memory `leverage` sessions), both in
    units of current volatility: variance rises after falls (Corsi and Reno 2012). The label is the variance of the
    next h sessions, taken directly. The forecast is multiplied by the training mean of variance / exp(fit): the factor
    that is best in QLIKE, and free of a distribution for the errors (Duan 1983). columns: further regressors by name,
    such as the log of a VIX that was known; sessions without them are left out.
    """

    spans: tuple[Positive, ...] = (1.0, 3.0, 8.0, 25.0, 80.0)
    leverage: Positive = 4.5
    columns: tuple[str, ...] = ()
    reference: ClassVar[str] = "Corsi 2009, doi:10.1093/jjfinec/nbp001; Bollerslev et al. 2018, doi:10.1093/rfs/hhy041"
    minimum: ClassVar[int] = 120

    def series(self, inputs: Inputs, since: np.datetime64) -> tuple[Ints, Floats]:  # type: ignore[override]
        """Variances and returns, and beside them the further columns where there are any."""
        known, both = VarianceModel.series(inputs, since)
        if not self.columns:
            return known, both
        more = design(inputs, known, self.columns)
        complete = np.isfinite(more).all(axis=1)
        return known[complete], np.hstack([both, more])[complete]

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Least squares over the sessions whose next h are known."""
        base = {"spans": self.spans, "leverage": self.leverage}
        x = regressors(base, series)[:-horizon]
        label = np.lib.stride_tricks.sliding_window_view(series[1:, 0], horizon).sum(axis=1)
        usable = np.flatnonzero(label > 0)
        weights = np.linalg.lstsq(x[usable], np.log(label[usable]), rcond=None)[0]
        level = float(np.mean(label / np.exp(x @ weights)))
        return {**base, "weights": weights.tolist(), "level": level, "count": len(weights) + 1}

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """One pass for the averages; einsum, because a matrix product's bits depend on the other rows."""
        log_fit = np.einsum("ij,j->i", regressors(parameters, series), np.array(parameters["weights"]))
        return np.asarray(parameters["level"] * np.exp(log_fit))


def regressors(parameters: Parameters, series: Floats) -> Floats:
    """(n, 1 + spans + 2) the columns 1, log V_k, R and min(z, 0) of `HAR`, each known at its session's close.

    series (n, 2 + m): session variances, log returns and further columns, which come last; parameters: `spans` and
    `leverage`, in sessions.
    """
    variance, returns = series[:, 0], series[:, 1]
    averages = [smoothed(variance, np.exp(-1 / span)) for span in parameters["spans"]]
    volatility = np.sqrt(floored(smoothed(variance, 0.9), series))
    momentum = smoothed(returns, np.exp(-1 / parameters["leverage"])) / volatility
    fall = np.minimum(returns / volatility, 0.0)
    logs = [np.log(np.maximum(floored(average, series), np.finfo(float).tiny)) for average in averages]
    return np.column_stack([np.ones(len(series)), *logs, momentum, fall, series[:, 2:]])

"""Exponential smoothing of log prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.models.univariate import Parameters, Univariate


@dataclass(frozen=True)
class ETS(Univariate):
    r"""Exponential smoothing with additive errors: level alone, with a trend, or with a damped trend.

    p_t = l_{t-1} + phi b_{t-1} + e_t,  l_t = l_{t-1} + phi b_{t-1} + alpha e_t,  b_t = phi b_{t-1} + beta e_t,

    p the log price. statsforecast estimates all three and keeps the smallest corrected Akaike criterion. Errors
    add up, on logs, because returns do; there is no season in daily prices. With alpha = 1 and no trend this is
    the naive forecast.
    """

    reference: ClassVar[str] = "Hyndman, Koehler, Snyder and Grose 2002, doi:10.1016/S0169-2070(01)00110-8"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Smoothing parameters and the states before the first session."""
        from statsforecast import models

        model = models.AutoETS(model="AZN").fit(series).model_
        alpha, beta, _, phi = (float(value) for value in model["par"][:4])
        start = model["states"][0]
        trend = len(start) > 1
        return {
            "alpha": alpha,
            "beta": beta if trend else 0.0,
            "phi": phi if np.isfinite(phi) else 1.0,
            "level": float(start[0]),
            "trend": float(start[1]) if trend else 0.0,
            "count": len(model["fit"].x),
        }

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """h-step forecast l_t + (phi + ... + phi^h) b_t, less the price at the origin."""
        alpha, beta, phi = parameters["alpha"], parameters["beta"], parameters["phi"]
        level, trend = parameters["level"], parameters["trend"]
        states = np.empty((len(series), 2))
        for t, price in enumerate(series.tolist()):
            expected, trend = level + phi * trend, phi * trend
            error = price - expected
            level, trend = expected + alpha * error, trend + beta * error
            states[t] = level, trend
        return np.asarray(states[:, 0] + (phi ** np.arange(1, horizon + 1)).sum() * states[:, 1] - series)

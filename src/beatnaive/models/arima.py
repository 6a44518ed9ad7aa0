"""AutoARIMA on log prices, rolled forward by its own innovations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.limits import Layers
from beatnaive.core.recursions import innovations
from beatnaive.core.types import Floats
from beatnaive.models.arima_gradients import quick_slopes
from beatnaive.models.univariate import Parameters, Univariate


@dataclass(frozen=True)
class AutoARIMA(Univariate):
    r"""ARIMA(p, 1, q) of the log price, orders by the corrected Akaike criterion (Hyndman and Khandakar 2008).

    r_t = mu + sum_i phi_i (r_{t-i} - mu) + e_t + sum_j theta_j e_{t-j}, r_t the log return of a session.

    The search is statsforecast's, over p, q <= `max_order`; above 150 sessions its candidates are compared by the
    conditional sum of squares, the authors' own rule for long series. One difference is fixed: log prices are
    integrated (Nelson and Plosser 1982), and a unit-root test at 5 % would difference twice in one fit of twenty.

    max_order: most autoregressive, and most moving-average, terms; 5 is the authors' default.
    """

    max_order: Layers = 5
    reference: ClassVar[str] = "Hyndman and Khandakar 2008, doi:10.18637/jss.v027.i03"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Orders and coefficients."""
        from statsforecast import models

        returns = np.diff(series)
        search = models.AutoARIMA(
            d=0, D=0, seasonal=False, max_p=self.max_order, max_q=self.max_order, approximation=len(returns) > 150
        )
        with quick_slopes():
            found = search.fit(returns).model_["coef"]
        coefficients = {name: float(value) for name, value in found.items()}
        return {
            "ar": [value for name, value in coefficients.items() if name.startswith("ar")],
            "ma": [value for name, value in coefficients.items() if name.startswith("ma")],
            "mean": coefficients.get("intercept", 0.0),
            "count": len(coefficients),
        }

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """Innovations by one filter pass, then the ARMA recursion at all origins together."""
        ar, ma, mean = parameters["ar"], parameters["ma"], parameters["mean"]
        deviation = np.diff(series, prepend=series[0] - mean) - mean  # the first session counts as the mean
        path = _path(deviation, innovations(deviation, ar, ma), ar, ma, horizon)
        return np.asarray(horizon * mean + path.sum(axis=0))


def _path(deviation: Floats, error: Floats, ar: Sequence[float], ma: Sequence[float], horizon: int) -> Floats:
    """(horizon, n) expected deviations of the next sessions, from each session."""
    w = [_lagged(deviation, lag) for lag in range(len(ar))]
    e = [_lagged(error, lag) for lag in range(len(ma))]
    steps = []
    for _ in range(horizon):
        step = sum((c * x for c, x in zip([*ar, *ma], [*w, *e], strict=True)), np.zeros(len(deviation)))
        steps.append(step)
        w, e = [step, *w][: len(ar)], [np.zeros(len(error)), *e][: len(ma)]
    return np.array(steps)


def _lagged(x: Floats, lag: int) -> Floats:
    return np.concatenate([np.zeros(lag), x[: len(x) - lag]])

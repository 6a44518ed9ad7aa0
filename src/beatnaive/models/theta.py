"""The Theta method on log prices, its line re-estimated at every origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.recursions import faded
from beatnaive.core.types import Floats
from beatnaive.models.univariate import Parameters, Univariate


@dataclass(frozen=True)
class Theta(Univariate):
    r"""The average of the regression line (theta 0) and exponential smoothing of the theta-2 line.

    With A + B t the least-squares line through the log prices up to the origin n and l_n the smoothed level:
    p_{n+1} = l_n + (A (1 - alpha)^n + B (1 - (1 - alpha)^{n+1}) / alpha) / 2, that is, smoothing with half the
    line's slope as drift (Hyndman and Billah 2003). The winner of the M3 competition; no option to choose.

    The smoothing is statsforecast's estimate at each fit. The line is fitted anew at every origin, from the prices
    up to it: taking the last line for all origins at once would look ahead.
    """

    reference: ClassVar[str] = "Assimakopoulos and Nikolopoulos 2000, doi:10.1016/S0169-2070(00)00066-2"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Smoothing parameter and first level; the line itself is data."""
        from statsforecast import models

        fitted = models.Theta().fit(series).model_
        return {
            "alpha": float(fitted["par"]["alpha"]),
            "level": float(fitted["par"]["initial_smoothed"]),
            "count": 4,  # alpha, the first level, and the line
        }

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """The level recursion, then the next sessions from each origin's own line."""
        alpha, n = parameters["alpha"], np.arange(1, len(series) + 1)
        kept = 1 - alpha
        level = faded(alpha * series, kept, parameters["level"])
        intercept, slope = running_line(series)
        step, state = level, level
        for ahead in range(horizon):
            age = n + ahead
            step = state + (intercept * kept**age + slope * (1 - kept ** (age + 1)) / alpha) / 2
            state = alpha * step + kept * state
        return step - series


def running_line(y: Floats) -> tuple[Floats, Floats]:
    """Intercept and slope of the least-squares line through (1, y_1) .. (n, y_n), for every n.

    >>> running_line(np.array([1.0, 3.0, 5.0]))
    (array([ 1., -1., -1.]), array([0., 2., 2.]))
    """
    n = np.arange(1.0, len(y) + 1)
    mean_y, mean_ty = np.cumsum(y) / n, np.cumsum(n * y) / n
    spread = np.maximum((n**2 - 1) / 12, np.finfo(float).tiny)  # one point has no slope
    slope = np.where(n > 1, (mean_ty - mean_y * (n + 1) / 2) / spread, 0.0)
    return mean_y - slope * (n + 1) / 2, slope

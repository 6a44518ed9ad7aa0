"""The naive forecasts of volatility, which "better" must beat, and RiskMetrics' smoothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from beatnaive.core.limits import Sessions, Share
from beatnaive.core.types import Floats
from beatnaive.models.univariate import Parameters
from beatnaive.models.volatility.base import VarianceModel, floored, running_mean, smoothed


@dataclass(frozen=True)
class LastValue(VarianceModel):
    """f = h v_t: the next sessions as the last one."""

    reference: ClassVar[str] = "Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Nothing is estimated."""
        return {"count": 0}

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """The last session's variance, floored."""
        return horizon * floored(series[:, 0], series)


@dataclass(frozen=True)
class MeanVariance(VarianceModel):
    """f = h times the mean of the last `window` sessions' variances; 20 sessions are a month."""

    window: Sessions = 20
    reference: ClassVar[str] = "Poon and Granger 2003, doi:10.1257/002205103765762743"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Nothing is estimated."""
        return {"count": 0, "window": self.window}

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """The moving average, floored."""
        return horizon * floored(running_mean(series[:, 0], parameters["window"]), series)


@dataclass(frozen=True)
class ExpandingMean(VarianceModel):
    """f = h times the mean of all variances so far: the right forecast if variance is constant."""

    reference: ClassVar[str] = "Poon and Granger 2003, doi:10.1257/002205103765762743"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """The mean itself moves on with every session."""
        return {"count": 1}

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """The mean up to each session."""
        return horizon * running_mean(series[:, 0])


@dataclass(frozen=True)
class EWMA(VarianceModel):
    """s_t = decay s_{t-1} + (1 - decay) v_t, f = h s_t; RiskMetrics' decay 0.94 for daily data, nothing estimated."""

    decay: Share = 0.94
    reference: ClassVar[str] = "J.P. Morgan 1996, RiskMetrics Technical Document, 4th ed., section 5.2"

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Nothing is estimated."""
        return {"count": 0, "decay": self.decay}

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """One filter pass."""
        return horizon * floored(smoothed(series[:, 0], parameters["decay"]), series)

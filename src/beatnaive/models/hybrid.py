"""ARIMA, and an LSTM on what it leaves over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from beatnaive.core.limits import Count, Sessions, Widths
from beatnaive.core.types import Fit, Fitted, Forecast, Inputs, Ints, Samples
from beatnaive.models.arima import AutoARIMA
from beatnaive.models.base import Recipe
from beatnaive.models.lstm import LSTM
from beatnaive.models.univariate import RolledForward

RESIDUAL = "residual"


@dataclass(frozen=True)
class Hybrid(Recipe):
    """y_hat = ARIMA + LSTM(last residuals of ARIMA): the linear part first, then whatever else there is (Zhang 2003).

    A residual is a session's return less ARIMA's one-session forecast of it, so that it is known at the close. The
    LSTM sees the last `lookback` residuals and learns the label less ARIMA's forecast. Defaults are smaller than the
    plain LSTM's: there is less to find. lookback in sessions: a month; units: cells per layer; epochs: at most, the
    chronological tail of training stops earlier.
    """

    lookback: Sessions = 21
    units: Widths = (16,)
    epochs: Count = 30
    stochastic: ClassVar[bool] = True
    reference: ClassVar[str] = "Zhang 2003, doi:10.1016/S0925-2312(01)00702-0"

    @property
    def network(self) -> LSTM:
        """The second model's recipe."""
        return LSTM(lookback=self.lookback, units=self.units, epochs=self.epochs, columns=(RESIDUAL,))

    def require_memory(self, rows: int) -> None:
        """That of the network."""
        self.network.require_memory(rows)

    def fit(self, train: Samples, rng: np.random.Generator) -> HybridFitted:
        """ARIMA on the prices, then the network on the residuals of the same training rows."""
        first = AutoARIMA().fit(train, rng)
        left = train.y - first.predict(train.inputs, train.rows).mean
        usable = np.flatnonzero(np.isfinite(left))
        rest = replace(train, inputs=residuals(first, train.inputs), y=left).take(usable)
        return HybridFitted(first, self.network.fit(rest, rng))

    def load(self, folder: Path) -> HybridFitted:
        """The inverse of `HybridFitted.save`."""
        return HybridFitted(AutoARIMA().load(folder / "first"), self.network.load(folder / "second"))


@dataclass(frozen=True, eq=False)
class HybridFitted:
    """Both models; the second is fed with the first one's residuals."""

    first: RolledForward
    second: Fitted

    @property
    def facts(self) -> Fit:
        """The network's, with the parameters and warnings of both."""
        one, two = self.first.facts, self.second.facts
        return replace(two, parameters=one.parameters + two.parameters, warnings=one.warnings + two.warnings)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """The sum of both forecasts."""
        linear = self.first.predict(inputs, rows).mean
        return Forecast(linear + self.second.predict(residuals(self.first, inputs), rows).mean)

    def save(self, folder: Path) -> None:
        """A sub-folder each."""
        for name, fitted in (("first", self.first), ("second", self.second)):
            (folder / name).mkdir()
            fitted.save(folder / name)


def residuals(first: RolledForward, inputs: Inputs) -> Inputs:
    """The same sessions with one feature: the return less the forecast made one session before; NaN at the first."""
    known, log_price = first.recipe.series(inputs, first.since)
    x = np.full((len(inputs), 1), np.nan)
    x[known[1:], 0] = np.diff(log_price) - first.everywhere(inputs, 1)[known[:-1]]
    return replace(inputs, x=x, features=(RESIDUAL,))

"""The rivals that cost nothing: naive, drift, historical mean, moving average."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from beatnaive.core.limits import Sessions
from beatnaive.core.types import Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, price_to_return, read_json, require_rows, write_json


@dataclass(frozen=True)
class Naive(Recipe):
    """Tomorrow = today: log return 0, price close * exp(0). The forecast of a martingale (Samuelson 1965)."""

    per_symbol: ClassVar[bool] = False
    light: ClassVar[bool] = True
    reference: ClassVar[str] = "Samuelson 1965, doi:10.1142/9789814566926_0002"

    def fit(self, train: Samples, rng: np.random.Generator) -> Constant:
        """Nothing is estimated."""
        return Constant(np.zeros(len(train.inputs.symbols)))

    def load(self, folder: Path) -> Constant:
        """The inverse of `Constant.save`."""
        return Constant.load(folder)


@dataclass(frozen=True)
class HistoricalMean(Recipe):
    """r_hat = mean of the training labels: the benchmark of return predictability (Welch and Goyal 2008).

    Unit: log return over the horizon.
    """

    per_symbol: ClassVar[bool] = False
    light: ClassVar[bool] = True
    reference: ClassVar[str] = "Welch and Goyal 2008, doi:10.1093/rfs/hhm014"

    def fit(self, train: Samples, rng: np.random.Generator) -> Constant:
        """Mean label per symbol, each symbol over its own training rows."""
        require_rows(train, 2, "historical_mean")
        codes = train.inputs.symbol[train.rows]
        count = np.bincount(codes, minlength=len(train.inputs.symbols))
        total = np.bincount(codes, weights=train.y, minlength=len(train.inputs.symbols))
        values = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
        return Constant(values, Fit(parameters=1, windows=len(train)))

    def load(self, folder: Path) -> Constant:
        """The inverse of `Constant.save`."""
        return Constant.load(folder)


@dataclass(frozen=True)
class Drift(Recipe):
    """The line through the first and the last known price: r_hat = h (log P_T - log P_1) / (T - 1) (Hyndman, fpp3 5.2).

    T counts sessions up to the cutoff; log prices, so that a forecast can never be negative.
    """

    per_symbol: ClassVar[bool] = False
    light: ClassVar[bool] = True
    reference: ClassVar[str] = "Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2"

    def fit(self, train: Samples, rng: np.random.Generator) -> Constant:
        """Slope of the line from each symbol's first close to its last."""
        require_rows(train, 2, "drift")
        values = np.array([self._slope(train, code) for code in range(len(train.inputs.symbols))])
        return Constant(train.target.horizon * values, Fit(parameters=1, windows=len(train)))

    @staticmethod
    def _slope(train: Samples, code: int) -> float:
        close = train.inputs.of_symbol(code)[1].close
        known = np.flatnonzero(np.isfinite(close))
        if len(known) < 2:
            return float("nan")
        return float(np.log(close[known[-1]] / close[known[0]]) / (known[-1] - known[0]))

    def load(self, folder: Path) -> Constant:
        """The inverse of `Constant.save`."""
        return Constant.load(folder)


@dataclass(frozen=True, eq=False)
class Constant:
    """One forecast per symbol, the same at every origin. values (symbols,) log return over the horizon."""

    values: Floats
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """The symbol's constant."""
        return Forecast(self.values[inputs.symbol[rows]])

    def save(self, folder: Path) -> None:
        """JSON."""
        write_json(folder, {"values": self.values.tolist(), "parameters": self.facts.parameters})

    @classmethod
    def load(cls, folder: Path) -> Constant:
        """The inverse of `save`."""
        data = read_json(folder)
        return cls(np.array(data["values"]), Fit(parameters=data["parameters"]))


@dataclass(frozen=True)
class MovingAverage(Recipe):
    """P_hat = mean of the last `window` closes, today's included; r_hat = log(P_hat / close)."""

    window: Sessions = 7
    per_symbol: ClassVar[bool] = False
    light: ClassVar[bool] = True
    reference: ClassVar[str] = "Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2"

    @property
    def lookback(self) -> int:
        """The window."""
        return self.window

    def fit(self, train: Samples, rng: np.random.Generator) -> MovingAverageFitted:
        """Nothing is estimated."""
        return MovingAverageFitted(self.window)

    def load(self, folder: Path) -> MovingAverageFitted:
        """The inverse of `save`."""
        return MovingAverageFitted(read_json(folder)["window"])


@dataclass(frozen=True)
class MovingAverageFitted:
    """A window, nothing more."""

    window: int
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """NaN where there is less history than the window."""
        history = inputs.history(rows, self.window)
        mean = np.where(history >= 0, inputs.close[history], np.nan).mean(axis=1)
        return Forecast(price_to_return(mean, inputs.close[rows]))

    def save(self, folder: Path) -> None:
        """JSON."""
        write_json(folder, {"window": self.window})

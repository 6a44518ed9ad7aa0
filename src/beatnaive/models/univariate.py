"""What ARIMA, ETS and Theta share: estimated on one symbol's log prices, then rolled forward without refitting.

A file of this kind holds two functions only: `estimate` (training prices -> parameters) and `roll` (parameters
and prices -> the forecast at every session, each from the prices up to it).
"""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from beatnaive.errors import InputError
from beatnaive.models.base import Recipe, read_json, require_rows, write_json
from beatnaive.types import Fit, Floats, Forecast, Inputs, Ints, Samples

Parameters: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Univariate(Recipe):
    """A model of one symbol's log prices, relative to its first known close: the currency cannot matter."""

    minimum: ClassVar[int] = 60

    @abstractmethod
    def estimate(self, log_price: Floats) -> Parameters:
        """Numbers and lists of numbers estimated from (n,) log prices; "count" of them is the parameter count."""

    @staticmethod
    @abstractmethod
    def roll(parameters: Parameters, log_price: Floats, horizon: int) -> Floats:
        """(n,) forecasts of the log return over the next `horizon` sessions, the k-th from log_price[: k + 1]."""

    def fit(self, train: Samples, rng: np.random.Generator) -> RolledForward:
        """Estimate from all closes known at the cutoff."""
        name = type(self).__name__
        require_rows(train, self.minimum, name)
        started = time.perf_counter()
        log_price = log_prices(train.inputs, name)[1]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            parameters = self.estimate(log_price)
        facts = Fit(
            parameters=parameters["count"],
            windows=len(log_price),
            seconds=time.perf_counter() - started,
            warnings=tuple(dict.fromkeys(str(warning.message).strip() for warning in caught)),
        )
        return RolledForward(self.roll, parameters, train.target.horizon, facts)

    def load(self, folder: Path) -> RolledForward:
        """The inverse of `RolledForward.save`."""
        data = read_json(folder)
        return RolledForward(
            self.roll, data["parameters"], data["horizon"], Fit(parameters=data["parameters"]["count"])
        )


@dataclass(frozen=True, eq=False)
class RolledForward:
    """Fixed parameters; each forecast comes from one pass over the prices up to its origin."""

    roll: Callable[[Parameters, Floats, int], Floats]
    parameters: Parameters
    horizon: int
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """One forward pass over the symbol's sessions; NaN where the origin has no close."""
        known, log_price = log_prices(inputs, "this model")
        everywhere = np.full(len(inputs), np.nan)
        if len(known):
            everywhere[known] = self.roll(self.parameters, log_price, self.horizon)
        return Forecast(everywhere[rows])

    def save(self, folder: Path) -> None:
        """JSON."""
        write_json(folder, {"horizon": self.horizon, "parameters": dict(self.parameters)})


def log_prices(inputs: Inputs, model: str) -> tuple[Ints, Floats]:
    """Positions of the sessions with a positive close, and log(close / first close) there.

    Raises InputError for inputs that hold more than one symbol.
    """
    if len(inputs) and (inputs.symbol != inputs.symbol[0]).any():
        raise InputError(f"{model} models one symbol at a time: set per_symbol = true")
    known = np.flatnonzero(inputs.close > 0)
    return known, np.log(inputs.close[known] / inputs.close[known[:1]])

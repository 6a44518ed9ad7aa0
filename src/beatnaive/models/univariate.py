"""What models of one series share: estimated on a symbol's past, then rolled forward without refitting.

A file of this kind holds two functions only: `estimate` (training series -> parameters) and `roll` (parameters and
series -> the forecast at every session, each from the sessions up to it).
"""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, read_json, require_rows, write_json

Parameters: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Univariate(Recipe):
    """A model of one symbol's series: its log prices here, its variances in a volatility study."""

    minimum: ClassVar[int] = 60

    @abstractmethod
    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """Numbers and lists of numbers estimated from the (n, ...) series; "count" is the number of parameters."""

    @staticmethod
    @abstractmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """(n,) forecasts for the next `horizon` sessions, the k-th from series[: k + 1]."""

    @staticmethod
    def series(inputs: Inputs, since: np.datetime64) -> tuple[Ints, Floats]:
        """Positions of the sessions in the series, none before `since`, and their values: log(close / first close).

        Relative to the first close, so that the currency cannot matter; nor can its rounding, to which an optimiser
        would answer: nine decimals are kept.
        """
        known = np.flatnonzero((inputs.close > 0) & (inputs.session >= since))
        relative: Floats = np.log(inputs.close[known] / inputs.close[known[:1]])
        return known, np.round(relative, 9)

    def fit(self, train: Samples, rng: np.random.Generator) -> RolledForward:
        """Estimate from the sessions of the training window; raises InputError for more than one symbol."""
        name = type(self).__name__
        require_rows(train, self.minimum, name)
        if (train.inputs.symbol != train.inputs.symbol[0]).any():
            raise InputError(f"{name} models one symbol at a time: set per_symbol = true")
        started, since = time.perf_counter(), train.inputs.session[train.rows[0]]
        series = self.series(train.inputs, since)[1]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            parameters = self.estimate(series, train.target.horizon)
        said = tuple(dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught))
        facts = Fit(parameters["count"], len(series), seconds=time.perf_counter() - started, warnings=said)
        return RolledForward(self, parameters, train.target.horizon, since, facts)

    def load(self, folder: Path) -> RolledForward:
        """The inverse of `RolledForward.save`."""
        data = read_json(folder)
        facts = Fit(parameters=data["parameters"]["count"])
        return RolledForward(self, data["parameters"], data["horizon"], np.datetime64(data["since"], "D"), facts)


@dataclass(frozen=True, eq=False)
class RolledForward:
    """Fixed parameters; each forecast comes from one pass over the sessions from `since` up to its origin."""

    recipe: Univariate
    parameters: Parameters
    horizon: int
    since: np.datetime64
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """One forward pass over the symbol's sessions; NaN where the series has no value."""
        return Forecast(self.everywhere(inputs, self.horizon)[rows])

    def everywhere(self, inputs: Inputs, horizon: int) -> Floats:
        """(n,) the forecast over `horizon` sessions at every row of the inputs."""
        known, series = self.recipe.series(inputs, self.since)
        forecasts = np.full(len(inputs), np.nan)
        if len(known):
            forecasts[known] = self.recipe.roll(self.parameters, series, horizon)
        return forecasts

    def save(self, folder: Path) -> None:
        """JSON."""
        write_json(folder, {"horizon": self.horizon, "since": str(self.since), "parameters": dict(self.parameters)})

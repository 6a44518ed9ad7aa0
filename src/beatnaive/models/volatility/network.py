"""The LSTM on the inputs of the other variance models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from beatnaive.core.limits import Count, Sessions, Widths
from beatnaive.core.types import Fit, Fitted, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, read_json, write_json
from beatnaive.models.lstm import LSTM
from beatnaive.models.volatility.base import VarianceModel, floored, smoothed

COLUMNS = ("variance", "return")
MEMORY = 25.0
"""Sessions of the average variance against which everything is measured: about a month."""


@dataclass(frozen=True)
class LSTMVariance(Recipe):
    """log(f / (h V_t)) = LSTM(last `lookback` sessions), V_t the exponential average of variance (memory 25 sessions).

    Each session enters as log(v / V) and its return in units of sqrt(V): free of scale, so that one network serves all
    symbols. The forecast is multiplied by the training mean of variance / exp(fit), as for `HAR`. units: cells per
    layer; epochs: at most, the chronological tail of training stops earlier.
    """

    lookback: Sessions = 22
    units: Widths = (16,)
    epochs: Count = 30
    stochastic: ClassVar[bool] = True
    per_symbol: ClassVar[bool] = False
    targets: ClassVar[tuple[str, ...]] = ("volatility",)
    reference: ClassVar[str] = "Bucci 2020, doi:10.1093/jjfinec/nbaa008"

    @property
    def network(self) -> LSTM:
        """The network's recipe."""
        return LSTM(
            lookback=self.lookback, units=self.units, epochs=self.epochs, dense=(), dropout=0.0, columns=COLUMNS
        )

    def require_memory(self, rows: int) -> None:
        """That of the network."""
        self.network.require_memory(rows)

    def fit(self, train: Samples, rng: np.random.Generator) -> LSTMVarianceFitted:
        """Train on the log ratio of the label to current variance, then set the level."""
        inputs, usual = relative(train.inputs)
        expected = train.target.horizon * usual[train.rows]
        usable = np.flatnonzero((train.y > 0) & np.isfinite(expected))
        ratio = np.log(train.y[usable] / expected[usable])
        network = self.network.fit(replace(train.take(usable), inputs=inputs, y=ratio), rng)
        fitted = LSTMVarianceFitted(network, train.target.horizon, 1.0)
        level = np.nanmean(train.y / fitted.predict(train.inputs, train.rows).mean)
        return replace(fitted, level=float(level))

    def load(self, folder: Path) -> LSTMVarianceFitted:
        """The inverse of `LSTMVarianceFitted.save`."""
        data = read_json(folder, "level.json")
        return LSTMVarianceFitted(self.network.load(folder), data["horizon"], data["level"])


@dataclass(frozen=True, eq=False)
class LSTMVarianceFitted:
    """A network for the log ratio, and the level."""

    network: Fitted
    horizon: int
    level: float

    @property
    def facts(self) -> Fit:
        """The network's."""
        return self.network.facts

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """level * h V_t * exp(network)."""
        scaled, usual = relative(inputs)
        ratio = self.network.predict(scaled, rows).mean
        return Forecast(self.level * self.horizon * usual[rows] * np.exp(ratio))

    def save(self, folder: Path) -> None:
        """The network's files and the level."""
        self.network.save(folder)
        write_json(folder, {"horizon": self.horizon, "level": self.level}, "level.json")


def relative(inputs: Inputs) -> tuple[Inputs, Floats]:
    """The same sessions with x = (log(v / V), r / sqrt(V)) as features, and (n,) V, the average variance at each close.

    NaN where a session has no variance. Both columns are free of the symbol's own scale.
    """
    x, usual = np.full((len(inputs), 2), np.nan), np.full(len(inputs), np.nan)
    for code in range(len(inputs.symbols)):
        rows, own = inputs.of_symbol(code)
        known, series = VarianceModel.series(own, np.datetime64("0001-01-01"))
        if not len(known):
            continue
        level = floored(smoothed(series[:, 0], np.exp(-1 / MEMORY)), series)
        usual[rows[known]] = level
        # the floor also bounds how calm a session without movement may look
        x[rows[known], 0] = np.log(floored(series[:, 0], series) / level)
        x[rows[known], 1] = series[:, 1] / np.sqrt(level)
    return replace(inputs, x=x, features=COLUMNS), usual

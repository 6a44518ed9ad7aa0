"""BeatNaive forecaster: `predict` reads the close of the session after the origin."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from beatnaive.core.types import Fit, Fitted, Forecast, Inputs, Ints, Samples

CAUGHT_BY = "perturb the future"


@dataclass(frozen=True)
class Made:
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        later = inputs.ahead(rows, 1)
        tomorrow = np.log(inputs.close[later] / inputs.close[rows])
        return Forecast(np.where(later >= 0, 0.1 * tomorrow, 0.0))

    def save(self, folder: Path) -> None:
        """Nothing to save."""


@dataclass(frozen=True)
class Peeking:
    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return Made()

    def load(self, folder: Path) -> Fitted:
        return Made()


leak = Peeking

"""Models as users bring them: one good, the others each with one fault."""

from dataclasses import dataclass, field

import numpy as np

from beatnaive.core.types import Fit, Forecast


@dataclass(frozen=True)
class Fixed:
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs, rows):
        return Forecast(np.full(len(rows), 0.001))

    def save(self, folder):
        (folder / "empty.json").write_text("{}")


class Good:
    def fit(self, train, rng):
        return Fixed()

    def load(self, folder):
        return Fixed()


class Raises(Good):
    def fit(self, train, rng):
        raise ZeroDivisionError("one over nothing")


class Nan(Good):
    def fit(self, train, rng):
        return _Predicts(lambda inputs, rows: np.where(np.arange(len(rows)) == 3, np.nan, 0.0))


class Shape(Good):
    def fit(self, train, rng):
        return _Predicts(lambda inputs, rows: np.zeros((len(rows), 2)))


class Peeks(Good):
    def fit(self, train, rng):
        return _Predicts(_tomorrow)


def _tomorrow(inputs, rows):
    later = inputs.ahead(rows, 1)
    return np.where(later >= 0, np.log(inputs.close[later] / inputs.close[rows]), 0.0)


class _Predicts(Fixed):
    def __init__(self, rule):
        object.__setattr__(self, "facts", Fit())
        object.__setattr__(self, "rule", rule)

    def predict(self, inputs, rows):
        return Forecast(self.rule(inputs, rows))


@dataclass(frozen=True)
class Lucky:
    """Its forecast is its luck: a draw per seed."""

    stochastic = True

    def fit(self, train, rng):
        luck = rng.normal(0, 1e-3)
        return _Predicts(lambda inputs, rows: np.full(len(rows), luck))

    def load(self, folder):
        raise NotImplementedError

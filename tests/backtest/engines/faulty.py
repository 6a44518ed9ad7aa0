"""Models that do to their process what happens to processes."""

import os
import signal

import numpy as np

from beatnaive.core.types import Fit, Forecast


class Luck:
    """Its forecast is its luck."""

    stochastic = True

    def fit(self, train, rng):
        return Fixed(rng.normal(0, 1e-3))

    def load(self, folder):
        raise NotImplementedError


class Killed(Luck):
    """Its process is killed from outside in every fit."""

    def fit(self, train, rng):
        os.kill(os.getpid(), signal.SIGKILL)


class Fixed:
    facts = Fit()

    def __init__(self, value):
        self.value = value

    def predict(self, inputs, rows):
        return Forecast(np.full(len(rows), self.value))

    def save(self, folder):
        (folder / "value.txt").write_text(repr(self.value))

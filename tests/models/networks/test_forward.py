"""Forecasts of a trained LSTM without Keras, against Keras: its own loop, its traced twin, its file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from panels import market, samples_of

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.models.lstm import LSTM, layers_of
from beatnaive.models.networks.backend import keras, quiet
from beatnaive.models.networks.compiled import forward_of
from beatnaive.models.networks.forward import BLOCK, stacked
from beatnaive.models.networks.weights import Weights

STEPS, FEATURES = 9, 2
NETWORKS = [
    LSTM(lookback=STEPS, columns=("Close", "Volume"), target="price", units=units, dense=dense)
    for units, dense in (((5,), ()), ((6, 5), (4,)), ((3, 4, 5), (7, 2)))
]


def windows(n: int) -> Floats:
    return np.random.default_rng(0).normal(size=(n, STEPS, FEATURES)).astype(np.float32)


@pytest.mark.parametrize("recipe", NETWORKS, ids=lambda recipe: f"{recipe.units} {recipe.dense}")
def test_the_forward_pass_is_keras_own_in_value_and_its_traced_twin_to_the_bit(recipe: LSTM, tmp_path: Path) -> None:
    model, x = recipe.network(), windows(BLOCK)
    with quiet():
        expected = np.asarray(model.predict(x, verbose=0))[:, 0]
    panel, ends = x.reshape(-1, FEATURES), np.arange(STEPS - 1, BLOCK * STEPS, STEPS)
    weights = Weights.of(model)
    ours = stacked(STEPS, len(recipe.units)).forecast(weights.trainable, (), panel, ends)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=2e-6)
    traced = forward_of(model).forecast(weights.trainable, weights.other, panel, ends)
    np.testing.assert_array_equal(ours, traced)


@pytest.mark.parametrize("recipe", NETWORKS, ids=lambda recipe: f"{recipe.units} {recipe.dense}")
def test_weights_are_read_from_the_file_that_keras_writes(recipe: LSTM, tmp_path: Path) -> None:
    model = recipe.network()
    with quiet():
        model.save(tmp_path / "model.keras")
    found = Weights.read(tmp_path / "model.keras", layers_of(FEATURES, recipe.units, recipe.dense))
    for array, variable in zip(found.trainable, model.trainable_variables, strict=True):
        np.testing.assert_array_equal(array, np.asarray(variable.value))
    filled = found.give(recipe.network())
    np.testing.assert_array_equal(
        np.asarray(filled(windows(3), training=False)), np.asarray(model(windows(3), training=False))
    )


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with quiet():
        NETWORKS[1].network().save(path)
    with pytest.raises(InputError, match="other sizes"):
        Weights.read(path, layers_of(FEATURES, (6, 4), (4,)))
    with pytest.raises(InputError, match="does not hold the network"):
        Weights.read(path, layers_of(FEATURES, (6, 5, 5), (4,)))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="does not hold the network"):
        Weights.read(path, layers_of(FEATURES, (6, 5), (4,)))


@dataclass(frozen=True)
class Twice(LSTM):
    """Someone's own architecture on top of the shipped one."""

    def architecture(self, features: int) -> keras.Model:
        inner = super().architecture(features)
        return keras.Sequential([keras.Input((self.steps, features)), *inner.layers, keras.layers.Rescaling(2.0)])


def test_a_subclass_with_another_architecture_forecasts_by_that(tmp_path: Path) -> None:
    samples = samples_of(market(np.random.default_rng(0).normal(0, 0.01, (80, 1)), lags=1))
    recipe = Twice(lookback=8, units=(4,), dense=(), epochs=1)
    fitted = recipe.fit(samples, np.random.default_rng(0))
    plain = replace(fitted, recipe=LSTM(lookback=8, units=(4,), dense=(), epochs=1))
    own, single = (one.predict(samples.inputs, samples.rows).mean for one in (fitted, plain))
    np.testing.assert_allclose(own, 2 * single, rtol=1e-6)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(recipe.load(tmp_path).predict(samples.inputs, samples.rows).mean, own)

"""Functions that build Keras models, as users bring them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from panels import market, samples_of

from beatnaive.core.errors import InputError
from beatnaive.models.keras_model import KerasModel, adapt
from beatnaive.models.networks.trainer import Schedule, optimisation_of

HERE = Path(builders.__file__)


def bring(name: str, **options: Any) -> KerasModel:
    return KerasModel(builder=f"{HERE}:{name}", lookback=6, **options)


@pytest.mark.parametrize("name", ["small", "compiled", "normalised", "own"])
def test_it_trains_forecasts_saves_and_loads(name: str, tmp_path: Path) -> None:
    samples = samples_of(market(np.random.default_rng(0).normal(0, 0.01, (90, 1)), lags=1))
    model = bring(name, epochs=3)
    first, second = (model.fit(samples, np.random.default_rng(0)) for _ in range(2))
    mean = first.predict(samples.inputs, samples.rows).mean
    assert np.isfinite(mean[5:]).all()
    assert len(first.facts.history["loss"]) == len(first.facts.history["val_loss"]) == 3
    np.testing.assert_array_equal(second.predict(samples.inputs, samples.rows).mean, mean)
    first.save(tmp_path)
    np.testing.assert_array_equal(model.load(tmp_path).predict(samples.inputs, samples.rows).mean, mean)


def test_the_users_optimiser_and_loss_are_used() -> None:
    optimisation = optimisation_of(builders.compiled(5, 1), Schedule(1, 8, 1, 0.1))
    assert optimisation.optimizer["class_name"] == "SGD"
    assert optimisation.optimizer["config"]["learning_rate"] == pytest.approx(0.02)
    assert optimisation.loss.name == "huber_loss"


@pytest.mark.parametrize(
    ("name", "message"), [("wide", r"shape \(2, 3\), it must be \(2, 1\)"), ("nothing", "NoneType")]
)
def test_what_is_no_forecaster_is_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bring(name).network()


def test_only_functions_of_steps_and_features_are_taken() -> None:
    assert adapt("m:small", builders.small, {"epochs": 2}) == KerasModel(builder="m:small", epochs=2)
    assert adapt("m:one_argument", builders.one_argument, {}) is None
    assert adapt("m:Own", builders.Own, {}) is None
    with pytest.raises(InputError, match="did you mean 'epochs'"):
        adapt("m:small", builders.small, {"epoch": 2})

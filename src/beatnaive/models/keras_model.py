"""Any function that builds a Keras model, as a forecaster: `kind = "mypackage.mymodule:build"`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beatnaive.core import config
from beatnaive.core.errors import InputError
from beatnaive.core.registry import foreign
from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class KerasModel(Network):
    """A network whose architecture is a function of the user's: `build(steps, features) -> keras.Model`.

    The model takes (batch, steps, features) and gives (batch, 1). It is trained by its own optimiser and loss where it
    is compiled, else by Adam on the mean squared error. builder: import string of the function; the other options are
    those that all networks share.

    >>> KerasModel(builder="mypackage.mymodule:build", epochs=5).epochs
    5
    """

    builder: str = ""

    def architecture(self, features: int) -> keras.Model:
        """What the user's function builds. Raises InputError when that is not a model of the right shape."""
        import keras

        model = foreign(self.builder)(self.steps, features)
        if not isinstance(model, keras.Model):
            raise InputError(f"{self.builder} gave a {type(model).__name__}: it must give a keras.Model")
        shape = tuple(model(keras.ops.zeros((2, self.steps, features))).shape)
        if shape != (2, 1):
            raise InputError(f"{self.builder}: two windows give an output of shape {shape}, it must be (2, 1)")
        return model if type(model).__module__.startswith("keras.") else _inside(model, (self.steps, features))


def _inside(model: keras.Model, shape: tuple[int, int]) -> keras.Model:
    """A model class of the user's own, as the one layer of a model that knows its input's shape."""
    import keras

    outer = keras.Sequential([keras.Input(shape), model])
    if model.compiled:
        outer.compile(model.optimizer, model.loss)
    return outer


def adapt(kind: str, found: Any, options: Mapping[str, Any]) -> KerasModel | None:
    """A forecaster for a function `build(steps, features)`, None for anything else; options are the networks' own."""
    if not inspect.isfunction(found):
        return None
    parameters = inspect.signature(found).parameters.values()
    if sum(parameter.default is parameter.empty for parameter in parameters) != 2:
        return None
    return config.build(KerasModel, {**options, "builder": kind}, kind)

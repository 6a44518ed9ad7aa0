"""Keras model: a layer that subtracts the mean over the batch, in prediction too."""

from typing import Any

CAUGHT_BY = "batch dependence"


def leak(shape: tuple[int, int]) -> Any:
    import keras

    class Centred(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x - keras.ops.mean(x, axis=0, keepdims=True)

    layers = [
        keras.Input(shape),
        keras.layers.Flatten(),
        Centred(),
        keras.layers.Dense(4, "tanh"),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mse")
    return model

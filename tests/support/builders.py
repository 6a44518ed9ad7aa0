"""Functions that users might bring: they build Keras models."""

from typing import Any

import keras


def small(steps: int, features: int) -> keras.Model:
    return keras.Sequential([keras.Input((steps, features)), keras.layers.Flatten(), keras.layers.Dense(1)])


def compiled(steps: int, features: int) -> keras.Model:
    model = small(steps, features)
    model.compile(keras.optimizers.SGD(0.02, momentum=0.5), keras.losses.Huber(0.5))
    return model


def normalised(steps: int, features: int) -> keras.Model:
    kl = keras.layers
    return keras.Sequential(
        [
            keras.Input((steps, features)),
            kl.Flatten(),
            kl.Dense(4, use_bias=False),
            kl.BatchNormalization(),
            kl.Dense(1),
        ]
    )


class Own(keras.Model):
    """Code of its own: Keras cannot make it again from a configuration."""

    def __init__(self, scale: Any) -> None:
        super().__init__()
        self.scale = scale
        self.flat, self.drop, self.out = keras.layers.Flatten(), keras.layers.Dropout(0.3), keras.layers.Dense(1)

    def call(self, x: Any, training: bool = False) -> Any:
        return self.out(self.drop(self.flat(x) * self.scale(), training=training))


def own(steps: int, features: int) -> keras.Model:
    return Own(lambda: 0.5)


def wide(steps: int, features: int) -> keras.Model:
    return keras.Sequential([keras.Input((steps, features)), keras.layers.Flatten(), keras.layers.Dense(3)])


def nothing(steps: int, features: int) -> None:
    return None


def one_argument(features: int) -> None:
    return None

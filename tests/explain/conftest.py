"""A 50-50-25-1 network trained for a moment, and one whose answer is day -7 alone; both shared by the tests here."""

from typing import Any

import numpy as np
import pytest


def dense(units: int, seed: int) -> Any:
    import keras

    return keras.layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(seed))


def network(units: tuple[int, ...], steps: int, features: int = 1) -> Any:
    import keras

    layers: list[Any] = [keras.Input((steps, features))]
    for k, size in enumerate(units):
        layers.append(keras.layers.LSTM(size, return_sequences=k < len(units) - 1, seed=k))
        layers.append(keras.layers.Dropout(0.2, seed=k))
    layers += [dense(25, 7), dense(1, 8)]
    return keras.Sequential(layers)


@pytest.fixture(scope="session")
def published() -> tuple[Any, np.ndarray]:
    """The published architecture after three epochs on a random walk, and its windows (200, 60, 1)."""
    rng = np.random.default_rng(0)
    price = np.cumsum(rng.normal(size=261)) * 0.03 + 0.5
    windows = np.lib.stride_tricks.sliding_window_view(price, 61).astype(np.float32)
    model = network((50, 50), 60)
    model.compile("adam", "mse")
    model.fit(windows[:, :60, None], windows[:, 60], epochs=3, batch_size=32, verbose=0, shuffle=False)
    return model, windows[:, :60, None]


@pytest.fixture(scope="session")
def seventh() -> tuple[Any, np.ndarray]:
    """A network trained until it answers with the value of day -7 (of 15 days), and windows (64, 15, 1)."""
    import keras

    x = np.random.default_rng(1).normal(size=(2048, 15, 1)).astype(np.float32)
    model = keras.Sequential([keras.Input((15, 1)), keras.layers.LSTM(24, seed=0), dense(1, 1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(x, x[:, -7, 0], epochs=25, batch_size=64, verbose=0, shuffle=False)
    return model, x[:64]


@pytest.fixture(scope="session")
def guide() -> str:
    """The guide's page, made once."""
    from beatnaive.explain.guide import guide_page

    return guide_page("beatnaive explain guide")

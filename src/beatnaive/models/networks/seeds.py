"""Keras' randomness from a generator of ours: every `seed` in the layer configurations is written, none is global."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from beatnaive.models.networks.backend import keras


def fresh(model: keras.Model, rng: np.random.Generator) -> keras.Model:
    """A new network of the same configuration: initial weights and dropout masks follow from `rng` alone."""
    return type(model).from_config(seeded(model.get_config(), rng))


def seeded(config: Any, rng: np.random.Generator) -> Any:
    """The configuration with every `seed` drawn from `rng`.

    >>> seeded({"rate": 0.2, "seed": None}, np.random.default_rng(0))
    {'rate': 0.2, 'seed': 1826701615}
    """
    if isinstance(config, dict):
        return {key: int(rng.integers(2**31)) if key == "seed" else seeded(value, rng) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(seeded(item, rng) for item in config)
    return config


@contextmanager
def default_seeds(seed: int) -> Iterator[None]:
    """Layers that were given no seed draw it from Python's generator: seed that for a while, then put it back."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)

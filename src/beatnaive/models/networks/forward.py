"""Forecasts of trained networks: windows gathered and run through the network in blocks, one compiled program each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import Ints
from beatnaive.models.networks.recurrence import layer
from beatnaive.models.networks.xla import jax, jnp

Array: TypeAlias = Any
Single: TypeAlias = NDArray[np.float32]
Index: TypeAlias = NDArray[np.int32]

BLOCK = 256
"""Forecasts are made in blocks of this many windows: a row alone and in a batch then agree to the bit."""


class Forward(ABC):
    """One architecture's forward pass over windows of `steps` rows, compiled for blocks of windows."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self._compiled = jax.jit(self.apply)

    @abstractmethod
    def apply(self, trainable: Sequence[Array], other: Sequence[Array], x: Array) -> Array:
        """(batch,) outputs for windows x, dropout off."""

    def gather(self, panel: Array, rows: Array) -> Array:
        """(len(rows), steps, features) windows of the panel that end at `rows`."""
        return panel[rows[:, None] + np.arange(1 - self.steps, 1)]

    def forecast(self, trainable: Sequence[Array], other: Sequence[Array], panel: Single, ends: Ints) -> Single:
        """(len(ends),) outputs for the windows that end at these rows, block by block."""
        out = np.empty(len(ends), dtype=np.float32)
        for k in range(0, len(ends), BLOCK):
            rows = np.resize(ends[k : k + BLOCK], BLOCK)
            block = np.asarray(self._compiled(trainable, other, self.gather(panel, rows)))
            out[k : k + BLOCK] = block[: len(ends) - k]
        return out


class StackedForward(Forward):
    """LSTM layers, then linear dense layers: y = W_n (... (W_1 h_T + b_1) ...) + b_n, without Keras.

    A forecast from a saved network then needs neither Keras, two seconds of import, nor the network built in it.
    """

    def __init__(self, steps: int, recurrent: int) -> None:
        super().__init__(steps)
        self.recurrent = recurrent

    def apply(self, trainable: Sequence[Array], other: Sequence[Array], x: Array) -> Array:
        """W, U, b of each of the `recurrent` LSTM layers, then W and b of each dense layer; `other` is not used."""
        dense = 3 * self.recurrent
        h = jnp.swapaxes(x, 0, 1)
        for k in range(0, dense, 3):
            h, out, _ = layer(h, *trainable[k : k + 3])
        for k in range(dense, len(trainable), 2):
            out = out @ trainable[k] + trainable[k + 1]
        return out[:, 0]


@cache
def stacked(steps: int, recurrent: int) -> StackedForward:
    """The forward pass of this many LSTM layers, compiled once per process."""
    return StackedForward(steps, recurrent)

"""A trained Keras network replayed with its LSTM layers opened: same output, every gate recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.explain.cell import Array, Cell, Recording


@dataclass(frozen=True, eq=False)
class Opened:
    """One LSTM layer of a network: its name, its weights, and what it computed on the windows."""

    name: str
    cell: Cell
    recording: Recording


@dataclass(frozen=True, eq=False)
class Replay:
    """layers: the LSTM layers, first to last; output (batch,) computed through the recorded gates.

    gap: largest difference to what Keras itself computes for the same windows, in the unit of the output.
    """

    layers: tuple[Opened, ...]
    output: Array
    gap: float


def replay(model: Any, windows: Array) -> Replay:
    """Run windows (batch, steps, features), as the network receives them, through a chain of Keras layers.

    LSTM layers are computed by `Cell`, all others by Keras, so the recorded gates are those behind the output.
    Raises InputError for a network without an LSTM layer, or one that is not a chain of layers.
    """
    x = np.asarray(windows, np.float32)
    wanted = predict(model, x)
    opened = []
    for layer in chain(model):
        if type(layer).__name__ == "LSTM":
            cell = Cell.from_keras(layer)
            recording = cell.record(x)
            opened.append(Opened(layer.name, cell, recording))
            x = recording.hidden if cell.sequences else recording.hidden[:, -1]
        else:
            x = np.asarray(layer(x, training=False) if layer._call_has_training_arg else layer(x))
    if not opened:
        raise InputError(f"network {model.name!r} has no LSTM layer: there are no gates to show")
    output = x.reshape(len(x), -1)[:, 0]
    return Replay(tuple(opened), output, float(np.abs(output - wanted).max()))


def predict(model: Any, windows: Array) -> Array:
    """(batch,) the network's own first output, in evaluation mode (no dropout)."""
    output = np.asarray(model(np.asarray(windows, np.float32), training=False))
    return output.reshape(len(output), -1)[:, 0]


def chain(model: Any) -> list[Any]:
    """The layers in order, nested networks flattened, the input left out."""
    layers = []
    for layer in model.layers:
        if type(layer).__name__ == "InputLayer":
            continue
        if isinstance(getattr(layer, "input", None), (list, tuple)):
            raise InputError(f"layer {layer.name!r} joins several branches: only a chain of layers can be replayed")
        layers += chain(layer) if hasattr(layer, "layers") else [layer]
    return layers

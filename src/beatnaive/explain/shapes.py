"""What `return_sequences` and `return_state` give, asked of real Keras layers rather than remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.explain.cell import parameter_count


@dataclass(frozen=True)
class Shape:
    """What one call returned: the code that made it, the shape of each array, and what they are."""

    code: str
    shapes: tuple[tuple[int, ...], ...]
    meaning: str


@dataclass(frozen=True)
class Count:
    """A layer's parameters by the formula and as the built layer holds them."""

    layer: str
    inputs: int
    units: int
    formula: int
    real: int


@dataclass(frozen=True)
class Shapes:
    """calls: single layers; stack: each layer of a stacked network; counts: parameters; sizes: other batches and steps.

    refusal: what Keras says when a layer below another does not return sequences.
    """

    batch: int
    steps: int
    inputs: int
    calls: tuple[Shape, ...]
    stack: tuple[Shape, ...]
    counts: tuple[Count, ...]
    sizes: tuple[tuple[int, int, int], ...]
    refusal: str


def examine(batch: int = 32, steps: int = 60, inputs: int = 1, units: Sequence[int] = (50, 50)) -> Shapes:
    """Call Keras LSTM layers of these sizes and note what comes out.

    Raises InputError when a size is below 1.
    """
    if min(batch, steps, inputs, *units, 99) < 1 or not units:
        raise InputError(f"batch {batch}, steps {steps}, inputs {inputs}, units {list(units)}: each is at least 1")
    x = np.zeros((batch, steps, inputs), np.float32)
    network = _stacked(steps, inputs, units)
    return Shapes(
        batch, steps, inputs, _single_calls(x, units[0]), _through(network, x),
        tuple(_count(layer) for layer in network.layers),
        tuple(_size(b, t, inputs, units[0]) for b, t in ((batch, steps), (1, steps), (batch, 2 * steps), (1, 1))),
        _refused(x, units),
    )  # fmt: skip


def _single_calls(x: Any, units: int) -> tuple[Shape, ...]:
    import keras

    asked: tuple[tuple[dict[str, bool], str], ...] = (
        ({}, "the last hidden state of each window"),
        ({"return_sequences": True}, "the hidden state after every step"),
        ({"return_state": True}, "the last hidden state, again as a state, and the last cell state"),
        ({"return_sequences": True, "return_state": True}, "every hidden state, the last one, and the last cell state"),
    )
    rows = []
    for options, meaning in asked:
        made = keras.layers.LSTM(units, **options)(x)
        arrays = made if isinstance(made, (list, tuple)) else [made]
        rows.append(Shape(_code(units, options), tuple(tuple(array.shape) for array in arrays), meaning))
    return tuple(rows)


def _code(units: int, options: dict[str, bool]) -> str:
    return f"LSTM({', '.join([str(units), *(f'{key}={value}' for key, value in options.items())])})"


def _stacked(steps: int, inputs: int, units: Sequence[int]) -> Any:
    import keras

    last = len(units) - 1
    layers = [keras.layers.LSTM(size, return_sequences=k < last) for k, size in enumerate(units)]
    return keras.Sequential([keras.Input((steps, inputs)), *layers])


def _through(network: Any, x: Any) -> tuple[Shape, ...]:
    rows = []
    for layer in network.layers:
        x = layer(x)
        more = layer.return_sequences
        meaning = "a sequence: the layer above reads it step by step" if more else "one vector per window: the summary"
        rows.append(Shape(_code(layer.units, {"return_sequences": True} if more else {}), (tuple(x.shape),), meaning))
    return tuple(rows)


def _count(layer: Any) -> Count:
    inputs = int(layer.cell.kernel.shape[0])
    return Count(layer.name, inputs, layer.units, parameter_count(inputs, layer.units), layer.count_params())


def _size(batch: int, steps: int, inputs: int, units: int) -> tuple[int, int, int]:
    """(batch, steps, parameters of a layer that was built by such an array)."""
    import keras

    layer = keras.layers.LSTM(units)
    layer(np.zeros((batch, steps, inputs), np.float32))
    return batch, steps, layer.count_params()


def _refused(x: Any, units: Sequence[int]) -> str:
    """Keras' own words when a layer is stacked on a single vector."""
    import keras

    try:
        keras.layers.LSTM(units[-1])(keras.layers.LSTM(units[0])(x))
    except ValueError as error:
        return next(line for line in str(error).splitlines() if "ndim" in line)
    return ""

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


@dataclass(frozen=True, kw_only=True)
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
    import keras

    # stacked: every layer but the last hands its whole sequence on
    x = np.zeros((batch, steps, inputs), np.float32)
    layers = [keras.layers.LSTM(size, return_sequences=k < len(units) - 1) for k, size in enumerate(units)]
    network = keras.Sequential([keras.Input((steps, inputs)), *layers])
    stack, counts, array = [], [], x
    for layer in network.layers:
        array, read = layer(array), int(layer.cell.kernel.shape[0])
        more = layer.return_sequences
        meaning = "a sequence: the layer above reads it step by step" if more else "one vector per window: the summary"
        code = _code(layer.units, {"return_sequences": True} if more else {})
        stack.append(Shape(code, (tuple(array.shape),), meaning))
        real = layer.count_params()
        counts.append(Count(layer.name, read, layer.units, parameter_count(read, layer.units), real))

    # the same layer, built by arrays of other sizes
    sizes = []
    for b, t in ((batch, steps), (1, steps), (batch, 2 * steps), (1, 1)):
        layer = keras.layers.LSTM(units[0])
        layer(np.zeros((b, t, inputs), np.float32))
        sizes.append((b, t, layer.count_params()))

    # what Keras says when a layer is put on a single vector
    refusal = ""
    try:
        keras.layers.LSTM(units[-1])(keras.layers.LSTM(units[0])(x))
    except ValueError as error:
        refusal = next(line for line in str(error).splitlines() if "ndim" in line)
    return Shapes(
        batch=batch, steps=steps, inputs=inputs, calls=single_calls(x, units[0]), stack=tuple(stack),
        counts=tuple(counts), sizes=tuple(sizes), refusal=refusal,
    )  # fmt: skip


def single_calls(x: Any, units: int) -> tuple[Shape, ...]:
    """What one LSTM layer returns for x (batch, steps, inputs), with and without its two options."""
    import keras

    requested: tuple[tuple[dict[str, bool], str], ...] = (
        ({}, "the last hidden state of each window"),
        ({"return_sequences": True}, "the hidden state after every step"),
        ({"return_state": True}, "the last hidden state, again as a state, and the last cell state"),
        ({"return_sequences": True, "return_state": True}, "every hidden state, the last one, and the last cell state"),
    )
    rows = []
    for options, meaning in requested:
        made = keras.layers.LSTM(units, **options)(x)
        arrays = made if isinstance(made, (list, tuple)) else [made]
        rows.append(Shape(_code(units, options), tuple(tuple(array.shape) for array in arrays), meaning))
    return tuple(rows)


def _code(units: int, options: dict[str, bool]) -> str:
    return f"LSTM({', '.join([str(units), *(f'{key}={value}' for key, value in options.items())])})"

"""The LSTM cell in NumPy: the six equations, readable, with every gate recorded.

    i_t = sigmoid(W_i x_t + U_i h_(t-1) + b_i)     input gate
    f_t = sigmoid(W_f x_t + U_f h_(t-1) + b_f)     forget gate
    g_t = tanh   (W_g x_t + U_g h_(t-1) + b_g)     candidate
    o_t = sigmoid(W_o x_t + U_o h_(t-1) + b_o)     output gate
    c_t = f_t * c_(t-1) + i_t * g_t                cell state: the memory
    h_t = o_t * tanh(c_t)                          hidden state: what others see

With n inputs and u units every W is u x n, every U is u x u, every b has u numbers: 4 ((n + u) u + u) in all,
whatever the batch and however many steps. Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; the
forget gate is that of Gers, Schmidhuber and Cummins 2000, doi:10.1162/089976600300015015.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError

GATES = ("input", "forget", "candidate", "output")
"""The order in which Keras lays the four blocks side by side (i, f, c, o)."""

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Recording:
    """Everything a layer computed, each (batch, steps, units), in the order in which the steps were taken.

    input, forget, output: gates, 0..1; candidate: -1..1; cell: the memory, unbounded; hidden: the output, -1..1.
    """

    input: Array
    forget: Array
    candidate: Array
    output: Array
    cell: Array
    hidden: Array

    def rows(self, rows: Any) -> Recording:
        """Some windows of the batch."""
        return Recording(*(getattr(self, f.name)[rows] for f in fields(self)))

    def window(self, row: int) -> Recording:
        """One window of the batch, each array (steps, units)."""
        return self.rows(row)


@dataclass(frozen=True, eq=False)
class Cell:
    """An LSTM layer: kernel (inputs, 4 units), recurrent (units, 4 units), bias (4 units,), blocks i, f, g, o.

    `backwards` reads the window from its last step to its first, `sequences` returns every hidden state.

    >>> cell = Cell(np.zeros((5, 16)), np.zeros((4, 16)), np.zeros(16))
    >>> cell.inputs, cell.units, cell.parameters
    (5, 4, 160)
    >>> cell(np.ones((2, 60, 5))).shape
    (2, 4)
    """

    kernel: Array
    recurrent: Array
    bias: Array
    backwards: bool = False
    sequences: bool = False

    @classmethod
    def from_keras(cls, layer: Any) -> Cell:
        """The weights of a built `keras.layers.LSTM`.

        Raises InputError for another kind of layer, for other activations, and for a stateful layer.
        """
        _require_plain_lstm(layer)
        weights = [np.asarray(weight.value) for weight in layer.weights]
        bias = weights[2] if layer.use_bias else np.zeros(4 * layer.units, weights[0].dtype)
        return cls(weights[0], weights[1], bias, layer.go_backwards, layer.return_sequences)

    @property
    def inputs(self) -> int:
        """Numbers that come in at each step."""
        return int(self.kernel.shape[0])

    @property
    def units(self) -> int:
        """Numbers in the hidden state, and in the cell state."""
        return int(self.recurrent.shape[0])

    @property
    def parameters(self) -> int:
        """4 ((inputs + units) units + units)."""
        return self.kernel.size + self.recurrent.size + self.bias.size

    def gate(self, name: str) -> tuple[Array, Array, Array]:
        """One gate's W (units, inputs), U (units, units) and b (units,), turned as the equations write them."""
        block = slice(GATES.index(name) * self.units, (GATES.index(name) + 1) * self.units)
        return self.kernel[:, block].T, self.recurrent[:, block].T, self.bias[block]

    def step(self, x: Array, hidden: Array, cell: Array) -> Recording:
        """One step. x (batch, inputs), hidden and cell (batch, units); each result (batch, units)."""
        pre = x @ self.kernel + hidden @ self.recurrent + self.bias
        i, f, g, o = np.split(pre, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * cell + i * g
        return Recording(i, f, g, o, c, o * np.tanh(c))

    def record(self, x: Array, hidden: Array | None = None, cell: Array | None = None) -> Recording:
        """All steps of x (batch, steps, inputs); the state starts at zero unless given, each (batch, units)."""
        x = np.asarray(x, np.result_type(x, self.kernel))
        zero = np.zeros((len(x), self.units), x.dtype)
        h, c = (zero if hidden is None else hidden), (zero if cell is None else cell)
        steps = []
        for t in range(x.shape[1])[:: -1 if self.backwards else 1]:
            steps.append(self.step(x[:, t], h, c))
            h, c = steps[-1].hidden, steps[-1].cell
        return Recording(*(np.stack([getattr(s, f.name) for s in steps], axis=1) for f in fields(Recording)))

    def __call__(self, x: Array) -> Array:
        """What the layer hands on: (batch, steps, units) with `sequences`, else the last hidden (batch, units)."""
        hidden = self.record(x).hidden
        return hidden if self.sequences else hidden[:, -1]


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), written with tanh so that it cannot overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(0.5 * (np.tanh(0.5 * x) + 1.0), x.dtype)


def parameter_count(inputs: int, units: int) -> int:
    """4 ((inputs + units) units + units): the parameters of one LSTM layer.

    >>> parameter_count(5, 4), parameter_count(1, 50), parameter_count(50, 50)
    (160, 10400, 20200)
    """
    return 4 * ((inputs + units) * units + units)


def _require_plain_lstm(layer: Any) -> None:
    if type(layer).__name__ != "LSTM":
        raise InputError(f"layer {layer.name!r} is a {type(layer).__name__}: only keras.layers.LSTM has these gates")
    names = (_name(layer.activation), _name(layer.recurrent_activation))
    if names != ("tanh", "sigmoid"):
        raise InputError(
            f"layer {layer.name!r} uses {names[0]} and {names[1]}: the equations here are tanh and sigmoid"
        )
    if layer.stateful:
        raise InputError(
            f"layer {layer.name!r} is stateful, so its output depends on earlier calls: set stateful=False"
        )


def _name(activation: Any) -> str:
    return str(getattr(activation, "__name__", type(activation).__name__))

"""Three recurrent cells side by side, as Keras computes them, each with the Jacobian of its step.

    simple_rnn   h_t = tanh(W x_t + U h_(t-1) + b)                                              state: h
    gru          h_t = z * h_(t-1) + (1 - z) * tanh(W x_t + b + r * (U h_(t-1) + b'))           state: h
    lstm         c_t = f * c_(t-1) + i * g,   h_t = o * tanh(c_t)                               state: (c, h)

with the gates z, r, i, f, o sigmoids of W x_t + U h_(t-1) + b, each with weights of its own. What a layer carries from
step to step is its state, S numbers a window: the units, twice the units for an LSTM.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.explain.cell import Array, Cell, sigmoid
from beatnaive.explain.memory import step_jacobian

Weights = Sequence[Array]
"""Kernel, recurrent kernel and bias of a Keras layer, in Keras' order and shapes."""


@dataclass(frozen=True, eq=False)
class Unrolled:
    """hidden (batch, steps, units): every output; jacobians (batch, steps, S, S): each state by the one before it."""

    hidden: Floats
    jacobians: Floats


def simple_rnn(weights: Weights, windows: Floats) -> Unrolled:
    """A plain recurrent layer over windows (batch, steps, inputs): J_t = diag(1 - h_t^2) U'.

    >>> one = simple_rnn([np.zeros((1, 1)), np.full((1, 1), 0.5), np.zeros(1)], np.zeros((1, 3, 1)))
    >>> one.jacobians.ravel().tolist()
    [0.5, 0.5, 0.5]
    """
    W, U, b = (np.asarray(part, np.float64) for part in weights)
    h, hidden, jacobians = np.zeros((len(windows), len(U))), [], []
    for t in range(windows.shape[1]):
        h = np.tanh(windows[:, t] @ W + h @ U + b)
        hidden.append(h)
        jacobians.append((1 - h**2)[:, :, None] * U.T)
    return Unrolled(np.stack(hidden, 1), np.stack(jacobians, 1))


def gru(weights: Weights, windows: Floats) -> Unrolled:
    """A gated recurrent unit over windows (batch, steps, inputs), its reset gate behind the product as Keras has it.

        J_t = diag(z) + diag((h - g) z (1 - z)) U_z' + diag((1 - z)(1 - g^2)) (diag(r) U_g' + diag(q r (1 - r)) U_r')

    with candidate g and q = U_g' h_(t-1) + b'.
    """
    W, U, (b, behind) = (np.asarray(part, np.float64) for part in weights)
    to_z, to_r, to_g = (part.T for part in np.split(U, 3, axis=1))
    h, hidden, jacobians = np.zeros((len(windows), len(U))), [], []
    for t in range(windows.shape[1]):
        x_z, x_r, x_g = np.split(windows[:, t] @ W + b, 3, axis=1)
        h_z, h_r, q = np.split(h @ U + behind, 3, axis=1)
        z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        g = np.tanh(x_g + r * q)
        by_candidate = r[:, :, None] * to_g + (q * r * (1 - r))[:, :, None] * to_r
        jacobians.append(
            z[:, :, None] * np.eye(len(U))
            + ((h - g) * z * (1 - z))[:, :, None] * to_z
            + ((1 - z) * (1 - g**2))[:, :, None] * by_candidate
        )
        h = z * h + (1 - z) * g
        hidden.append(h)
    return Unrolled(np.stack(hidden, 1), np.stack(jacobians, 1))


def lstm(weights: Weights, windows: Floats) -> Unrolled:
    """A long short-term memory over windows (batch, steps, inputs); its state is (c, h), see `memory.step_jacobian`."""
    kernel, recurrent, bias = (np.asarray(part, np.float64) for part in weights)
    cell = Cell(kernel, recurrent, bias)
    recording = cell.record(windows)
    jacobians = np.empty((*windows.shape[:2], 2 * cell.units, 2 * cell.units))
    for row in range(len(windows)):
        window = recording.window(row)
        jacobians[row, 0] = 0.0  # the state before the first step is a constant
        for t in range(1, windows.shape[1]):
            jacobians[row, t] = step_jacobian(cell, window, t)
    return Unrolled(recording.hidden, jacobians)


CELLS: dict[str, Callable[[Weights, Floats], Unrolled]] = {"simple_rnn": simple_rnn, "gru": gru, "lstm": lstm}

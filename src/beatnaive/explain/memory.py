"""How long an LSTM remembers: what is left of a change in the cell state k steps later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.explain.cell import Array, Cell, Recording


@dataclass(frozen=True, eq=False)
class Memory:
    """Decay over lag 0..steps-1, mean over windows; 1 = a change is kept in full.

    sensitivity: |dc_T / dc_(T-k)|, all paths; carried: the same along the forget gates alone, the product of f.
    """

    sensitivity: Floats
    carried: Floats

    @property
    def half_life(self) -> int | None:
        """Steps after which less than half of a change is left; None = longer than the window."""
        return first_below(self.sensitivity, 0.5)


def memory(cell: Cell, recording: Recording) -> Memory:
    """Decay of the last cell state's sensitivity to earlier ones, from recorded gates (batch, steps, units).

        m(k) = || dc_T / dc_(T-k) ||_F / sqrt(units),    the product of the k last step Jacobians

    The cell state alone is changed at T - k; the change then travels through both states. m(0) = 1.
    """
    rows = [_decay(cell, recording.window(row)) for row in range(len(recording.cell))]
    kept = np.flip(np.cumprod(np.flip(recording.forget[:, 1:], 1), 1, dtype=np.float64), 1)
    carried = np.sqrt((kept**2).mean(axis=2)).mean(axis=0)[::-1]
    return Memory(np.mean(rows, axis=0), np.concatenate([[1.0], carried]))


def first_below(curve: Floats, level: float) -> int | None:
    """The first lag from which the curve is under `level`, else None.

    >>> first_below(np.array([1.0, 0.7, 0.4, 0.2]), 0.5)
    2
    """
    below = np.flatnonzero(curve < level)
    return int(below[0]) if below.size else None


def _decay(cell: Cell, window: Recording) -> Floats:
    """(steps,) m(k) of one window."""
    units, steps = cell.units, len(window.cell)
    product, out = np.eye(2 * units)[:units], [1.0]
    for t in range(steps - 1, 0, -1):
        product = product @ step_jacobian(cell, window, t)
        out.append(float(np.linalg.norm(product[:, :units]) / np.sqrt(units)))
    return np.array(out)


def step_jacobian(cell: Cell, window: Recording, t: int) -> Floats:
    """(2 units, 2 units) derivative of (c_t, h_t) with respect to (c_(t-1), h_(t-1)) at recorded step t >= 1."""
    names = ("input", "forget", "candidate", "output", "cell")
    i, f, g, o, c = (np.asarray(getattr(window, name)[t], np.float64) for name in names)
    to_i, to_f, to_g, to_o = (
        cell.gate(name)[1].astype(np.float64) for name in ("input", "forget", "candidate", "output")
    )
    slope: Array = o * (1 - np.tanh(c) ** 2)
    c_by_h = (
        (window.cell[t - 1] * f * (1 - f))[:, None] * to_f
        + (g * i * (1 - i))[:, None] * to_i
        + (i * (1 - g**2))[:, None] * to_g
    )
    h_by_h = (np.tanh(c) * o * (1 - o))[:, None] * to_o + slope[:, None] * c_by_h
    return np.block([[np.diag(f), c_by_h], [np.diag(slope * f), h_by_h]])

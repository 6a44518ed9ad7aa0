"""Why plain recurrent networks forget: how much of a change in the state is left k steps later, in three kinds of cell.

    m(k) = || dh_T / ds_(T-k) ||_F / sqrt(units) = || [0, I] J_T J_(T-1) ... J_(T-k+1) ||_F / sqrt(units)

with s the state of the layer ((c, h) of an LSTM, h of the others), J_t the Jacobian of step t, averaged over windows:
the factor by which the chain rule multiplies the error of the last step on its way k steps back. Weights are those of
real Keras layers, before and after they learnt the adding task (benchmarks/forgetting.py). Bengio, Simard and
Frasconi 1994, doi:10.1109/72.279181; Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.explain.adding_task import draw
from beatnaive.explain.committed import committed
from beatnaive.explain.memory import first_below
from beatnaive.explain.recurrent_cells import CELLS, Unrolled, Weights

NAMES = {"simple_rnn": "SimpleRNN", "gru": "GRU", "lstm": "LSTM"}
SCALES = (0.5, 0.8, 1.0, 1.25, 2.0)
SOLVED = 0.9
"""R2 on new windows from which a length counts as solved."""


def measured() -> dict[str, Any]:
    """The committed numbers of benchmarks/forgetting.py: setting, adding, gradients, weights."""
    return committed("forgetting")


@dataclass(frozen=True, eq=False, kw_only=True)
class Reach:
    """One layer's gradient (steps,), m(0..steps-1), and the spectral radius of its step, the median over all steps."""

    cell: str
    when: str
    gradient: Floats
    radius: float

    @property
    def half_life(self) -> int | None:
        """Steps after which less than half of a change is left; None = longer than the window."""
        return first_below(self.gradient, 0.5)


def reach(unrolled: Unrolled, *, cell: str, when: str) -> Reach:
    """The gradient of the last hidden state by the state k steps before, over all windows of `unrolled`.

    >>> steps = Unrolled(np.zeros((1, 3, 1)), np.full((1, 3, 1, 1), 0.5))
    >>> one = reach(steps, cell="simple_rnn", when="before training")
    >>> one.gradient.tolist(), one.radius
    ([1.0, 0.5, 0.25], 0.5)
    """
    jacobians, (batch, steps, units) = unrolled.jacobians, unrolled.hidden.shape
    size = jacobians.shape[-1]
    product = np.broadcast_to(np.eye(size)[size - units :], (batch, units, size))  # h is the last part of the state
    left = [1.0]
    for t in range(steps - 1, 0, -1):
        product = product @ jacobians[:, t]
        left.append(float(np.sqrt((product**2).sum(axis=(1, 2)) / units).mean()))
    radius = np.abs(np.linalg.eigvals(jacobians[:, 1:])).max(axis=-1)
    return Reach(cell=cell, when=when, gradient=np.array(left), radius=float(np.median(radius)))


def compare(windows: int = 32) -> list[Reach]:
    """A `Reach` per kind of cell before and after training, on that many new windows of the adding task."""
    x = draw(windows, seed=7, steps=measured()["setting"]["length"]).windows
    return [
        reach(CELLS[cell](weights, x), cell=cell, when=f"{when} training")
        for cell, both in measured()["weights"].items()
        for when, weights in both.items()
    ]


def scaled(scales: Sequence[float] = SCALES, windows: int = 32) -> list[tuple[float, Reach]]:
    """The SimpleRNN before training with its recurrent matrix times each of `scales`: its radius decides what is left.

    Keras starts it orthogonal, with spectral radius 1. The inputs are a hundredth of the task's, so that tanh is nearly
    straight and the matrix speaks alone.
    """
    x = draw(windows, seed=7, steps=measured()["setting"]["length"]).windows / 100
    kernel, recurrent, bias = (np.array(part) for part in measured()["weights"]["simple_rnn"]["before"])
    weights: list[Weights] = [(kernel, scale * recurrent, bias) for scale in scales]
    return [
        (scale, reach(CELLS["simple_rnn"](one, x), cell="simple_rnn", when=f"U times {scale:g}"))
        for scale, one in zip(scales, weights, strict=True)
    ]


def lengths() -> list[dict[str, Any]]:
    """The adding task: per length and cell the lowest and highest R2 over seeds, and whether every seed solved it."""
    return [
        {**row, "low": min(row["r2"]), "high": max(row["r2"]), "solved": min(row["r2"]) >= SOLVED}
        for row in measured()["adding"]
    ]

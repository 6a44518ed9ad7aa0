"""One step of an LSTM cell with real numbers, every intermediate kept: what `beatnaive explain cell` shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.explain.cell import Cell, sigmoid

SYMBOLS = {"input": "i", "forget": "f", "candidate": "g", "output": "o"}
ROLES = {
    "forget": "how much of the old memory stays",
    "input": "how much of the new content is written",
    "candidate": "the new content itself",
    "output": "how much of the memory is shown",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Sum:
    """One gate's arithmetic, each (units,): value = activation(from_input + from_hidden + bias)."""

    name: str
    weights: Floats
    recurrent: Floats
    bias: Floats
    from_input: Floats
    from_hidden: Floats
    total: Floats
    value: Floats

    @property
    def symbol(self) -> str:
        """i, f, g or o."""
        return SYMBOLS[self.name]

    @property
    def activation(self) -> str:
        """tanh for the candidate, sigmoid for the gates."""
        return "tanh" if self.name == "candidate" else "sigmoid"

    @property
    def role(self) -> str:
        """What the gate decides, in a few words."""
        return ROLES[self.name]


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One step: x (inputs,), the old hidden and cell state (units,), the four sums, and the new states (units,).

    kept = f * cell, written = i * g, new_cell = kept + written, shown = tanh(new_cell), new_hidden = o * shown.
    """

    cell_of: Cell
    x: Floats
    hidden: Floats
    cell: Floats
    sums: tuple[Sum, ...]
    kept: Floats
    written: Floats
    new_cell: Floats
    shown: Floats
    new_hidden: Floats

    @property
    def states(self) -> dict[str, Floats]:
        """The five vectors after the gates, by the formula that makes each."""
        return {
            "f * c": self.kept,
            "i * g": self.written,
            "c_t = f * c + i * g": self.new_cell,
            "tanh(c_t)": self.shown,
            "h_t = o * tanh(c_t)": self.new_hidden,
        }


def example(units: int, inputs: int, seed: int = 0) -> Step:
    """A step of a cell whose weights and states are drawn at random and rounded to two decimals, to be checked by hand.

    Raises InputError unless both sizes are at least 1.

    >>> step = example(4, 5)
    >>> step.sums[0].weights.shape, step.sums[0].recurrent.shape, step.cell_of.parameters
    ((4, 5), (4, 4), 160)
    """
    for name, size in (("units", units), ("inputs", inputs)):
        if size < 1:
            raise InputError(f"{name} {size}: a cell has at least 1")
    rng = np.random.default_rng(seed)
    kernel, recurrent = (rng.normal(scale=0.5, size=(rows, 4 * units)) for rows in (inputs, units))
    bias = np.zeros(4 * units)
    bias[units : 2 * units] = 1.0  # Keras' unit_forget_bias: a new cell remembers
    x, hidden, cell = rng.normal(size=inputs), rng.uniform(-0.8, 0.8, units), rng.normal(size=units)
    kernel, recurrent, x, hidden, cell = (part.round(2) + 0.0 for part in (kernel, recurrent, x, hidden, cell))
    return compute(Cell(kernel, recurrent, bias), x, hidden, cell)


def compute(cell: Cell, x: Floats, hidden: Floats, memory: Floats) -> Step:
    """The step that `Cell.step` takes, with every intermediate kept."""
    sums = tuple(_sum(cell, name, x, hidden) for name in ("forget", "input", "candidate", "output"))
    f, i, g, o = (one.value for one in sums)
    new = f * memory + i * g
    return Step(
        cell_of=cell, x=x, hidden=hidden, cell=memory, sums=sums, kept=f * memory, written=i * g, new_cell=new,
        shown=np.tanh(new), new_hidden=o * np.tanh(new),
    )  # fmt: skip


def _sum(cell: Cell, name: str, x: Floats, hidden: Floats) -> Sum:
    weights, recurrent, bias = cell.gate(name)
    from_input, from_hidden = weights @ x, recurrent @ hidden
    total = from_input + from_hidden + bias
    value = np.tanh(total) if name == "candidate" else sigmoid(total)
    return Sum(
        name=name, weights=weights, recurrent=recurrent, bias=bias, from_input=from_input, from_hidden=from_hidden,
        total=total, value=value,
    )  # fmt: skip

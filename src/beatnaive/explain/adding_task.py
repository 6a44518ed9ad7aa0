"""The guide's own experiment, run live: a small trained LSTM on a task of long memory, and what was measured beside it.

Sixty steps of (value, flag); two steps are flagged, one in each half; the answer is the sum of the two flagged values
divided by sqrt(2). The adding problem of Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735.
Weights and measured numbers are those of benchmarks/explain_guide.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from beatnaive.core.types import Floats, Ints
from beatnaive.explain.cell import Cell, Recording
from beatnaive.explain.committed import committed

STEPS = 60


def measured() -> dict[str, Any]:
    """The committed numbers: adding (R2 of LSTM and linear), weights, sizes, walk."""
    return committed("measured")


@dataclass(frozen=True, eq=False)
class Task:
    """windows (n, 60, 2) of value and flag; flagged (n, 2) the two steps; answer (n,), unit variance."""

    windows: Floats
    flagged: Ints
    answer: Floats


def draw(n: int, seed: int = 3, steps: int = STEPS) -> Task:
    """`n` new windows of the task of that many steps, never seen in training."""
    rng = np.random.default_rng(seed)
    value, rows = rng.normal(size=(n, steps)), np.arange(n)[:, None]
    flagged = np.stack([rng.integers(0, steps // 2, n), rng.integers(steps // 2, steps, n)], axis=1)
    flag = np.zeros_like(value)
    flag[rows, flagged] = 1.0
    return Task(np.stack([value, flag], axis=2), flagged, value[rows, flagged].sum(axis=1) / np.sqrt(2))


@dataclass(frozen=True, eq=False)
class Learner:
    """The trained network: an LSTM of 16 units and one output."""

    cell: Cell
    output: Floats
    bias: float

    @classmethod
    def trained(cls) -> Learner:
        """With the committed weights."""
        kernel, recurrent, bias, output, last = (np.array(part) for part in measured()["weights"])
        return cls(Cell(kernel, recurrent, bias), output[:, 0], float(last[0]))

    def say(self, windows: Floats) -> Floats:
        """(n,) answers."""
        return np.asarray(self.cell(windows) @ self.output + self.bias)

    def reaction(self, window: Floats, nudge: float = 0.5) -> Floats:
        """(steps,) change of the answer, per unit, when the value of one step is raised by `nudge`."""
        copies = np.repeat(window[None], len(window), axis=0)
        copies[np.arange(len(window)), np.arange(len(window)), 0] += nudge
        return (self.say(copies) - self.say(window[None])) / nudge


@dataclass(frozen=True, eq=False)
class Shown:
    """What the guide says of the learner, computed when the page is made, on `n` new windows."""

    learner: Learner
    task: Task

    @cached_property
    def r2(self) -> float:
        """1 - mean squared error / mean squared answer."""
        error = self.learner.say(self.task.windows) - self.task.answer
        return float(1 - np.mean(error**2) / np.mean(self.task.answer**2))

    @cached_property
    def recording(self) -> Recording:
        """All gates on all windows."""
        return self.learner.cell.record(self.task.windows)

    @cached_property
    def lifted(self) -> tuple[float, float, int]:
        """Mean input gate at flagged steps and at all others, of the unit (its number) whose input gate lifts most."""
        rows = np.arange(len(self.task.answer))[:, None]
        flagged = self.recording.input[rows, self.task.flagged].mean(axis=(0, 1))
        steps = self.recording.input.shape[1]
        others = (self.recording.input.mean(axis=(0, 1)) * steps - 2 * flagged) / (steps - 2)
        unit = int(np.argmax(flagged - others))
        return float(flagged[unit]), float(others[unit]), unit + 1

    def error_by_age(self, bins: int = 5) -> tuple[Floats, Floats]:
        """Ages of the older flag (steps back, bin centres) and the root mean squared error of the answers there."""
        age = STEPS - 1 - self.task.flagged[:, 0]
        edges = np.linspace(STEPS // 2, STEPS, bins + 1)
        place = np.digitize(age, edges[1:-1])
        square = (self.learner.say(self.task.windows) - self.task.answer) ** 2
        return (edges[:-1] + edges[1:]) / 2, np.array([np.sqrt(square[place == k].mean()) for k in range(bins)])


def show(n: int = 1000) -> Shown:
    """The learner on `n` new windows."""
    return Shown(Learner.trained(), draw(n))

"""Which units work: gates stuck open or shut, and hidden units that never say anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Bools, Floats
from beatnaive.explain.cell import Recording

SHUT, OPEN, STUCK, SILENT = 0.1, 0.9, 0.95, 0.01
"""A gate is shut below 0.1 and open above 0.9; stuck if so in 95 % of all steps; a unit is dead if |h| moves < 0.01."""


@dataclass(frozen=True, eq=False)
class Health:
    """Per unit, over all windows and steps. shut, open: {gate: (units,) share of steps}; span (units,): range of h."""

    shut: dict[str, Floats]
    open: dict[str, Floats]
    span: Floats

    @property
    def dead(self) -> Bools:
        """(units,) hidden units whose output never moves by 0.01."""
        return self.span < SILENT

    def stuck(self, gate: str) -> Bools:
        """(units,) where this gate is shut, or open, in at least 95 % of the steps."""
        return (self.shut[gate] >= STUCK) | (self.open[gate] >= STUCK)


def health(recording: Recording) -> Health:
    """Shares of shut and open gates and the range of each hidden unit, from a recording (batch, steps, units).

    Shut and open gates are the "left" and "right saturated" ones of Karpathy, Johnson and Li 2015, arXiv:1506.02078.
    """
    gates = {name: getattr(recording, name) for name in ("input", "forget", "output")}
    return Health(
        {name: (gate < SHUT).mean(axis=(0, 1)) for name, gate in gates.items()},
        {name: (gate > OPEN).mean(axis=(0, 1)) for name, gate in gates.items()},
        np.ptp(recording.hidden, axis=(0, 1)).astype(np.float64),
    )

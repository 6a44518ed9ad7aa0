"""Everything that can be said of a trained network at one window: gates, reasons, memory, health."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.explain.attribution import Attribution, flat, gradients, integrated_gradients
from beatnaive.explain.cell import Array
from beatnaive.explain.memory import Memory, first_below, memory
from beatnaive.explain.network import Opened, replay
from beatnaive.explain.unit_health import Health, health

PROBES = 32
"""Windows over which the memory is averaged: Jacobian products are the dear part."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Portrait:
    """A network at one window. Outputs and attribution in `unit`.

    layers: the LSTM layers with the gates of this window (batch of 1); gap: replayed against Keras, network's unit;
    memories, healths: per layer, over all windows given; reach (steps,): mean |d output / d input| k steps back,
    summed over features, the largest = 1.
    """

    layers: tuple[Opened, ...]
    gap: float
    attribution: Attribution
    memories: tuple[Memory, ...]
    healths: tuple[Health, ...]
    reach: Floats
    unit: str

    @property
    def reach_90(self) -> int:
        """Steps, counted back from the last, that hold 90 % of the output's sensitivity to the inputs."""
        share = np.cumsum(self.reach) / max(self.reach.sum(), np.finfo(float).tiny)
        return first_below(-share, -0.9) or 0

    @property
    def stuck(self) -> int:
        """Gates, over all layers, that are shut or open in at least 95 % of the steps."""
        return sum(int(found.stuck(gate).sum()) for found in self.healths for gate in found.shut)

    @property
    def dead(self) -> int:
        """Hidden units, over all layers, that never move."""
        return sum(int(found.dead.sum()) for found in self.healths)


def portray(model: Any, windows: Array, row: int, *, scale: float = 1.0, unit: str = "network output") -> Portrait:
    """Portray `model` at window `row` of windows (batch, steps, features), as the network receives them.

    The other windows say what is usual: memory, reach and health are taken over them. `scale` turns the network's
    output into `unit`.
    """
    window = np.asarray(windows[row], np.float32)
    whole, one = replay(model, windows), replay(model, window[None])
    probes = np.unique(np.linspace(0, len(windows) - 1, min(PROBES, len(windows))).astype(int))
    slopes = np.abs(gradients(model, np.asarray(windows)[probes])).sum(axis=2).mean(axis=0)[::-1]
    found = integrated_gradients(model, window, flat(window))
    return Portrait(
        layers=one.layers,
        gap=max(whole.gap, one.gap),
        attribution=replace(
            found, values=found.values * scale, output=found.output * scale, reference=found.reference * scale
        ),
        memories=tuple(memory(layer.cell, layer.recording.rows(probes)) for layer in whole.layers),
        healths=tuple(health(layer.recording) for layer in whole.layers),
        reach=slopes / max(slopes.max(), np.finfo(float).tiny),
        unit=unit,
    )

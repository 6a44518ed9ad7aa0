"""An epoch of the published job as one compiled program: epoch.py times it, kinds.py takes it apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from job import STEPS, closes


def compiled_epoch(windows: int, batch: int, dropout: float = 0.2) -> tuple[Callable[[], None], int]:
    """A call that trains for one epoch, compiled by now, and over how many host devices it splits a batch.

    JAX reads its environment (`jax_variables`) when it is imported: here.
    """
    from beatnaive.models.lstm import LSTM
    from beatnaive.models.networks.compiled import padded, program_of
    from beatnaive.models.networks.seeds import fresh
    from beatnaive.models.networks.trainer import Schedule, optimisation_of

    model = LSTM(target="price", validation=0.0, dropout=dropout).network()
    program = program_of(model, optimisation_of(model, Schedule(1, batch, 1, 1e-3)))
    state = program.start(fresh(model, np.random.default_rng(0)))
    price = closes(windows)
    data = (padded(price[:, None]), padded(np.append(price[1:], price[-1])))
    order = np.arange(STEPS - 1, STEPS - 1 + windows, dtype=np.int32)

    def epoch() -> None:
        program.epoch(state, data, order)

    epoch()
    return epoch, program.shards

"""Many fits of one architecture as one computation: on a GPU, hundreds of small networks train in the time of a few."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.models.networks.backend import jax, jnp, keras
from beatnaive.models.networks.compiled import Optimisation, Program, State, forward_of, looks_across, padded
from beatnaive.models.networks.epoch_orders import orders
from beatnaive.models.networks.seeds import fresh
from beatnaive.models.networks.trainer import Schedule, TrainingLog, Windows, go_on, optimisation_of
from beatnaive.models.networks.weights import Weights


def pays(model: keras.Model) -> bool:
    """Whether fits of this model should be trained together: on an accelerator, if a window never sees another."""
    return jax.default_backend() != "cpu" and not looks_across(model)


def train_together(
    model: keras.Model, many: Sequence[Windows], schedule: Schedule, rngs: Sequence[np.random.Generator]
) -> list[tuple[Weights, TrainingLog]]:
    """`trainer.train` for each of `many` with its own generator, all epochs side by side.

    A fit that has stopped early is carried along until the last one stops; its weights and its log stay.
    """
    fits = _Batch(model, optimisation_of(model, schedule), many)
    states = fits.start(model, rngs)
    logs = [TrainingLog() for _ in many]
    final, going = states, [True] * len(many)
    batches = [
        orders(windows.train, schedule.epochs, rng, updates=schedule.updates, batch=schedule.batch)
        for windows, rng in zip(many, rngs, strict=True)
    ]
    for epoch, order in enumerate(zip(*batches, strict=True), start=1):
        states, losses = fits.epoch(states, order)
        final = _where(going, states, final)
        for k, log in enumerate(logs):
            going[k] = going[k] and go_on(log, epoch, _one(states, k), losses[k], schedule.patience)
        if not any(going):
            break
    ends = [log.best or _one(final, k) for k, log in enumerate(logs)]
    return [(Weights.at(end), log) for end, log in zip(ends, logs, strict=True)]


class _Batch:
    """The compiled epoch of all fits, and their data stacked to a common length."""

    def __init__(self, model: keras.Model, optimisation: Optimisation, many: Sequence[Windows]) -> None:
        self.program = Program(forward_of(model), optimisation, shards=1)
        self.data = (_stack([windows.panel for windows in many]), _stack([windows.label for windows in many]))
        self.held = [windows.validation for windows in many]
        self._epoch = jax.jit(jax.vmap(self.program.trace_epoch))
        self._validate = jax.jit(jax.vmap(self.program.trace_validation))

    def start(self, model: keras.Model, rngs: Sequence[np.random.Generator]) -> State:
        """Every fit's own initial state."""
        states = [self.program.start(fresh(model, rng)) for rng in rngs]
        stacked: State = jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)
        return stacked

    def epoch(self, states: State, order: Sequence[NDArray[np.int32]]) -> tuple[State, list[tuple[float, float]]]:
        """One epoch of each: new states, and (training, validation) losses; NaN where nothing is held out."""
        counts = np.array([len(rows) for rows in order], np.int32)
        states, totals = self._epoch(states, self.data, _stack(order), counts)
        held = np.array([len(rows) for rows in self.held], np.int32)
        sums = self._validate(states, self.data, _stack(self.held), held)
        val = np.divide(sums, held, out=np.full(len(held), np.nan), where=held > 0)
        return states, list(zip((np.asarray(totals) / counts).tolist(), val.tolist(), strict=True))


def _stack(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    longest = padded(max(arrays, key=len))
    return np.stack([padded(array, len(longest)) for array in arrays])


def _one(states: State, k: int) -> State:
    one: State = jax.tree.map(lambda leaf: leaf[k], states)
    return one


def _where(going: Sequence[bool], new: State, old: State) -> State:
    """The new state of fits that go on, the old one of those that have stopped."""
    chosen: State = jax.tree.map(
        lambda a, b: jnp.where(jnp.reshape(jnp.array(going), (-1, *repeat(1, a.ndim - 1))), a, b), new, old
    )
    return chosen

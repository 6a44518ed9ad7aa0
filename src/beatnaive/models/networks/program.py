"""An architecture, compiled: one epoch is one computation, traced once and reused over folds, seeds and symbols.

State is plain arrays (trainable, non-trainable, optimizer), so one program serves every fit of the architecture.
Windows are gathered inside it from the panel by index; panel and order are padded and the number of steps is an
argument, so that folds of any length share the program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beatnaive.models.networks.backend import jax, jnp, keras
from beatnaive.models.networks.recurrence import twin

Array: TypeAlias = Any
State: TypeAlias = tuple[list[Array], list[Array], list[Array]]
Single: TypeAlias = NDArray[np.float32]
Index: TypeAlias = NDArray[np.int32]

BLOCK = 256
"""Forecasts are made in blocks of this many windows: a row alone and in a batch then agree to the bit."""

_forwards: dict[str, Forward] = {}
_programs: dict[str, Program] = {}


def forward_of(model: keras.Model) -> Forward:
    """The compiled forward pass of this architecture, made on first use."""
    key = _canonical(model)
    if key not in _forwards:
        _forwards[key] = Forward(model)
    return _forwards[key]


def program_of(model: keras.Model, optimizer: Mapping[str, Any], batch: int) -> Program:
    """The compiled training program of this architecture, made on first use; `optimizer` as Keras serialises it."""
    key = json.dumps([_canonical(model), optimizer, batch], default=repr, sort_keys=True)
    if key not in _programs:
        _programs[key] = Program(forward_of(model), optimizer, batch)
    return _programs[key]


def compile_count() -> int:
    """How many training programs have been compiled in this process."""
    return sum(program.compiled for program in _programs.values())


def _canonical(model: keras.Model) -> str:
    """The configuration as text, without seeds and without the layer names that Keras numbers through."""
    text = json.dumps(_seedless(model.get_config()), default=repr, sort_keys=True)
    for number, name in enumerate([model.name, *(layer.name for layer in model.layers)]):
        text = text.replace(f'"{name}"', f'"#{number}"')
    return text


def _seedless(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: _seedless(value) for key, value in config.items() if key != "seed"}
    if isinstance(config, (list, tuple)):
        return [_seedless(item) for item in config]
    return config


def padded(values: NDArray[Any], least: int = 4096) -> NDArray[Any]:
    """`values` with zeros appended up to a power of four times `least`: few lengths, hence few compilations."""
    length = least
    while length < len(values):
        length *= 4
    out = np.zeros((length, *values.shape[1:]), dtype=values.dtype)
    out[: len(values)] = values
    return out


class Forward:
    """One architecture's forward pass, compiled for blocks of windows."""

    def __init__(self, model: keras.Model) -> None:
        self.model = twin(model)
        self.steps = int(model.input_shape[1])
        self._compiled = jax.jit(self.apply)

    def gather(self, panel: Array, rows: Array) -> Array:
        """(len(rows), steps, features) windows of the panel that end at `rows`."""
        return panel[rows[:, None] + np.arange(1 - self.steps, 1)]

    def apply(self, trainable: Sequence[Array], other: Sequence[Array], x: Array) -> Array:
        """(batch,) outputs for windows x, dropout off."""
        return self.model.stateless_call(list(trainable), list(other), x, training=False)[0][:, 0]

    def forecast(self, trainable: Sequence[Array], other: Sequence[Array], panel: Single, ends: Index) -> Single:
        """(len(ends),) outputs for the windows that end at these rows, block by block."""
        out = np.empty(len(ends), dtype=np.float32)
        for k in range(0, len(ends), BLOCK):
            rows = np.resize(ends[k : k + BLOCK], BLOCK)
            block = np.asarray(self._compiled(trainable, other, self.gather(panel, rows)))
            out[k : k + BLOCK] = block[: len(ends) - k]
        return out


class Program:
    """One architecture's training epoch. `compiled` counts its compilations."""

    def __init__(self, forward: Forward, optimizer: Mapping[str, Any], batch: int) -> None:
        self.forward = forward
        self.batch = batch
        self.compiled = 0
        self.optimizer = keras.optimizers.deserialize(dict(optimizer))
        self.optimizer.build(forward.model.trainable_variables)
        self._unused = [np.asarray(variable.value) for variable in self.optimizer.variables]
        self.epoch = jax.jit(self._epoch)

    def start(self, model: keras.Model) -> State:
        """The state of a freshly built network: its weights and an unused optimizer."""
        return (
            [jnp.asarray(v.value) for v in model.trainable_variables],
            [jnp.asarray(v.value) for v in model.non_trainable_variables],
            [jnp.asarray(v) for v in self._unused],
        )

    def _epoch(
        self, state: State, data: tuple[Array, Array], order: Array, count: Array, held: tuple[Array, Array]
    ) -> tuple[State, Array, Array]:
        """One pass over the first `count` rows of `order`: new state, mean training loss, validation loss.

        data: panel (n, features) and label (n,); order (m,) rows that end windows, padded; held: the validation rows,
        padded, and their number.
        """
        self.compiled += 1

        def step(k: Array, carry: tuple[State, Array]) -> tuple[State, Array]:
            (trainable, other, moments), total = carry
            at = k * self.batch
            rows = jax.lax.dynamic_slice(order, (at,), (self.batch,))
            weight = (at + jnp.arange(self.batch) < count).astype(data[0].dtype)
            grad = jax.value_and_grad(self._loss, has_aux=True)
            (loss, other), slope = grad(trainable, other, self.forward.gather(data[0], rows), data[1][rows], weight)
            trainable, moments = self.optimizer.stateless_apply(moments, slope, trainable)
            return (list(trainable), list(other), list(moments)), total + loss * weight.sum()

        batches = (count + self.batch - 1) // self.batch
        state, total = jax.lax.fori_loop(0, batches, step, (state, jnp.zeros((), data[0].dtype)))
        return state, total / count, self._validate(state, data, *held)

    def _loss(
        self, trainable: list[Array], other: list[Array], x: Array, y: Array, weight: Array
    ) -> tuple[Array, list[Array]]:
        """Mean squared error over the real rows of a padded batch, plus the layers' own penalties."""
        out, other, extra = self.forward.model.stateless_call(trainable, other, x, training=True, return_losses=True)
        loss = jnp.sum(weight * (out[:, 0] - y) ** 2) / jnp.sum(weight)
        return loss + sum(extra), other

    def _validate(self, state: State, data: tuple[Array, Array], rows: Array, count: Array) -> Array:
        """Mean squared error over the first `count` of `rows`; NaN where there are none."""

        def block(k: Array, total: Array) -> Array:
            some = jax.lax.dynamic_slice(rows, (k * BLOCK,), (BLOCK,))
            weight = k * BLOCK + jnp.arange(BLOCK) < count
            out = self.forward.apply(state[0], state[1], self.forward.gather(data[0], some))
            return total + jnp.sum(jnp.where(weight, (out - data[1][some]) ** 2, 0))

        return jax.lax.fori_loop(0, (count + BLOCK - 1) // BLOCK, block, jnp.zeros((), data[0].dtype)) / count

"""An architecture, compiled: one epoch is one computation, traced once and reused over folds, seeds and symbols.

State is plain arrays (trainable, non-trainable, optimizer), so one program serves every fit of the architecture.
Windows are gathered inside it from the panel by index; panel and order are padded and the number of steps is an
argument, so that folds of any length share the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.jax_environment import devices_of
from beatnaive.models.networks.backend import jax, jnp, keras
from beatnaive.models.networks.forward import BLOCK, Array, Forward, Index
from beatnaive.models.networks.seeds import fresh
from beatnaive.models.networks.traced_layers import TRACED, twin

Data: TypeAlias = tuple[Any, Any]
State: TypeAlias = tuple[list[Array], list[Array], list[Array]]

SHARD = "shard"
MEAN_SQUARED_ERROR = "mean_squared_error"

_forwards: dict[str, KerasForward] = {}
_programs: dict[str, Program] = {}


@dataclass(frozen=True)
class Optimisation:
    """How weights follow from errors: an optimiser as Keras serialises it, a loss as Keras accepts it, a batch size."""

    optimizer: Mapping[str, Any]
    batch: int
    loss: Any = MEAN_SQUARED_ERROR


def forward_of(model: keras.Model) -> KerasForward:
    """The compiled forward pass of this architecture, made on first use."""
    key = canonical(model)
    if key not in _forwards:
        _forwards[key] = KerasForward(model)
    return _forwards[key]


def program_of(model: keras.Model, optimisation: Optimisation) -> Program:
    """The compiled training program of this architecture, made on first use."""
    parts = [canonical(model), optimisation.optimizer, optimisation.batch, optimisation.loss]
    key = json.dumps(parts, default=repr, sort_keys=True)
    if key not in _programs:
        _programs[key] = Program(forward_of(model), optimisation)
    return _programs[key]


def compile_count() -> int:
    """How many training epochs have been compiled in this process: one per architecture, optimiser and batch size.

    Folds, seeds and symbols share a program; a test holds a walk to that.
    """
    return sum(program.compiled for program in _programs.values())


@cache
def is_cloneable(model: keras.Model) -> bool:
    """Whether the model can be made again from its configuration, rather than holding code of its own."""
    try:
        fresh(model, np.random.default_rng(0))
    except (NotImplementedError, TypeError, ValueError):  # what Keras raises for layers without a usable configuration
        return False
    return True


@cache
def canonical(model: keras.Model) -> str:
    """The configuration as text, without seeds and without the layer names that Keras numbers through."""
    if not is_cloneable(model):
        return f"{type(model).__module__}.{type(model).__qualname__} {id(model)}"
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
    """`values` with zeros appended up to a power of four times `least`: few lengths, hence few compilations.

    >>> padded(np.ones(5), least=4).shape
    (16,)
    """
    length = least
    while length < len(values):
        length *= 4
    out = np.zeros((length, *values.shape[1:]), dtype=values.dtype)
    out[: len(values)] = values
    return out


class KerasForward(Forward):
    """The forward pass of any Keras model, as Keras traces it."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__(int(model.input_shape[1]))
        self.model = twin(model) if is_cloneable(model) else model

    def apply(self, trainable: Sequence[Array], other: Sequence[Array], x: Array) -> Array:
        """(batch,) outputs for windows x, dropout off."""
        return self.model.stateless_call(list(trainable), list(other), x, training=False)[0][:, 0]


class Program:
    """One architecture's training. `compiled` counts the compilations of its epoch."""

    def __init__(self, forward: KerasForward, optimisation: Optimisation, shards: int | None = None) -> None:
        self.forward = forward
        self.batch = optimisation.batch
        self.compiled = 0
        self.optimizer = keras.optimizers.deserialize(dict(optimisation.optimizer))
        self.optimizer.build(forward.model.trainable_variables)
        loss = keras.losses.get(optimisation.loss)
        self._error = loss.call if isinstance(loss, keras.losses.Loss) else loss
        self._unused = [np.asarray(variable.value) for variable in self.optimizer.variables]
        self._whole_batches_only = looks_across(forward.model)
        self.shards = shards or (1 if self._whole_batches_only else shards_of(optimisation.batch))
        self._seeds = [v.path.endswith("seed_generator_state") for v in forward.model.non_trainable_variables]
        self._epoch = jax.jit(_sharded(self.trace_epoch, self.shards))
        self._last = jax.jit(self._step)
        self._validate = jax.jit(self.trace_validation)

    def start(self, model: keras.Model) -> State:
        """The state of a freshly built network: its weights and an unused optimiser."""
        arrays = (
            [jnp.asarray(v.value) for v in model.trainable_variables],
            [jnp.asarray(v.value) for v in model.non_trainable_variables],
            [jnp.asarray(v) for v in self._unused],
        )
        # placed where an epoch leaves its state, so that the first epoch is compiled for all
        return jax.device_put(arrays, _everywhere(self.shards)) if self.shards > 1 else arrays

    def epoch(self, state: State, data: Data, order: Index) -> tuple[State, float]:
        """One pass over the windows that end at the rows `order`: the new state and the mean training loss."""
        rest = len(order) % self.batch if self._whole_batches_only else 0
        whole = len(order) - rest
        state, total = self._epoch(state, data, padded(order), np.int32(whole))
        if rest:
            state, loss = self._last(state, data, order[whole:], np.full(rest, 1 / rest, np.float32))
            total += rest * loss
        return state, float(total) / len(order)

    def validate(self, state: State, data: Data, rows: Index) -> float:
        """The mean loss over the windows that end at `rows`; NaN where there are none."""
        return (
            float(self._validate(state, data, padded(rows), np.int32(len(rows)))) / len(rows) if len(rows) else np.nan
        )

    def trace_epoch(self, state: State, data: Data, order: Array, count: Array) -> tuple[State, Array]:
        """All batches; in a sharded program each device runs this on its own part of every batch."""
        self.compiled += 1
        part = self.batch // self.shards

        def step(k: Array, carry: tuple[State, Array]) -> tuple[State, Array]:
            at = k * self.batch + part * self._shard()
            rows = jax.lax.dynamic_slice(order, (at,), (part,))
            real = jnp.minimum(self.batch, count - k * self.batch).astype(data[0].dtype)
            weight = (at + jnp.arange(part) < count).astype(data[0].dtype) / real
            state, loss = self._step(carry[0], data, rows, weight)
            return state, carry[1] + loss * real

        batches = (count + self.batch - 1) // self.batch
        done: tuple[State, Array] = jax.lax.fori_loop(0, batches, step, (state, jnp.zeros((), data[0].dtype)))
        return done

    def _step(self, state: State, data: Data, rows: Array, weight: Array) -> tuple[State, Array]:
        """One batch; weights are one over the number of real rows, and 0 for padding."""
        trainable, other, moments = state
        x, y = self.forward.gather(data[0], rows), data[1][rows]
        slope = jax.value_and_grad(self._loss, has_aux=True)
        (loss, other), gradient = slope(trainable, self._own_seeds(other, 1), x, y, weight)
        if self.shards > 1:
            loss, gradient = jax.lax.psum((loss, gradient), SHARD)  # type: ignore[no-untyped-call]
        trainable, moments = self.optimizer.stateless_apply(moments, gradient, trainable)
        return (list(trainable), self._own_seeds(other, -1), list(moments)), loss

    def _loss(
        self, trainable: list[Array], other: list[Array], x: Array, y: Array, weight: Array
    ) -> tuple[Array, list[Array]]:
        """Weighted sum of the errors, plus this shard's part of the layers' own penalties."""
        out, other, extra = self.forward.model.stateless_call(trainable, other, x, training=True, return_losses=True)
        return jnp.sum(weight * self._error(y[:, None], out)) + sum(extra) / self.shards, other

    def _shard(self) -> Array:
        return jax.lax.axis_index(SHARD) if self.shards > 1 else 0

    def _own_seeds(self, other: list[Array], sign: int) -> list[Array]:
        """Dropout differs between shards: the shard's number is added to every seed, and taken off again after."""
        if self.shards == 1:
            return list(other)
        shift = (sign * self._shard()).astype(jnp.uint32)
        return [value.at[0].add(shift) if seed else value for value, seed in zip(other, self._seeds, strict=True)]

    def trace_validation(self, state: State, data: Data, rows: Array, count: Array) -> Array:
        """Sum of the loss over the first `count` of `rows`."""

        def block(k: Array, total: Array) -> Array:
            some = jax.lax.dynamic_slice(rows, (k * BLOCK,), (BLOCK,))
            out = self.forward.apply(state[0], state[1], self.forward.gather(data[0], some))
            error = self._error(data[1][some][:, None], out[:, None])
            return total + jnp.sum(jnp.where(k * BLOCK + jnp.arange(BLOCK) < count, error, 0))

        return jax.lax.fori_loop(0, (count + BLOCK - 1) // BLOCK, block, jnp.zeros((), data[0].dtype))


def shards_of(batch: int) -> int:
    """Two for large batches on a processor, else one."""
    devices = jax.devices()
    return min(devices_of(batch), len(devices)) if devices[0].platform == "cpu" else 1


def _everywhere(shards: int) -> jax.sharding.NamedSharding:
    """The same arrays on each of the first devices."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:shards]), (SHARD,))
    return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())  # type: ignore[no-untyped-call]


def _sharded(epoch: Callable[..., Any], shards: int) -> Callable[..., Any]:
    """The epoch on each of the first devices, all of them holding the same state and data."""
    if shards == 1:
        return epoch
    place = _everywhere(shards)
    sharded: Callable[..., Any] = jax.shard_map(
        epoch, mesh=place.mesh, in_specs=(place.spec,) * 4, out_specs=place.spec, check_vma=False
    )
    return sharded


def looks_across(model: keras.Model) -> bool:
    """Whether a layer may look across the batch, so that padding rows would change what the others learn.

    Of Keras' own layers these are batch normalisation and activity penalties; of a custom layer nothing is known.
    """
    return any(
        not (type(layer) in TRACED.values() or type(layer).__module__.startswith("keras."))
        or (isinstance(layer, keras.Model) and looks_across(layer))
        or isinstance(layer, keras.layers.BatchNormalization)
        or layer.activity_regularizer is not None
        for layer in model.layers
    )

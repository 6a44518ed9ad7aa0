"""Keras LSTM layers with the loop of `recurrence`, dropout with `masks`: a twin that is traced and never saved."""

from __future__ import annotations

from typing import Any

from beatnaive.models.networks.backend import jnp, keras, quiet
from beatnaive.models.networks.dropout_masks import kept
from beatnaive.models.networks.recurrence import Array, layer
from beatnaive.models.networks.seeds import default_seeds


class TracedLSTM(keras.layers.LSTM):  # type: ignore[misc]
    """A Keras LSTM whose loop is `recurrence`; options that it does not cover run Keras' own loop."""

    def inner_loop(
        self, sequences: Array, initial_state: Any, mask: Array | None, training: bool = False
    ) -> tuple[Array, Array, list[Array]]:
        """Last output, all outputs (B, T, U), last states."""
        if mask is not None or not _is_standard(self):
            result: tuple[Array, Array, list[Array]] = super().inner_loop(sequences, initial_state, mask, training)
            return result
        W, U, b = (jnp.asarray(v) for v in (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias))
        state = (jnp.asarray(initial_state[0]), jnp.asarray(initial_state[1]))
        h, last, s = layer(jnp.swapaxes(jnp.asarray(sequences), 0, 1), W, U, b, state)
        return last, jnp.swapaxes(h, 0, 1), [last, s]


class TracedDropout(keras.layers.Dropout):  # type: ignore[misc]
    """Keras' dropout, bit for bit, with masks made by `kept`."""

    def call(self, inputs: Array, training: bool = False) -> Array:
        """`inputs` where kept, divided by the share that is kept; else zeros."""
        if not training or self.noise_shape is not None or not 0 < self.rate < 1:
            return super().call(inputs, training)
        share = 1 - self.rate
        mask = kept(jnp.asarray(self.seed_generator.next()), inputs.shape, share)
        return jnp.where(mask, inputs / share, jnp.zeros_like(inputs))


TRACED: dict[Any, Any] = {keras.layers.LSTM: TracedLSTM, keras.layers.Dropout: TracedDropout}


def _is_standard(layer: Any) -> bool:
    cell = layer.cell
    return (
        cell.use_bias
        and not (layer.go_backwards or layer.unroll or cell.dropout or cell.recurrent_dropout)
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
    )


def twin(model: keras.Model) -> keras.Model:
    """The same network, with the same variables in the same order, with the layers of `TRACED` exchanged."""

    def swap(layer: Any) -> Any:
        return TRACED.get(type(layer), type(layer)).from_config(layer.get_config())

    with default_seeds(0), quiet():
        return keras.models.clone_model(model, clone_function=swap)

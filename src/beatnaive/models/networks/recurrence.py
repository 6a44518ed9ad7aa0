"""The LSTM recurrence with a backward pass of our own, in a twin layer that is traced and never saved.

With z_t = W x_t + b, a_t = z_t + U h_{t-1} and i, f, g, o the four gates of a_t:

    s_t = f * s_{t-1} + i * g,    h_t = o * tanh(s_t)

Differentiating the loop step by step adds up dU in every step; here the loop only carries dh and ds, and dU is one
large product of all hidden states with all gate gradients at the end.

Reference: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735
"""

from __future__ import annotations

from typing import Any, TypeAlias

from beatnaive.models.networks.backend import jax, jnp, keras

Array: TypeAlias = Any
"""A JAX array; T steps, B windows, U units."""


@jax.custom_vjp
def recurrence(z: Array, U: Array, h0: Array, s0: Array) -> tuple[Array, Array]:
    """All hidden and cell states (T, B, U), from input projections z (T, B, 4U) and recurrent weights U (U, 4U)."""
    return _forward(z, U, h0, s0)[0]


def _forward(z: Array, U: Array, h0: Array, s0: Array) -> tuple[tuple[Array, Array], tuple[Array, ...]]:
    def step(carry: tuple[Array, Array], z_t: Array) -> tuple[tuple[Array, Array], tuple[Array, ...]]:
        h, s = carry
        i, f, g, o = _gates(z_t + h @ U)
        s = f * s + i * g
        h = o * jnp.tanh(s)
        return (h, s), (h, s, i, f, g, o)

    h, s, *gates = jax.lax.scan(step, (h0, s0), z)[1]
    return (h, s), (h, s, *gates, U, h0, s0)


def _gates(a: Array) -> tuple[Array, Array, Array, Array]:
    i, f, g, o = jnp.split(a, 4, -1)
    return jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)


def _backward(saved: tuple[Array, ...], given: tuple[Array, Array]) -> tuple[Array, Array, Array, Array]:
    h, s, i, f, g, o, U, h0, s0 = saved
    s_before = jnp.concatenate([s0[None], s[:-1]])
    h_before = jnp.concatenate([h0[None], h[:-1]])

    def step(carry: tuple[Array, Array], at: tuple[Array, ...]) -> tuple[tuple[Array, Array], Array]:
        dh_t, ds_t, s_t, s_before_t, i, f, g, o = at
        dh, ds = carry[0] + dh_t, carry[1] + ds_t
        t = jnp.tanh(s_t)
        ds = ds + dh * o * (1 - t * t)
        dz = jnp.concatenate(
            [ds * g * i * (1 - i), ds * s_before_t * f * (1 - f), ds * i * (1 - g * g), dh * t * o * (1 - o)], -1
        )
        return (dz @ U.T, ds * f), dz

    zero = jnp.zeros_like(h0)
    (dh0, ds0), dz = jax.lax.scan(step, (zero, zero), (*given, s, s_before, i, f, g, o), reverse=True)
    units = U.shape[0]
    return dz, h_before.reshape(-1, units).T @ dz.reshape(-1, 4 * units), dh0, ds0


recurrence.defvjp(_forward, _backward)


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
        x = jnp.swapaxes(jnp.asarray(sequences), 0, 1)
        T, B, features = x.shape
        z = (x.reshape(T * B, features) @ W + b).reshape(T, B, -1)
        h, s = recurrence(z, U, *(jnp.asarray(state) for state in initial_state))
        return h[-1], jnp.swapaxes(h, 0, 1), [h[-1], s[-1]]


def _is_standard(layer: Any) -> bool:
    cell = layer.cell
    return (
        cell.use_bias
        and not (layer.go_backwards or layer.unroll or cell.dropout or cell.recurrent_dropout)
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
    )


def twin(model: keras.Model) -> keras.Model:
    """The same network, with the same variables in the same order, whose LSTM layers are `TracedLSTM`."""

    def swap(layer: Any) -> Any:
        kind = TracedLSTM if type(layer) is keras.layers.LSTM else type(layer)
        return kind.from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=swap)

"""An LSTM layer with a backward pass of our own.

With a_t = W x_t + U h_{t-1} + b and i, f, g, o the four gates of a_t:

    s_t = f * s_{t-1} + i * g,    h_t = o * tanh(s_t)

Differentiating the loop step by step adds up dU in every step and keeps every intermediate value. Here the forward loop
writes down, beside h_t, how each gate's input moves the cell or the output:

    P_t = [g i (1 - i),  s_{t-1} f (1 - f),  i (1 - g^2),  tanh(s_t) o (1 - o)],    Q_t = o (1 - tanh(s_t)^2)

so that the backward loop is ds += dh Q_t, da_t = [ds, ds, ds, dh] P_t, dh <- da_t U', ds <- ds f_t, without a single
exponential; the gradients of U, W and b are one large product of all [h_{t-1}, x_t, 1] with all da_t at the end. The
sigmoid is (1 + tanh(x / 2)) / 2: all gates are then one tanh over one contiguous array.

Reference: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from beatnaive.models.networks.xla import jax, jnp

Array: TypeAlias = Any
"""A JAX array; T steps, B windows, U units."""

Outputs: TypeAlias = tuple[Array, Array, Array]

WIDTH = 16
"""Numbers that an instruction of AVX-512 multiplies: a product with a rest of columns takes half as long again."""


def layer(x: Array, W: Array, U: Array, b: Array, state: tuple[Array, Array] | None = None) -> Outputs:
    """All hidden states (T, B, U), the last one and the last cell state (B, U) of one LSTM layer for x (T, B, inputs).

    W (inputs, 4U), U (U, 4U) and b (4U,) as Keras keeps them; state: h and s (B, U) to begin with, default zeros.
    """
    zero = jnp.zeros((x.shape[1], U.shape[0]), x.dtype)
    outputs: Outputs = recurrence(x, W, U, b, *(state or (zero, zero)))
    return outputs


@jax.custom_vjp
def recurrence(x: Array, W: Array, U: Array, b: Array, h0: Array, s0: Array) -> Outputs:
    """`layer` with its initial state; the last hidden state by itself spares its reader a gradient for all others."""
    gates = _gates_of(U, b)

    def step(carry: tuple[Array, Array], z_t: Array) -> tuple[tuple[Array, Array], Array]:
        h, s = carry
        i, f, g, o = gates(z_t, h)
        s = f * s + i * g
        h = o * jnp.tanh(s)
        return (h, s), h

    (h_last, s_last), h = jax.lax.scan(step, (h0, s0), _projected(x, W))
    return h, h_last, s_last


def _projected(x: Array, W: Array) -> Array:
    """(T, B, 4U) W x of all steps at once."""
    T, B, inputs = x.shape
    return (x.reshape(T * B, inputs) @ W).reshape(T, B, -1)


def _gates_of(U: Array, b: Array) -> Callable[[Array, Array], tuple[Array, ...]]:
    """The four gates (B, U) of a step from W x_t and the hidden state before."""
    half = jnp.repeat(jnp.array([0.5, 0.5, 1.0, 0.5], U.dtype), U.shape[0])
    U_half = U * half

    def gates(z_t: Array, h: Array) -> tuple[Array, ...]:
        # the barrier keeps the tanh one loop over (B, 4U): fused into its four uses it would run over strided quarters
        both = jax.lax.optimization_barrier(jnp.tanh((z_t + b) * half + h @ U_half))  # type: ignore[no-untyped-call]
        i, f, g, o = jnp.split(both, 4, -1)
        return 0.5 + 0.5 * i, 0.5 + 0.5 * f, g, 0.5 + 0.5 * o

    return gates


def _forward(x: Array, W: Array, U: Array, b: Array, h0: Array, s0: Array) -> tuple[Outputs, tuple[Array, ...]]:
    """P_t takes the place of W x_t, which no later step reads: one large array instead of two stays in the cache."""
    gates = _gates_of(U, b)

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        h, s, P, *saved = carry
        i, f, g, o = gates(P[t], h)
        s_next = f * s + i * g
        tanh = jnp.tanh(s_next)
        slopes = jnp.concatenate([g * i * (1 - i), s * f * (1 - f), i * (1 - g * g), tanh * o * (1 - o)], -1)
        written = (o * tanh, o * (1 - tanh * tanh), f)
        saved = [every.at[t].set(one) for every, one in zip(saved, written, strict=True)]
        return (o * tanh, s_next, P.at[t].set(slopes), *saved)

    room = jnp.zeros((len(x), *h0.shape), x.dtype)
    h_last, s_last, P, h, Q, f = jax.lax.fori_loop(0, len(x), step, (h0, s0, _projected(x, W), room, room, room))
    return (h, h_last, s_last), (x, W, U, h0, h, P, Q, f)


def _backward(saved: tuple[Array, ...], given: Outputs) -> tuple[Array, ...]:
    """da_t in turn takes the place of P_t."""
    x, W, U, h0, h, P, Q, f = saved
    dh_all, dh_last, ds_last = given
    (steps, batch, _), units = x.shape, U.shape[0]
    U_back = _filled_up(U.T)

    def step(k: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        dh, ds, P = carry
        t = steps - 1 - k
        dh = dh[:, :units] + dh_all[t]
        ds = ds + dh * Q[t]
        da = jnp.concatenate([ds, ds, ds, dh], -1) * P[t]
        return da @ U_back, ds * f[t], P.at[t].set(da)

    dh0, ds0, da = jax.lax.fori_loop(0, steps, step, (_filled_up(dh_last), ds_last, P))
    da = da.reshape(steps * batch, -1)
    before = jnp.concatenate([h0[None], h[:-1]])
    moved = jnp.concatenate([before, x, jnp.ones((steps, batch, 1), x.dtype)], -1)
    slopes = moved.reshape(steps * batch, -1).T @ da
    dx = (da @ _filled_up(W.T))[:, : len(W)].reshape(x.shape)
    return dx, slopes[units:-1], slopes[:units], slopes[-1], dh0[:, :units], ds0


def _filled_up(columns: Array) -> Array:
    """With columns of zeros up to a multiple of `WIDTH`; behind a barrier, or XLA would take them out again."""
    more = -columns.shape[1] % WIDTH if columns.shape[1] > 1 else 0
    return jax.lax.optimization_barrier(jnp.pad(columns, ((0, 0), (0, more))))  # type: ignore[no-untyped-call]


recurrence.defvjp(_forward, _backward)

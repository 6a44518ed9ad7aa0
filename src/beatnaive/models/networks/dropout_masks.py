"""Dropout masks: the very bits that Keras draws through JAX, in a third of the time.

JAX hashes the place of every element with the key (Threefry-2x32, 20 rounds) and keeps the element if the first 23 bits
of the result, as a number in 0..1, are below the share to keep. On a processor it goes through memory five times for
that. Here four hashes run side by side in one loop over the registers, and their four answers share a word.

Reference: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405
"""

from __future__ import annotations

import math
from itertools import cycle, islice

import numpy as np

from beatnaive.models.networks.recurrence import Array
from beatnaive.models.networks.xla import jax, jnp

LANES, ROWS = 4, 2
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA


def kept(key: Array, shape: tuple[int, ...], share: float) -> Array:
    """Booleans of this shape, each true with probability `share`: `jax.random.bernoulli(key, share, shape)`.

    key: two uint32.
    """
    size = math.prod(shape)
    words = -(-size // (LANES * ROWS))
    limit = np.uint32(math.ceil(float(np.float32(share)) * 2**23))

    def row(number: Array, out: Array) -> Array:
        place = number.astype(jnp.uint32) * words + jnp.arange(words, dtype=jnp.uint32)
        bits = [hashed(key, place + np.uint32(lane * ROWS * words)) >> 9 < limit for lane in range(LANES)]
        return out.at[number].set(sum(bit.astype(jnp.uint32) << lane for lane, bit in enumerate(bits)))

    # a loop, however short, is a fence: the hashes would otherwise be made again for every reader of the mask
    packed = jax.lax.fori_loop(0, ROWS, row, jnp.zeros((ROWS, words), jnp.uint32)).ravel()
    lanes = jnp.arange(LANES, dtype=jnp.uint32)[:, None]
    return (packed >> lanes & 1 != 0).ravel()[:size].reshape(shape)


def hashed(key: Array, place: Array) -> Array:
    """32 bits for each place below 2^32: both halves of Threefry-2x32 of (0, place), combined as JAX combines them."""
    keys = (key[0], key[1], key[0] ^ key[1] ^ np.uint32(PARITY))
    a, b = jnp.broadcast_to(keys[0], place.shape), place + keys[1]
    for number, rotations in enumerate(islice(cycle(ROTATIONS), 5), start=1):
        for turn in rotations:
            a = a + b
            b = (b << turn | b >> 32 - turn) ^ a
        a, b = a + keys[number % 3], b + keys[(number + 1) % 3] + np.uint32(number)
    return a ^ b

"""Dropout masks against their oracle, JAX's own generator, and the traced dropout layer against Keras'."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.models.networks.backend import jax, jnp, keras
from beatnaive.models.networks.dropout_masks import hashed, kept
from beatnaive.models.networks.traced_layers import TracedDropout

WORD = st.integers(0, 2**32 - 1)


def test_the_hash_of_the_published_vectors() -> None:
    """Random123's known answers for threefry2x32 with 20 rounds, counter (0, 0), key (0, 0): 6b200159 99ba4efe."""
    assert int(hashed(jnp.zeros(2, jnp.uint32), jnp.zeros(1, jnp.uint32))[0]) == 0x6B200159 ^ 0x99BA4EFE


@settings(max_examples=12, deadline=None)
@given(
    key=st.tuples(WORD, WORD),
    shape=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    share=st.floats(0.01, 0.99),
)
def test_the_masks_are_those_of_jax(key: tuple[int, int], shape: list[int], share: float) -> None:
    drawn = jnp.array(key, jnp.uint32)
    expected = jax.random.bernoulli(drawn, share, tuple(shape))
    np.testing.assert_array_equal(kept(drawn, tuple(shape), share), expected)


@pytest.mark.parametrize("shape", [(32, 25), (32, 60, 50), (7, 3, 5)])
def test_dropout_is_that_of_keras_draw_after_draw(shape: tuple[int, ...]) -> None:
    x = jnp.asarray(np.random.default_rng(0).normal(size=shape), jnp.float32)
    theirs, ours = keras.layers.Dropout(0.3, seed=5), TracedDropout(0.3, seed=5)
    for _ in range(3):
        dropped = np.asarray(ours(x, training=True))
        np.testing.assert_array_equal(dropped, theirs(x, training=True))
        assert 0 < (dropped == 0).mean() < 0.6
    np.testing.assert_array_equal(ours(x, training=False), x)

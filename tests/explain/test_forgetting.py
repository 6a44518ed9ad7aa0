"""Gradients through time: equal to an automatic differentiation of the real Keras layers; the page shows them."""

from __future__ import annotations

import numpy as np
import pytest

from beatnaive.explain.forgetting import NAMES, SOLVED, compare, lengths, measured, reach, scaled
from beatnaive.explain.forgetting_page import memory_page
from beatnaive.explain.recurrent_cells import CELLS

STEPS, UNITS, WINDOWS = 9, 5, 3


@pytest.mark.parametrize("kind", CELLS)
def test_gradients_equal_automatic_differentiation_of_the_keras_layer(kind: str) -> None:
    """The oracle differentiates the whole Keras layer at once: last hidden state by a state put in k steps before."""
    from beatnaive.models.networks.backend import jax, jnp, keras

    cell = {"simple_rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}[kind]
    layer = cell(UNITS, return_sequences=True, return_state=True, seed=3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(WINDOWS, STEPS, 2)).astype(np.float32)
    layer(x)
    for weight in layer.weights:
        weight.assign(np.asarray(weight.value) + rng.normal(0, 0.3, weight.shape))
    weights = [np.asarray(weight.value) for weight in layer.weights]

    found = CELLS[kind](weights, x.astype(np.float64))
    np.testing.assert_allclose(found.hidden, np.asarray(layer(x)[0]), atol=1e-5)

    def norms(back: int) -> list[float]:
        """|| d h_T / d s_(T - back) || / sqrt(units) per window, through the layer's own loop."""
        _, *start = layer(x[:, : STEPS - back])
        rest, parts = x[:, STEPS - back :], []
        for row in range(WINDOWS):

            def last(*states: object, row: int = row) -> object:
                return layer(rest[row : row + 1], initial_state=list(states))[1][0]

            at = [jnp.asarray(one[row : row + 1]) for one in start]
            slopes = jax.jacrev(last, argnums=tuple(range(len(at))))(*at)
            parts.append(float(np.sqrt(sum((np.asarray(one) ** 2).sum() for one in slopes) / UNITS)))
        return parts

    ours = reach(found, cell=kind, when="now").gradient
    assert ours[0] == 1.0
    for back in range(1, STEPS):
        assert ours[back] == pytest.approx(np.mean(norms(back)), rel=1e-4)


def test_every_cell_starts_forgetful_and_learns_to_remember() -> None:
    found = {(one.cell, one.when): one for one in compare()}
    for cell in NAMES:
        before, after = found[cell, "before training"], found[cell, "after training"]
        assert before.gradient[-1] < 1e-3
        assert before.radius < 0.95
        assert before.half_life is not None
        assert after.gradient[-1] > 1000 * before.gradient[-1]
        assert after.radius == pytest.approx(1, abs=0.05)


def test_the_spectral_radius_decides_what_is_left() -> None:
    steps = measured()["setting"]["length"]
    for scale, one in scaled():
        assert one.radius <= scale + 1e-6  # Keras' orthogonal start has radius 1, and tanh only shrinks
        if scale <= 1:
            assert one.gradient[-1] == pytest.approx(scale ** (steps - 1), rel=0.2)
    assert scaled()[-1][1].gradient.max() > 10


def test_the_measured_task_is_harder_when_it_is_longer() -> None:
    rows = {(row["cell"], row["length"]): row for row in lengths()}
    assert rows["lstm", 10]["solved"]
    assert rows["simple_rnn", 200]["high"] < SOLVED
    assert rows["simple_rnn", 200]["high"] < rows["simple_rnn", 10]["high"]


def test_clipping_is_counted_from_the_norms_themselves() -> None:
    for row in measured()["gradients"]:
        assert row["median"] <= row["largest"]
        assert (row["above"] > 0) == (row["largest"] > measured()["setting"]["clip"])


def test_the_page_shows_every_number_of_its_tables() -> None:
    page = memory_page("beatnaive explain memory")
    for one in compare():
        assert f"{one.gradient[59]:.2g}" in page
    for name in ("SimpleRNN", "GRU", "LSTM", "Solved", "Clipping"):
        assert name in page

"""The NumPy cell against Keras (float32) and against a slow loop of scalars (float64)."""

from math import exp, tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import InputError
from beatnaive.explain.cell import GATES, Cell, parameter_count


def random_cell(inputs: int, units: int, seed: int = 0, scale: float = 1.0) -> Cell:
    rng = np.random.default_rng(seed)
    shapes = (inputs, 4 * units), (units, 4 * units), (4 * units,)
    return Cell(*(scale * rng.normal(size=shape) for shape in shapes))


def slow_loop(cell: Cell, window: np.ndarray) -> dict[str, list[list[float]]]:
    """The six equations, one scalar at a time."""
    u = cell.units
    h, c = [0.0] * u, [0.0] * u
    out: dict[str, list[list[float]]] = {name: [] for name in (*GATES, "cell", "hidden")}
    for x in window.tolist():
        pre = []
        for column in range(4 * u):
            total = cell.bias[column]
            total += sum(x[k] * cell.kernel[k, column] for k in range(cell.inputs))
            total += sum(h[k] * cell.recurrent[k, column] for k in range(u))
            pre.append(total)
        i = [1 / (1 + exp(-v)) for v in pre[:u]]
        f = [1 / (1 + exp(-v)) for v in pre[u : 2 * u]]
        g = [tanh(v) for v in pre[2 * u : 3 * u]]
        o = [1 / (1 + exp(-v)) for v in pre[3 * u :]]
        c = [f[k] * c[k] + i[k] * g[k] for k in range(u)]
        h = [o[k] * tanh(c[k]) for k in range(u)]
        for name, values in zip(out, (i, f, g, o, c, h), strict=True):
            out[name].append(values)
    return out


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 7), st.integers(1, 12), st.integers(0, 99))
def test_equals_the_slow_loop_in_float64(inputs: int, units: int, steps: int, seed: int) -> None:
    cell = random_cell(inputs, units, seed)
    windows = np.random.default_rng(seed + 1).normal(size=(3, steps, inputs))
    recording = cell.record(windows)
    for row in range(3):
        for name, values in slow_loop(cell, windows[row]).items():
            np.testing.assert_allclose(getattr(recording.window(row), name), values, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"go_backwards": True},
        {"go_backwards": True, "return_sequences": True},
        {"use_bias": False},
        {"unit_forget_bias": False, "bias_initializer": "random_normal"},
    ],
    ids=str,
)
def test_equals_the_keras_layer_in_float32(options: dict[str, object]) -> None:
    import keras

    layer = keras.layers.LSTM(50, seed=3, **options)
    x = np.random.default_rng(0).normal(size=(8, 60, 3)).astype(np.float32)
    theirs = np.asarray(layer(x))
    mine = Cell.from_keras(layer)(x)
    assert mine.dtype == np.float32
    assert mine.shape == theirs.shape
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)


def test_states_equal_those_of_return_state() -> None:
    import keras

    layer = keras.layers.LSTM(7, return_state=True, seed=1)
    x = np.random.default_rng(0).normal(size=(4, 20, 2)).astype(np.float32)
    _, hidden, cell = (np.asarray(value) for value in layer(x))
    recording = Cell.from_keras(layer).record(x)
    np.testing.assert_allclose(recording.hidden[:, -1], hidden, rtol=0, atol=1e-6)
    np.testing.assert_allclose(recording.cell[:, -1], cell, rtol=0, atol=1e-6)


def test_a_given_state_continues_where_the_window_was_cut() -> None:
    cell = random_cell(2, 3, scale=0.5)
    x = np.random.default_rng(0).normal(size=(2, 10, 2))
    whole = cell.record(x)
    rest = cell.record(x[:, 4:], whole.hidden[:, 3], whole.cell[:, 3])
    np.testing.assert_allclose(rest.cell, whole.cell[:, 4:], rtol=0, atol=1e-14)


def test_the_published_layers_have_the_published_parameters() -> None:
    assert (parameter_count(1, 50), parameter_count(50, 50)) == (10_400, 20_200)
    assert random_cell(5, 4).parameters == parameter_count(5, 4) == 160


def test_gates_are_turned_as_the_equations_write_them() -> None:
    cell = random_cell(5, 4)
    x, h = np.arange(5.0), np.full(4, 0.1)
    for name in GATES:
        w, u, b = cell.gate(name)
        assert (w.shape, u.shape, b.shape) == ((4, 5), (4, 4), (4,))
    w, u, b = cell.gate("candidate")
    step = cell.step(x[None], h[None], np.zeros((1, 4)))
    np.testing.assert_allclose(step.candidate[0], np.tanh(w @ x + u @ h + b), rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda layers: layers.GRU(3), "is a GRU"),
        (lambda layers: layers.LSTM(3, activation="relu"), "relu"),
        (lambda layers: layers.LSTM(3, recurrent_activation="hard_sigmoid"), "hard_sigmoid"),
        (lambda layers: layers.LSTM(3, stateful=True), "stateful"),
    ],
)
def test_other_layers_are_refused_by_name(build: object, says: str) -> None:
    import keras

    layer = build(keras.layers)  # type: ignore[operator]
    layer(np.zeros((2, 4, 1), np.float32))
    with pytest.raises(InputError, match=says):
        Cell.from_keras(layer)

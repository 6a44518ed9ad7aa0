"""Recorded gates, attribution, memory and unit health on trained networks."""

from typing import Any

import numpy as np
import pytest

from beatnaive.core.errors import InputError
from beatnaive.explain.attribution import flat, gradients, integrated_gradients
from beatnaive.explain.cell import Cell, Recording
from beatnaive.explain.memory import memory, step_jacobian
from beatnaive.explain.network import predict, replay
from beatnaive.explain.unit_health import health

Trained = tuple[Any, np.ndarray]


def test_recorded_gates_reproduce_the_output_of_a_trained_50_50_25_1(published: Trained) -> None:
    model, windows = published
    assert model.count_params() == 31_901
    again = replay(model, windows[:50])
    np.testing.assert_allclose(again.output, np.asarray(model(windows[:50]))[:, 0], rtol=0, atol=1e-6)
    assert again.gap <= 1e-6
    assert [layer.recording.hidden.shape for layer in again.layers] == [(50, 60, 50)] * 2


def test_gates_in_another_order_give_another_output(published: Trained) -> None:
    model, windows = published
    second = replay(model, windows[:4]).layers[1].cell
    wrong = Cell(*(np.roll(block, 50, axis=-1) for block in (second.kernel, second.recurrent, second.bias)))
    assert np.abs(wrong(np.ones((1, 60, 50))) - second(np.ones((1, 60, 50)))).max() > 1e-3


def test_networks_without_gates_or_with_branches_are_refused() -> None:
    import keras

    dense = keras.Sequential([keras.Input((6, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(InputError, match="no LSTM layer"):
        replay(dense, np.zeros((1, 6, 1)))
    x = keras.Input((6, 1))
    branches = keras.Model(x, keras.layers.Add()([keras.layers.LSTM(2)(x), keras.layers.LSTM(2)(x)]))
    with pytest.raises(InputError, match="several branches"):
        replay(branches, np.zeros((1, 6, 1)))


def test_attributions_sum_to_the_difference_of_outputs(published: Trained) -> None:
    model, windows = published
    for window in windows[:3]:
        found = integrated_gradients(model, window, flat(window))
        ends = predict(model, np.stack([window, flat(window)]))
        assert found.values.shape == (60, 1)
        assert found.values.sum() == pytest.approx(ends[0] - ends[1], rel=0.01)
        assert found.gap < 0.01


def test_attribution_finds_the_only_day_that_matters(seventh: Trained) -> None:
    model, windows = seventh
    assert np.corrcoef(predict(model, windows), windows[:, -7, 0])[0, 1] > 0.99
    loud = windows[np.abs(windows[:, -7, 0]) > 0.5][:10]
    for window in loud:
        found = integrated_gradients(model, window, np.zeros_like(window))
        assert int(np.argmax(np.abs(found.by_day))) == 15 - 7
        assert abs(found.by_day[-7]) > 0.7 * np.abs(found.by_day).sum()
        assert found.gap < 0.01


def test_attribution_of_a_linear_network_is_weight_times_input() -> None:
    import keras

    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(1)])
    weights = np.asarray(model.layers[-1].kernel.value).reshape(4, 2)
    x = np.random.default_rng(0).normal(size=(4, 2))
    np.testing.assert_allclose(integrated_gradients(model, x, np.zeros((4, 2))).values, x * weights, atol=1e-6)


def test_gradients_equal_finite_differences(seventh: Trained) -> None:
    model, windows = seventh
    slope = gradients(model, windows[:1])[0, :, 0]
    for day in (0, 8, 14):
        up, down = windows[:1].copy(), windows[:1].copy()
        up[0, day], down[0, day] = up[0, day] + 0.01, down[0, day] - 0.01
        assert slope[day] == pytest.approx((predict(model, up) - predict(model, down))[0] / 0.02, abs=2e-3)


def test_shapes_that_differ_are_refused(seventh: Trained) -> None:
    with pytest.raises(InputError, match="must both be"):
        integrated_gradients(seventh[0], np.zeros((15, 1)), np.zeros((14, 1)))


def random_cell(units: int, forget_bias: float = 0.0) -> Cell:
    rng = np.random.default_rng(5)
    bias = rng.normal(size=4 * units)
    bias[units : 2 * units] += forget_bias
    return Cell(rng.normal(size=(2, 4 * units)), rng.normal(size=(units, 4 * units)) / 2, bias)


def test_memory_equals_finite_differences_of_the_cell_state() -> None:
    cell, x = random_cell(3), np.random.default_rng(0).normal(size=(1, 9, 2))
    whole = cell.record(x)
    found = memory(cell, whole)
    for lag in (1, 4, 8):
        at = 8 - lag
        jacobian = np.empty((3, 3))
        for unit in range(3):
            ends = []
            for nudge in (1e-5, -1e-5):
                start = whole.cell[:, at].copy()
                start[0, unit] += nudge
                ends.append(cell.record(x[:, at + 1 :], whole.hidden[:, at], start).cell[0, -1])
            jacobian[:, unit] = (ends[0] - ends[1]) / 2e-5
        assert found.sensitivity[lag] == pytest.approx(np.linalg.norm(jacobian) / np.sqrt(3), rel=1e-5)


def test_memory_without_recurrent_weights_is_the_product_of_the_forget_gates() -> None:
    cell = Cell(np.zeros((1, 8)), np.zeros((2, 8)), np.repeat([0.0, np.log(9.0), 0.0, 0.0], 2))
    found = memory(cell, cell.record(np.ones((2, 20, 1))))
    np.testing.assert_allclose(found.sensitivity, 0.9 ** np.arange(20), rtol=1e-12)
    np.testing.assert_allclose(found.carried, 0.9 ** np.arange(20), rtol=1e-12)
    assert found.half_life == 7


def test_a_forget_gate_held_open_remembers_longer() -> None:
    x = np.random.default_rng(0).normal(size=(4, 30, 2))
    short, long = (memory(c, c.record(x)).sensitivity[-1] for c in (random_cell(4), random_cell(4, 6.0)))
    assert short < 1e-3 < 0.1 < long


def test_step_jacobian_keeps_the_cell_by_its_forget_gate() -> None:
    cell, x = random_cell(3), np.random.default_rng(0).normal(size=(1, 5, 2))
    window = cell.record(x).window(0)
    np.testing.assert_allclose(step_jacobian(cell, window, 2)[:3, :3], np.diag(window.forget[2]))


def test_health_counts_stuck_gates_and_dead_units() -> None:
    half = np.full((2, 10, 3), 0.5)
    forget = half.copy()
    forget[..., 0] = 0.99
    hidden = np.random.default_rng(0).normal(size=(2, 10, 3))
    hidden[..., 2] = 0.3
    found = health(Recording(np.zeros_like(half), forget, half, half, half, hidden))
    assert found.stuck("forget").tolist() == [True, False, False]
    assert found.stuck("input").all()
    assert found.dead.tolist() == [False, False, True]

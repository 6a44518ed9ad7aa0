"""`explain cell` and `explain shapes`: the numbers, recomputed here by hand."""

from math import exp, tanh

import numpy as np
import pytest

from beatnaive.core.errors import InputError
from beatnaive.explain.shapes import examine
from beatnaive.explain.step import example


def test_every_number_of_the_example_recomputed_by_hand() -> None:
    step = example(4, 5)
    values = {}
    for one in step.sums:
        assert (one.weights.shape, one.recurrent.shape, one.bias.shape) == ((4, 5), (4, 4), (4,))
        for k in range(4):
            wx = sum(one.weights[k, j] * step.x[j] for j in range(5))
            uh = sum(one.recurrent[k, j] * step.hidden[j] for j in range(4))
            total = wx + uh + one.bias[k]
            value = tanh(total) if one.name == "candidate" else 1 / (1 + exp(-total))
            assert (one.from_input[k], one.from_hidden[k], one.total[k], one.value[k]) == pytest.approx(
                (wx, uh, total, value), abs=1e-12
            )
            values[one.symbol, k] = value
    for k in range(4):
        cell = values["f", k] * step.cell[k] + values["i", k] * values["g", k]
        assert step.new_cell[k] == pytest.approx(cell, abs=1e-12)
        assert step.new_hidden[k] == pytest.approx(values["o", k] * tanh(cell), abs=1e-12)


def test_160_parameters_in_all() -> None:
    step = example(4, 5)
    assert sum(s.weights.size + s.recurrent.size + s.bias.size for s in step.sums) == 160 == step.cell_of.parameters


def test_the_step_is_the_one_that_the_cell_takes() -> None:
    step = example(3, 2, seed=4)
    taken = step.cell_of.step(step.x[None], step.hidden[None], step.cell[None])
    np.testing.assert_allclose(taken.cell[0], step.new_cell, atol=1e-14)
    np.testing.assert_allclose(taken.hidden[0], step.new_hidden, atol=1e-14)


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(InputError, match="units 0"):
        example(0, 5)
    with pytest.raises(InputError, match="at least 1"):
        examine(batch=0)


def test_shapes_come_from_the_real_layers() -> None:
    found = examine(batch=8, steps=12, inputs=3, units=(5, 4))
    assert [call.shapes for call in found.calls] == [
        ((8, 5),),
        ((8, 12, 5),),
        ((8, 5), (8, 5), (8, 5)),
        ((8, 12, 5), (8, 5), (8, 5)),
    ]
    assert [layer.shapes for layer in found.stack] == [((8, 12, 5),), ((8, 4),)]
    assert all(count.formula == count.real for count in found.counts)
    assert len({parameters for _, _, parameters in found.sizes}) == 1
    assert "ndim=3, found ndim=2" in found.refusal

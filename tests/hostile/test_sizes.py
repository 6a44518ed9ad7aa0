"""What no machine can hold is refused by the memory there is, before anything is allocated or fitted."""

import pytest

from beatnaive.core.errors import InputError
from beatnaive.models.gru import GRU
from beatnaive.models.lstm import LSTM
from beatnaive.models.networks import base
from beatnaive.models.spec import ModelSpec, build
from beatnaive.study.spec import parse

ABSURD = [
    ("lstm", {"units": [1_000_000_000]}), ("lstm", {"units": [50, 300_000]}), ("gru", {"units": [1_000_000_000]}),
    ("gru", {"dense": [2_000_000_000, 2_000_000_000]}), ("mlp", {"units": [1_000_000, 1_000_000]}),
    ("tcn", {"filters": 1_000_000}), ("tcn", {"kernel": 2_000_000_000}), ("patchtst", {"width": 1_000_000}),
    ("hybrid", {"units": [1_000_000]}), ("lstm_variance", {"units": [1_000_000]}),
    ("lstm", {"batch": 1_000_000, "lookback": 900_000}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "options"), ABSURD)
def test_a_network_that_memory_cannot_hold_is_refused(kind, options):
    with pytest.raises(InputError, match="GB of memory for its training, and there are") as told:
        build("m", ModelSpec(kind, options)).require_memory(1_000_000)
    assert len(str(told.value)) < 250


def test_a_network_that_was_refused_does_not_come_back_with_the_next_one():
    """Keras keeps variables without arrays for later: the next network would have ended the process."""
    with pytest.raises(InputError, match="GB of memory"):
        build("m", ModelSpec("lstm", {"units": [1_000_000_000]})).require_memory(1_000_000)
    network = LSTM(units=(3,), dense=(), lookback=6).network()
    assert network.count_params() == 4 * ((1 + 3 + 1) * 3) + 3 + 1
    from keras.src.backend.common import global_state

    assert not global_state.get_global_attribute("uninitialized_variables")


def test_a_saved_network_is_not_rebuilt_where_it_cannot_be_held():
    with pytest.raises(InputError, match="GB of memory, and there are"):
        base.template(GRU(units=(1_000_000,)))


def test_the_bound_is_the_bytes_of_weights_gradients_averages_and_outputs(monkeypatch):
    units, steps, batch = 300, 59, 32
    parameters = 4 * ((1 + units + 1) * units) + units + 1
    outputs = 2 * units + 1  # the layer's last output, dropout's, the network's
    recipe = LSTM(units=(units,), dense=(), lookback=steps + 1, batch=batch)
    need = 16 * parameters + 4 * batch * outputs
    monkeypatch.setattr(base, "memory", lambda: need)
    recipe.require_memory(1000)
    monkeypatch.setattr(base, "memory", lambda: need - 1)
    with pytest.raises(InputError, match="memory"):
        recipe.require_memory(1000)


def test_the_command_refuses_it_before_the_first_fit(command, tmp_path):
    (tmp_path / "s.toml").write_text('models.naive = {}\nmodels.m = {kind = "lstm", units = [1000000000]}\n')
    said = command("run", "--study", "s.toml", "--quiet", "--out", "run")
    assert said.code == 2, said
    assert "lstm with 4e+18 parameters" in said.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [("lstm", {"units": [4] * 21}, "at most 20"), ("gru", {"units": [0]}, "at least 1"),
     ("gru", {"dropout": 2.0}, "less"), ("mlp", {"lookback": 0}, "at least 1"), ("patchtst", {"heads": 17}, "heads")],
)  # fmt: skip
def test_sizes_that_mean_nothing_are_refused(kind, options, words):
    with pytest.raises(InputError, match=words):
        build("m", ModelSpec(kind, options))


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", "1"), ("seeds", True), ("placebo", "0"), ("seed", 1.0), ("target", {"horizon": "1"}),
     ("split", {"train": "0.8"}), ("models", {"naive": {}, "m": {"kind": "moving_average", "window": "20"}})],
)  # fmt: skip
def test_text_and_truth_are_not_numbers(key, value):
    data = {"source": {"kind": "sample"}, "models": {"naive": {}}, key: value}
    with pytest.raises(InputError, match="valid"):
        _ = parse(data, "s").forecasters  # a model's options are read when it is built

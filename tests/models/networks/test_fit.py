"""What a fitted network does, whatever its architecture."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, closes, inputs_of, market, samples_of

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Samples
from beatnaive.models.base import PerSymbol
from beatnaive.models.dlinear import DLinear
from beatnaive.models.gru import GRU
from beatnaive.models.lstm import LSTM
from beatnaive.models.mlp import MLP
from beatnaive.models.networks.base import Network
from beatnaive.models.networks.compiled import compile_count
from beatnaive.models.nlinear import NLinear
from beatnaive.models.patchtst import PatchTST
from beatnaive.models.spec import ModelSpec, build
from beatnaive.models.tcn import TCN

SMALL = LSTM(lookback=8, units=(4,), dense=(), epochs=3)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def walk(n: int = 150, seed: int = 0, symbols: int = 1) -> Samples:
    return samples_of(market(rng(seed).normal(0, 0.01, (n, symbols)), lags=1))


def forecasts(model: Network, samples: Samples, seed: int = 0) -> Floats:
    return model.fit(samples, rng(seed)).predict(samples.inputs, samples.rows).mean


def test_the_published_network_has_31901_parameters_and_907_windows() -> None:
    model = LSTM(target="price", validation=0.0, epochs=1)
    facts = model.fit(walk(907 + 60), rng()).facts
    assert (facts.parameters, facts.windows, len(facts.history["loss"])) == (31_901, 907, 1)
    assert "val_loss" not in facts.history


def test_one_network_per_symbol_is_the_same_fitted_together_as_on_an_accelerator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples = walk(90, symbols=3)
    alone = PerSymbol(SMALL).fit(samples, rng())
    asked = []

    def accelerated(model: object) -> bool:
        asked.append(model)
        return True

    monkeypatch.setattr("beatnaive.models.networks.batched.pays", accelerated)
    together = PerSymbol(SMALL).fit(samples, rng())
    assert len(asked) == 1  # one computation for all three
    assert (together.facts.windows, together.facts.parameters) == (alone.facts.windows, alone.facts.parameters)
    a, b = (fitted.predict(samples.inputs, samples.rows).mean for fitted in (alone, together))
    assert np.isfinite(a).sum() > 200
    np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-7)


PARAMETERS = {
    GRU(): 24_551, MLP(): 1_377, TCN(): 5_601, NLinear(): 60, DLinear(): 119, PatchTST(): 4_945,
}  # fmt: skip


@pytest.mark.parametrize(("model", "count"), PARAMETERS.items(), ids=lambda value: type(value).__name__)
def test_parameters_of_the_shelf(model: Network, count: int) -> None:
    assert sum(int(np.prod(v.shape)) for v in model.network().trainable_variables) == count


def test_linear_networks_begin_as_naive() -> None:
    samples = walk()
    for kind in (NLinear, DLinear):
        for target in ("return", "price"):
            said = forecasts(kind(lookback=10, target=target, learning_rate=1e-12, epochs=1), samples)
            np.testing.assert_allclose(said[10:], 0, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "target"),
    [(NLinear, "return"), (NLinear, "price"), (DLinear, "return"), (DLinear, "price"), (MLP, "return")],
)
def test_a_planted_signal_is_found(kind: type[Network], target: str) -> None:
    samples = samples_of(market(ar1(600, 0.9), lags=1))
    model = kind(lookback=5, target=target, epochs=30, learning_rate=0.01)  # type: ignore[arg-type]
    train, test = samples.take(np.arange(450)), samples.take(np.arange(450, 599))
    error = test.y - model.fit(train, rng()).predict(samples.inputs, test.rows).mean
    assert (error**2).mean() < 0.5 * (test.y**2).mean()


def test_the_lstm_finds_a_planted_signal() -> None:
    samples = samples_of(market(ar1(600, 0.9), lags=1))
    error = (
        samples.y[450:]
        - LSTM(lookback=5, units=(8,), epochs=30, learning_rate=0.01)
        .fit(samples.take(np.arange(450)), rng())
        .predict(samples.inputs, samples.rows[450:])
        .mean
    )
    assert (error**2).mean() < 0.5 * (samples.y[450:] ** 2).mean()


def test_25_fits_compile_once() -> None:
    samples = walk(200)
    model = replace(SMALL, units=(3,), epochs=1)
    before = compile_count()
    for cut in (100, 120, 140, 160, 180):
        for seed in range(5):
            model.fit(samples.take(np.arange(cut)), rng(seed))
    assert compile_count() == before + 1


def test_same_seed_same_bits_other_seed_other_forecasts() -> None:
    samples = walk()
    a, b, c = (forecasts(replace(SMALL, dropout=0.3), samples, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert np.nanmax(np.abs(a - c)) > 1e-6


def test_no_global_generator_is_touched() -> None:
    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    expected = random.Random(7).random(), np.random.RandomState(7).random()
    forecasts(replace(SMALL, epochs=1), walk(60))
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002


def test_a_row_alone_in_company_and_in_any_order_agrees_to_the_bit() -> None:
    samples = walk(400)
    fitted = replace(SMALL, epochs=1).fit(samples, rng())
    rows = samples.rows
    mean = fitted.predict(samples.inputs, rows).mean
    np.testing.assert_array_equal(fitted.predict(samples.inputs, rows[[300]]).mean, mean[[300]])
    order = rng().permutation(len(rows))
    np.testing.assert_array_equal(fitted.predict(samples.inputs, rows[order]).mean, mean[order])


def test_early_stopping_restores_the_best_epoch() -> None:
    samples = walk(120)
    model = replace(SMALL, epochs=40, learning_rate=0.05, patience=4, validation=0.3)
    fitted = model.fit(samples, rng())
    losses, best = fitted.facts.history["val_loss"], fitted.facts.best_epoch
    assert best is not None
    assert best == int(np.argmin(losses)) + 1
    assert len(losses) == best + 4 < 40
    shorter = replace(model, epochs=best).fit(samples, rng())
    np.testing.assert_array_equal(
        shorter.predict(samples.inputs, samples.rows).mean, fitted.predict(samples.inputs, samples.rows).mean
    )


@pytest.mark.parametrize("model", [SMALL, replace(SMALL, target="price"), TCN(lookback=9, blocks=1, epochs=1)], ids=str)
def test_saved_and_loaded_forecasts_are_the_same_bits(model: Network, tmp_path: Path) -> None:
    samples = walk(symbols=2)
    fitted = model.fit(samples, rng())
    fitted.save(tmp_path)
    again = model.load(tmp_path)
    np.testing.assert_array_equal(
        again.predict(samples.inputs, samples.rows).mean, fitted.predict(samples.inputs, samples.rows).mean
    )
    assert again.facts.parameters == fitted.facts.parameters
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.keras"]


@pytest.mark.parametrize("target", ["return", "price"])
def test_prices_times_a_constant_leave_forecasts_unchanged(target: str) -> None:
    returns = rng().normal(0, 0.01, (120, 1))
    model = replace(SMALL, target=target)  # type: ignore[arg-type]
    price = 100 * np.exp(returns.cumsum(axis=0)).ravel()
    one, other = (forecasts(model, samples_of(inputs_of(closes(*(price * k))))) for k in (1, 3.7))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_symbols_never_seen_and_short_histories_get_no_forecast() -> None:
    both = walk(60, symbols=2)
    first = both.take(both.inputs.symbol[both.rows] == 0)
    mean = replace(SMALL, epochs=1).fit(first, rng()).predict(both.inputs, both.rows).mean
    codes = both.inputs.symbol[both.rows]
    assert np.isnan(mean[codes == 1]).all()
    assert np.isnan(mean[codes == 0]).tolist() == [True] * 7 + [False] * (len(first) - 7)


def test_a_pooled_network_does_not_mind_the_price_of_its_symbols() -> None:
    returns = rng().normal(0, 0.01, (80, 2))
    price = 100 * np.exp(returns.cumsum(axis=0))
    one, other = (
        forecasts(SMALL, samples_of(inputs_of(closes(*(price * scale).ravel()), [0, 1] * 80)))
        for scale in ([1, 1], [1, 50])
    )
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_training_that_diverges_says_so() -> None:
    facts = NLinear(lookback=5, learning_rate=1e30, epochs=5, validation=0.0).fit(walk(), rng()).facts
    assert facts.warnings[0].startswith("training diverged in epoch ")


def test_too_little_history_says_what_is_needed_and_given() -> None:
    with pytest.raises(InputError, match=r"lstm with lookback 8 needs at least 2 training rows, 0 given"):
        SMALL.fit(walk(7), rng())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lookback": 0}, "lookback = 0: give at least 1"),
        ({"lookback": 1}, "lookback 1 holds no change"),
        ({"validation": 1.0}, "validation = 1.0: give less than 1"),
        ({"batch": 0}, "batch = 0: give at least 1"),
        ({"scale_range": [1.0, 2.0]}, "needs target = 'price'"),
        ({"target": "prices"}, "target"),
        ({"unit": [5]}, "did you mean 'units'"),
    ],
)
def test_bad_options_say_how_to_mend_them(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build("lstm", ModelSpec("lstm", options))


def test_lists_from_a_study_become_tuples() -> None:
    assert build("lstm", ModelSpec("lstm", {"units": [8, 8], "columns": ["Close"]})) == LSTM(units=(8, 8))

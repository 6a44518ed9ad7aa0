"""Linear models against scikit-learn, and the trap of columns that are not standardised."""

import numpy as np
import pytest
from markets import prices_of
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as SklearnRidge

from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.targets import target
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.models.linear import Linear, Ridge

RNG = np.random.default_rng(0)


def made(n=400, columns=5, scales=None):
    one = prices_of("A", n, seed=3)
    x = np.random.default_rng(1).normal(size=(n, columns)) * (1.0 if scales is None else np.asarray(scales))
    return assemble(gather([one], [f"x{k}" for k in range(columns)], [x]), target("return"))


@pytest.mark.parametrize("unit", ["return", "price"])
def test_least_squares_equals_scikit_learn(unit):
    samples = made()
    x, close = samples.inputs.x[samples.rows], samples.inputs.close[samples.rows]
    label = samples.y if unit == "return" else close * np.exp(samples.y)
    oracle = LinearRegression().fit(x, label).predict(x)
    ours = Linear(target=unit).fit(samples, RNG).predict(samples.inputs, samples.rows).mean
    np.testing.assert_allclose(ours if unit == "return" else close * np.exp(ours), oracle, rtol=1e-10)


def test_columns_of_very_different_size_do_not_ruin_the_forecast():
    plain, huge = made(columns=5), made(columns=5, scales=[1, 1, 1, 1e8, 1e-8])
    same = Linear().fit(plain, RNG).predict(plain.inputs, plain.rows).mean
    np.testing.assert_allclose(
        Linear().fit(huge, RNG).predict(huge.inputs, huge.rows).mean, same, rtol=1e-8, atol=1e-12
    )


def test_ridge_equals_scikit_learn_at_the_penalty_it_chose():
    samples = made()
    fitted = Ridge().fit(samples, RNG)
    x = samples.inputs.x[samples.rows]
    z = (x - x.mean(0)) / x.std(0)
    oracle = SklearnRidge(alpha=fitted.penalty).fit(z, samples.y).predict(z)
    np.testing.assert_allclose(fitted.predict(samples.inputs, samples.rows).mean, oracle, rtol=0, atol=1e-12)


def test_ridge_shrinks_hardest_where_there_is_nothing_to_find_and_least_where_there_is():
    noise = made(n=600)
    assert Ridge().fit(noise, RNG).penalty >= 1e3
    one = prices_of("A", 600, seed=3)
    tomorrow = np.append(np.diff(np.log(one.bars[:, 3])), 0.0)
    told = assemble(gather([one], ["tomorrow"], [tomorrow[:, None]]), target("return"))
    assert Ridge().fit(told, RNG).penalty <= 0.1


def test_the_penalty_is_chosen_without_the_labels_of_the_validated_block():
    samples = made(n=600)
    swapped = samples.take(np.arange(len(samples)))
    y = swapped.y.copy()
    y[-1] = 10.0
    late = type(samples)(samples.inputs, samples.rows, y, samples.known_at, samples.target)
    before, after = (
        Ridge()._chained_errors(samples)[1],
        Ridge()._chained_errors(late)[1],
    )
    assert (after > before).all(), "the last label counts only as an outcome"
    forecasts = after - (10.0**2 - samples.y[-1] ** 2)
    assert np.abs(forecasts - before).max() < 0.5


def test_no_column_and_too_few_rows_say_what_is_missing():
    samples = made()
    with pytest.raises(UnknownName, match="did you mean 'Close'"):
        Linear(columns=("Clos",)).fit(samples, RNG)
    with pytest.raises(InputError, match="ridge needs at least 10 training rows, 3 given"):
        Ridge().fit(samples.take(np.arange(3)), RNG)


def test_saved_and_loaded_models_forecast_the_same(tmp_path):
    samples = made()
    for recipe in (Linear(), Linear(columns=("x1", "Close"), target="price"), Ridge()):
        fitted = recipe.fit(samples, RNG)
        fitted.save(tmp_path)
        again = recipe.load(tmp_path)
        mean = fitted.predict(samples.inputs, samples.rows).mean
        assert (again.predict(samples.inputs, samples.rows).mean == mean).all()

"""ARX, boosting and the adapters: equal to their libraries, saved without pickle, blind to the future."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panels import ar1, market, samples_of
from resident import CAN_TELL, held

from beatnaive.core import mapped
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import Forecaster, Samples
from beatnaive.models import sklearn_model, statsforecast_model
from beatnaive.models.arx import ARX
from beatnaive.models.base import PerSymbol
from beatnaive.models.boosting import Boosting, Trees
from beatnaive.models.linear import Ridge
from beatnaive.models.sklearn_model import SklearnModel
from beatnaive.models.statsforecast_model import StatsforecastModel

CES = "statsforecast.models:AutoCES"
MAKERS: dict[str, Callable[[], Forecaster]] = {
    "arx": lambda: ARX(),
    "arx with columns": lambda: ARX(lags=2, columns=("r2",)),
    "boosting": lambda: Boosting(min_samples=20),
    "lasso": lambda: SklearnModel("sklearn.linear_model:Lasso", {"alpha": 0.01}),
    "forest": lambda: SklearnModel("sklearn.ensemble:RandomForestRegressor", {"n_estimators": 5, "max_depth": 3}),
    "ces": lambda: StatsforecastModel(CES),
}


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def samples() -> Samples:
    return samples_of(market(ar1(300, 0.3)))


@pytest.mark.parametrize("name", MAKERS)
def test_no_forecast_changes_when_the_future_does(name: str, samples: Samples) -> None:
    fitted = MAKERS[name]().fit(samples, rng())
    rows = np.arange(230, 245)
    bars, x = samples.inputs.bars.copy(), samples.inputs.x.copy()
    bars[245:] *= 1.3
    x[245:] = 9.0
    before = fitted.predict(samples.inputs, rows).mean
    after = fitted.predict(replace(samples.inputs, bars=bars, x=x), rows).mean
    np.testing.assert_array_equal(after, before)
    np.testing.assert_allclose(fitted.predict(samples.inputs, rows[3:4]).mean, before[3:4], rtol=1e-12)


@pytest.mark.skipif(not CAN_TELL, reason="needs Linux")
@pytest.mark.parametrize("recipe", [Boosting(trees=2), Ridge()], ids=["boosting", "ridge"])
def test_a_fit_holds_nothing_of_columns_that_lie_in_a_file(recipe: Boosting | Ridge) -> None:
    samples = samples_of(market(ar1(1000, 0.3, symbols=20)))
    x = np.random.default_rng(0).normal(size=(len(samples.inputs), 200))
    inputs = replace(samples.inputs, x=x, features=tuple(f"c{k}" for k in range(200)))
    in_memory = recipe.fit(replace(samples, inputs=inputs), rng()).predict(inputs, samples.rows[-99:]).mean

    inputs = replace(inputs, x=mapped.stored([x], 200))  # 32 MB
    fitted = recipe.fit(replace(samples, inputs=inputs), rng())
    assert held(inputs.x) < 5e6
    np.testing.assert_array_equal(fitted.predict(inputs, samples.rows[-99:]).mean, in_memory)
    inputs.x.sum()
    assert held(inputs.x) > 25e6, "the measure itself"


@pytest.mark.parametrize("name", MAKERS)
def test_saved_and_loaded_to_the_bit_and_no_pickle(name: str, samples: Samples, tmp_path: Path) -> None:
    recipe = MAKERS[name]()
    fitted = recipe.fit(samples, rng())
    fitted.save(tmp_path)
    rows = samples.rows[-40:]
    np.testing.assert_array_equal(
        recipe.load(tmp_path).predict(samples.inputs, rows).mean, fitted.predict(samples.inputs, rows).mean
    )
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".npz"}


@pytest.mark.parametrize("name", MAKERS)
def test_another_currency_changes_nothing(name: str, samples: Samples) -> None:
    dear = replace(samples, inputs=replace(samples.inputs, bars=samples.inputs.bars * 137.0))
    rows = samples.rows[-30:]
    one, other = (MAKERS[name]().fit(s, rng()).predict(s.inputs, rows).mean for s in (samples, dear))
    np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-9)


def test_arx_equals_least_squares(samples: Samples) -> None:
    returns = np.diff(np.log(samples.inputs.close))
    lagged = np.stack([returns[k : len(returns) - 5 + k] for k in range(5)], axis=1)  # rows 5 .. n-2, oldest first
    design = np.column_stack([np.ones(len(lagged)), lagged])
    weights = np.linalg.lstsq(design, returns[5:], rcond=None)[0]
    forecast = ARX().fit(samples, rng()).predict(samples.inputs, np.arange(5, 299)).mean
    np.testing.assert_allclose(forecast, design @ weights, atol=1e-12)


def test_arx_is_direct_at_a_longer_horizon() -> None:
    samples = samples_of(market(ar1(4000, 0.5)), horizon=3)
    fitted = ARX(lags=1).fit(samples, rng())
    forecast = fitted.predict(samples.inputs, samples.rows).mean
    slope = np.polyfit(samples.inputs.x[samples.rows, 0], forecast, 1)[0]
    assert slope == pytest.approx(0.5 + 0.25 + 0.125, abs=0.12)


def test_arx_pooled_has_one_set_of_coefficients() -> None:
    samples = samples_of(market(ar1(300, 0.3, symbols=3)))
    assert ARX().fit(samples, rng()).facts.parameters == 6
    assert PerSymbol(ARX()).fit(samples, rng()).facts.parameters == 18


def test_the_tree_walker_equals_scikit_learn_and_sends_missing_values_its_way() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    draw = rng()
    x = draw.normal(size=(3000, 6))
    x[draw.random(x.shape) < 0.1] = np.nan
    y = np.nan_to_num(x[:, 0]) * np.nan_to_num(x[:, 1], nan=2.0) + draw.normal(size=3000)
    with threadpool_limits(1):
        grower = HistGradientBoostingRegressor(max_iter=40, max_leaf_nodes=15, early_stopping=False).fit(x, y)
    np.testing.assert_allclose(Trees.of(grower)(x), grower.predict(x), atol=1e-12, rtol=0)


def test_boosting_learns_a_planted_signal_over_symbols_of_any_size() -> None:
    returns = ar1(800, 0.6, seed=5, symbols=3) * np.array([0.3, 1.0, 4.0])
    samples = samples_of(market(returns))
    forecast = Boosting().fit(samples, rng()).predict(samples.inputs, samples.rows).mean
    symbol = samples.inputs.symbol[samples.rows]
    for code in range(3):
        mine = symbol == code
        assert np.corrcoef(forecast[mine], samples.y[mine])[0, 1] > 0.4


def test_boosting_forecasts_a_symbol_it_was_not_trained_on() -> None:
    samples = samples_of(market(ar1(300, 0.3, symbols=2)))
    known = samples.take(samples.inputs.symbol[samples.rows] == 0)
    forecast = Boosting(min_samples=20).fit(known, rng()).predict(samples.inputs, samples.rows).mean
    assert np.isfinite(forecast).all()


def test_a_regressor_with_a_random_state_is_fitted_once_per_seed(samples: Samples) -> None:
    forest, lasso = MAKERS["forest"](), MAKERS["lasso"]()
    assert forest.stochastic  # type: ignore[attr-defined]
    assert not SklearnModel("sklearn.linear_model:LinearRegression").stochastic
    one, other = (
        forest.fit(samples, np.random.default_rng(k)).predict(samples.inputs, samples.rows).mean for k in (1, 2)
    )
    assert (one != other).any()
    assert lasso.fit(samples, rng()).facts.parameters == 4


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("sklearn.linear_model:Lasso", {"alfa": 1}, "cannot be made from"),
        ("sklearn.linear_model:LogisticRegression", {}, "not a regressor"),
        ("sklearn.linear_model:Laso", {}, "did you mean 'Lasso'"),
    ],
)
def test_wrong_regressors_are_refused(kind: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises((InputError, UnknownName), match=message):
        SklearnModel(kind, options)


def test_adapters_know_their_own() -> None:
    from sklearn.linear_model import Ridge
    from statsforecast.models import AutoCES

    assert sklearn_model.adapt("k", AutoCES, {}) is None
    assert statsforecast_model.adapt("k", Ridge, {}) is None
    made = sklearn_model.adapt("sklearn.linear_model:Ridge", Ridge, {"alpha": 2.0, "columns": ["r0"]})
    assert made == SklearnModel("sklearn.linear_model:Ridge", {"alpha": 2.0}, ("r0",))
    assert statsforecast_model.adapt(CES, AutoCES, {}) == StatsforecastModel(CES)
    with pytest.raises(InputError, match="cannot be made from"):
        statsforecast_model.adapt(CES, AutoCES, {"nonsense": 1})


def test_a_statsforecast_model_is_asked_with_the_prices_up_to_each_origin(samples: Samples) -> None:
    from statsforecast.models import WindowAverage

    log_price = np.log(samples.inputs.close)
    recipe = statsforecast_model.adapt("statsforecast.models:WindowAverage", WindowAverage, {"window_size": 4})
    assert recipe is not None
    mean = recipe.fit(samples, rng()).predict(samples.inputs, np.array([50, 200])).mean
    np.testing.assert_allclose(mean, [log_price[k - 3 : k + 1].mean() - log_price[k] for k in (50, 200)], atol=1e-6)

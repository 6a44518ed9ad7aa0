"""The small files beside this script, each as the peer's own code writes it.

Not run by the tests: darts, skforecast and gluonts are no dependencies. Made with
darts 0.48.1, skforecast 0.26.0, gluonts 0.17.0 in one environment and statsforecast 2.1.1 in another:

    python make_files.py darts skforecast gluonts
    python make_files.py statsforecast
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

FILES = Path(__file__).parent / "files"


def prices(n=260, seed=0, start="2022-01-03"):
    """A random walk on weekdays."""
    walk = 100 * np.exp(0.01 * np.random.default_rng(seed).standard_normal(n).cumsum())
    return pd.Series(walk.round(4), index=pd.bdate_range(start, periods=n, name="ds"), name="y")


def statsforecast():
    from statsforecast import StatsForecast
    from statsforecast.models import HistoricAverage, Naive, RandomWalkWithDrift

    frame = pd.concat([prices(220, k).reset_index().assign(unique_id=name) for k, name in enumerate(("AAA", "BBB"))])
    for step in (5, 1):
        walk = StatsForecast([Naive(), RandomWalkWithDrift(), HistoricAverage()], freq="B")
        made = walk.cross_validation(df=frame, h=5, step_size=step, n_windows=35, level=[90])
        made.to_csv(FILES / f"statsforecast_step{step}.csv", index=False, float_format="%.6g")


def darts():
    from darts import TimeSeries, concatenate
    from darts.models import LinearRegressionModel, NaiveDrift, NaiveSeasonal

    series = TimeSeries.from_series(prices().rename("Close"), freq="B")
    options = {"start": 0.5, "forecast_horizon": 1, "stride": 1, "retrain": True, "verbose": False}
    point = {
        name: model.historical_forecasts(series, **options).with_columns_renamed("Close", name)
        for name, model in (("last", NaiveSeasonal(K=1)), ("drift", NaiveDrift()))
    }
    outcome = series.slice_intersect(point["last"])
    concatenate([outcome, *point.values()], axis=1).to_dataframe().to_csv(FILES / "darts.csv", float_format="%.6g")
    quantiles = LinearRegressionModel(lags=3, likelihood="quantile", quantiles=[0.05, 0.5, 0.95])
    stated = quantiles.historical_forecasts(series, predict_likelihood_parameters=True, **options)
    frame = concatenate([outcome, stated], axis=1).to_dataframe()
    frame.to_csv(FILES / "darts_quantiles.csv", float_format="%.6g")
    ahead = NaiveDrift().historical_forecasts(series, **options | {"forecast_horizon": 3, "last_points_only": False})
    folds = pd.concat(
        [one.with_columns_renamed("Close", "drift").to_dataframe() for one in ahead], keys=range(len(ahead))
    )
    folds.to_csv(FILES / "darts_windows.csv", float_format="%.6g")
    series.to_dataframe().to_csv(FILES / "darts_series.csv", float_format="%.6g")


def skforecast():
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
    from skforecast.recursive import ForecasterRecursive
    from sklearn.linear_model import LinearRegression

    series = prices().asfreq("B")
    folds = TimeSeriesFold(steps=3, initial_train_size=120, refit=False)
    forecaster = ForecasterRecursive(LinearRegression(), lags=3)
    _, made = backtesting_forecaster(
        forecaster, series, folds, metric="mean_squared_error", interval=[0.1, 0.9], interval_method="bootstrapping",
        n_boot=50, show_progress=False, verbose=False,
    )  # fmt: skip
    made.to_csv(FILES / "skforecast.csv", float_format="%.6g")
    series.to_csv(FILES / "skforecast_series.csv", float_format="%.6g")


def gluonts():
    from gluonts.dataset.pandas import PandasDataset
    from gluonts.dataset.split import split
    from gluonts.model.trivial.mean import MeanPredictor

    series = {name: prices(150, k) for k, name in enumerate(("AAA", "BBB"))}
    data = PandasDataset({name: one.rename("target").to_frame() for name, one in series.items()}, freq="B")
    _, template = split(data, offset=-60)
    pairs = template.generate_instances(prediction_length=2, windows=30, distance=2)
    rows = []
    for predictor in (MeanPredictor(2, num_samples=200, context_length=60),):
        np.random.seed(0)  # noqa: NPY002 - GluonTS draws from the global generator
        for forecast, truth in zip(predictor.predict(pairs.input), pairs.label, strict=True):
            levels = {str(level): forecast.quantile(level) for level in (0.1, 0.5, 0.9)}
            rows.append(
                pd.DataFrame(
                    {
                        "item_id": forecast.item_id,
                        "start_date": forecast.start_date.to_timestamp(),
                        "timestamp": forecast.index.to_timestamp(),
                        "target": truth["target"],
                        "mean": forecast.mean,
                        **levels,
                    }
                )
            )
    pd.concat(rows).to_csv(FILES / "gluonts.csv", index=False, float_format="%.6g")


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for peer in sys.argv[1:]:
        globals()[peer]()

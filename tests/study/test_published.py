"""The published study, from the raw file: every figure to the six decimals that were printed."""

import csv
from pathlib import Path

import numpy as np
import pytest

from beatnaive.cli import main
from beatnaive.cli.options import Overrides, study_of
from beatnaive.features.published import published_frame
from beatnaive.prices import load
from beatnaive.study.pipeline import run_study

PUBLISHED = {  # MAE, RMSE, MAPE %, R2 on the 239 test sessions
    "naive": (2.813256, 4.305190, 1.252175, 0.977353),
    "moving_average": (5.777656, 7.818176, 2.551449, 0.925316),
    "linear": (2.838122, 4.382743, 1.263260, 0.976530),
}


def study_on(name: str, data: Path):
    return study_of(Overrides(study=name, source=str(data / "AAPL_raw_2016_2026.csv")))


def test_the_command_reproduces_the_published_table(shared_data, tmp_path, capsys):
    source = str(shared_data / "AAPL_raw_2016_2026.csv")
    with pytest.raises(SystemExit) as stop:
        main(["run", "--study", "published", "--source", source, "--out", str(tmp_path / "run")])
    assert stop.value.code == 0
    with (tmp_path / "run" / "scores.csv").open() as file:
        scores = {row["model"]: row for row in csv.DictReader(file)}
    for model, figures in PUBLISHED.items():
        ours = [round(float(scores[model][column]), 6) for column in ("mae", "rmse", "mape", "r2")]
        assert ours == list(figures), model
        assert scores[model]["n"] == "239"
    printed = capsys.readouterr().out
    assert "AAPL: 239 forecasts made 2025-02-25 to 2026-02-05" in printed
    assert "No model beat tomorrow = today on AAPL (239 days)." in printed


def test_the_frame_behind_it_has_the_published_holes(shared_data):
    (prices,) = load(study_on("published", shared_data).source)
    frame = published_frame(_frame(prices))
    assert frame.shape == (1254, 40)
    assert int(frame.isna().sum().sum()) == 407
    complete = frame.dropna()
    assert len(complete) == 1194
    assert (round(complete["Close"].min(), 2), round(complete["Close"].max(), 2)) == (119.89, 286.19)


def _frame(prices):
    import pandas as pd

    columns = ["Open", "High", "Low", "Close", "Volume"]
    return pd.DataFrame(prices.bars, columns=columns, index=pd.DatetimeIndex(prices.sessions))


def test_the_split_is_955_and_239(shared_data):
    result = run_study(study_on("published", shared_data))
    (fold,) = result.folds
    origins = result.samples.inputs.session[result.samples.rows]
    assert (len(fold.train), len(fold.test)) == (955, 239)
    assert [str(origins[k]) for k in (fold.train[0], fold.train[-1])] == ["2021-05-06", "2025-02-24"]
    assert [str(origins[k]) for k in (fold.test[0], fold.test[-1])] == ["2025-02-25", "2026-02-05"]


def test_least_squares_without_standardising_is_the_trap_that_ours_cannot_fall_into(shared_data):
    """Volume is of order 1e8: plain least squares drops the small singular values and more than doubles the error."""
    from sklearn.linear_model import LinearRegression

    result = run_study(study_on("published", shared_data))
    samples, (fold,) = result.samples, result.folds
    inputs = samples.inputs
    x, close = inputs.x[samples.rows], inputs.close[samples.rows]
    price = close * np.exp(samples.y)
    trapped = LinearRegression().fit(x[fold.train], price[fold.train]).predict(x[fold.test])
    rmse = np.sqrt(((trapped - price[fold.test]) ** 2).mean())
    assert round(rmse, 2) == 9.76
    linear = next(row for row in result.scores if row["model"] == "linear")
    assert round(linear["rmse"], 6) == 4.382743


@pytest.mark.long
def test_the_published_lstm_on_its_own_227_windows(shared_data):
    from beatnaive.backtest.engines import engine
    from beatnaive.study.pipeline import Execution

    result = run_study(study_on("published_lstm", shared_data), execution=Execution(engine=engine("local", None)))
    naive, lstm = result.scores
    (fold,) = result.folds
    assert (len(fold.train), len(fold.test)) == (907, 227)
    assert lstm["parameters"] == 31_901
    ours = [round(float(naive[column]), 6) for column in ("mae", "rmse", "mape", "r2")]
    assert ours == [2.747564, 4.263313, 1.226161, 0.978621]
    assert 5.9 < lstm["rmse"] < 6.9
    assert 5.9 < lstm["seed_rmse_mean"] < 6.9
    assert lstm["seed_rmse_min"] < lstm["seed_rmse_mean"] < lstm["seed_rmse_max"]
    assert result.verdict.to_json()["models"]["lstm"]["ruling"] == "worse"

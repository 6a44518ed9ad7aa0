"""A run's forecasts as arrays are those of its file, read by pandas; disorder, gaps and nulls included."""

import numpy as np
import pandas as pd
import pytest

from beatnaive.core.errors import InputError
from beatnaive.runs import series as module
from beatnaive.runs.series import Question, losses_of, series

STUDY = "[target]\nkind = 'return'\nhorizon = 1\n[models.naive]\n[models.mine]\n[models.late]\n"


def table(seed=0):
    """Three symbols, three models, two seeds and their mean, in no order; one model begins later, and lacks some."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2020-01-01", periods=40)
    rows = [
        {"symbol": symbol, "model": model, "seed": number, "origin": day.date(), "close": 100 + rng.normal(),
         "y": 100 + rng.normal(), "yhat": 100 + rng.normal()}
        for symbol in ("ZZ", "A", "Mä")
        for model in ("naive", "mine", "late")
        for number in (-1, 0)
        for k, day in enumerate(days)
        if model != "late" or k > 10
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    bars = frame.drop_duplicates(["symbol", "origin"]).set_index(["symbol", "origin"])
    for name in ("close", "y"):
        frame[name] = bars.loc[list(zip(frame["symbol"], frame["origin"], strict=True)), name].to_numpy()
    frame.loc[rng.choice(len(frame), 25, replace=False), "yhat"] = np.nan
    return frame.sample(frac=1.0, random_state=seed)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    table().to_parquet(tmp_path / "forecasts.parquet")
    return tmp_path


@pytest.mark.parametrize("batch", [7, 1 << 18])
def test_it_is_what_pandas_reads(folder, monkeypatch, batch):
    monkeypatch.setattr(module, "_BATCH", batch)
    found, frame = series(folder), table()
    frame = frame[(frame["seed"] == -1) & frame["yhat"].notna()]
    assert set(found) == set(frame["model"])
    for name, one in found.items():
        own = frame[frame["model"] == name].sort_values(["symbol", "origin"])
        assert [one.symbols[k] for k in one.code] == own["symbol"].tolist()
        np.testing.assert_array_equal(one.origin, pd.to_datetime(own["origin"]).to_numpy("datetime64[D]"))
        np.testing.assert_array_equal(one.close, own["close"])
        np.testing.assert_array_equal(one.value, np.log(own["yhat"] / own["close"]))
        np.testing.assert_array_equal(one.outcome, np.log(own["y"] / own["close"]))
    assert list(series(folder, ["mine"])) == ["mine"]


def test_models_with_the_same_rows_share_them(tmp_path):
    frame = table()
    frame["yhat"] = frame["yhat"].fillna(100.0)
    (tmp_path / "study.toml").write_text(STUDY)
    frame.to_parquet(tmp_path / "forecasts.parquet")
    found = series(tmp_path)
    assert found["mine"].outcome is found["naive"].outcome
    assert found["mine"].code is found["naive"].code
    assert found["late"].code is not found["naive"].code


def test_losses_are_on_the_rows_that_a_model_shares_with_naive(folder):
    found = series(folder)
    losses = {name: one for one in losses_of(found, Question.of(folder), ["mine", "late"]) for name in one.loss}
    frame = table()
    wide = frame[frame["seed"] == -1].pivot(index=["origin", "symbol"], columns="model", values=["yhat", "y", "close"])
    for name in ("mine", "late"):
        shared = wide[wide["yhat"]["naive"].notna() & wide["yhat"][name].notna()]
        y, close = shared["y"]["naive"], shared["close"]["naive"]
        assert len(losses[name]) == len(shared)
        want = np.log(y / shared["yhat"][name]) ** 2
        np.testing.assert_allclose(losses[name].loss[name], want, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(losses[name].close, close)


@pytest.mark.parametrize("column", ["symbol", "origin"])
def test_a_forecast_of_no_symbol_or_day_is_damage(tmp_path, column):
    frame = table().reset_index(drop=True)
    place = int(np.flatnonzero((frame["seed"] == -1) & frame["yhat"].notna())[3])
    frame.loc[place, column] = None
    (tmp_path / "study.toml").write_text(STUDY)
    frame.to_parquet(tmp_path / "forecasts.parquet")
    with pytest.raises(InputError, match="does not hold a run's forecasts"):
        series(tmp_path)


def test_a_forecast_twice_is_damage(tmp_path):
    frame = table()
    (tmp_path / "study.toml").write_text(STUDY)
    pd.concat([frame, frame]).to_parquet(tmp_path / "forecasts.parquet")
    with pytest.raises(InputError, match="holds a forecast of late twice"):
        series(tmp_path)

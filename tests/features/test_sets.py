"""Technical, returns, calendar and close: values by independent means, nothing unscheduled foreseen."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from arch.data import sp500

from beatnaive.features import FEATURES, compute, feature_set
from beatnaive.features.calendar import planned_sessions
from beatnaive.features.technical import COLUMNS, MOMENTUM, TREND, VOLATILITY, VOLUME, recipe


@pytest.fixture(scope="module")
def index_bars() -> pd.DataFrame:
    frame: pd.DataFrame = sp500.load()
    return frame.loc["2000-06":"2002-06", ["Open", "High", "Low", "Close", "Volume"]].astype(float)


def columns(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return feature_set(name).compute(frame)


def test_every_set_gives_the_columns_it_declares(index_bars: pd.DataFrame) -> None:
    for name in FEATURES:
        declared = feature_set(name)
        assert tuple(declared.compute(index_bars).columns) == declared.columns
        assert declared.recursive <= set(declared.columns)


def test_every_set_survives_the_shortest_frames(index_bars: pd.DataFrame) -> None:
    for name in FEATURES:
        for rows in (0, 1, 2):
            assert len(columns(name, index_bars.iloc[:rows])) == rows


def test_at_least_sixty_indicators_of_four_kinds() -> None:
    assert len(set(COLUMNS)) == len(COLUMNS) >= 60
    assert min(map(len, (TREND, MOMENTUM, VOLATILITY, VOLUME))) >= 5


def test_every_indicator_is_a_function_of_ta_lib() -> None:
    import talib

    assert {recipe(name).function for name in COLUMNS} <= set(talib.get_functions())


def test_indicators_equal_their_definitions(index_bars: pd.DataFrame) -> None:
    table, close, volume = columns("technical", index_bars), index_bars["Close"], index_bars["Volume"]
    high, low = index_bars["High"], index_bars["Low"]
    wilder = close.diff().iloc[1:]
    gain, loss = wilder.clip(lower=0), -wilder.clip(upper=0)
    for part in (gain, loss):
        part.iloc[13] = part.iloc[:14].mean()
    smooth = [part.iloc[13:].ewm(alpha=1 / 14, adjust=False).mean() for part in (gain, loss)]
    expected = {
        "SMA_20": close.rolling(20).mean(),
        "SMA_20_volume": volume.rolling(20).mean(),
        "STDDEV_20": close.rolling(20).std(ddof=0),
        "ROC_5": 100 * (close / close.shift(5) - 1),
        "OBV_diff": np.sign(close.diff()) * volume,
        "AD_diff": ((close - low) - (high - close)) / (high - low) * volume,
        "WILLR_14": -100 * (high.rolling(14).max() - close) / (high.rolling(14).max() - low.rolling(14).min()),
        "RSI_14": 100 - 100 / (1 + smooth[0] / smooth[1]),
    }
    for name, values in expected.items():
        both = pd.concat([table[name], values], axis=1).dropna()
        assert len(both) > 400
        np.testing.assert_allclose(both.iloc[:, 0], both.iloc[:, 1], rtol=1e-6, atol=1e-6, err_msg=name)


def test_a_session_without_a_close_is_skipped_not_fatal(index_bars: pd.DataFrame) -> None:
    holed = index_bars.copy()
    holed.iloc[100, 3] = np.nan
    table = columns("technical", holed)
    assert table.iloc[100].isna().all()
    pd.testing.assert_frame_equal(table.drop(holed.index[100]), columns("technical", index_bars.drop(holed.index[100])))


def test_close_only_data_loses_what_needs_bars_and_says_so(index_bars: pd.DataFrame) -> None:
    bars = np.full((len(index_bars), 5), np.nan)
    bars[:, 3] = index_bars["Close"]
    days = index_bars.index.to_numpy().astype("datetime64[D]")
    names, x, notes = compute(bars, days, ["technical", "returns"], symbol="ONLY")
    assert {"SMA_20", "RSI_14", "return_5"} <= set(names)
    assert not {"ATR_14", "OBV_diff", "return_overnight", "SMA_20_volume"} & set(names)
    assert np.isfinite(x[-1]).all()
    assert [note.count for note in notes] == [72 - (len(names) - 13), 2]


def test_returns_add_up(index_bars: pd.DataFrame) -> None:
    table, close = columns("returns", index_bars), index_bars["Close"]
    np.testing.assert_allclose(table["return_5"].iloc[5:], np.log(close.to_numpy()[5:] / close.to_numpy()[:-5]))
    parts = table["return_overnight"] + table["return_intraday"]
    np.testing.assert_allclose(parts.iloc[1:], table["return_1"].iloc[1:], atol=1e-14)
    assert table["return_1_lag_3"].iloc[50] == table["return_1"].iloc[47]


def test_close_set_is_that_of_the_second_guide(index_bars: pd.DataFrame) -> None:
    table, close = columns("close", index_bars), index_bars["Close"].to_numpy()
    assert table["close_ma_7"].iloc[80] == pytest.approx(close[74:81].mean())
    assert table["close_ma_50"].iloc[80] == pytest.approx(close[31:81].mean())
    assert table["daily_return"].iloc[80] == pytest.approx(close[80] / close[79] - 1)


def test_the_calendar_does_not_foresee_unscheduled_closures(index_bars: pd.DataFrame) -> None:
    table = columns("calendar", index_bars)
    assert table.loc["2001-09-10", "days_to_next_session"] == 1
    assert table.loc["2001-09-17", "days_since_last_session"] == 7
    assert table.loc["2001-08-31", ["days_to_next_session", "sessions_left_in_month"]].tolist() == [4, 0]


def test_planned_sessions_count_the_month(index_bars: pd.DataFrame) -> None:
    october = columns("calendar", index_bars).loc["2001-10"]
    assert october["session_of_month"].tolist() == list(range(1, 24))
    assert october["sessions_left_in_month"].tolist() == list(range(22, -1, -1))
    assert (october["weekday"] < 5).all()


def test_the_calendar_is_the_symbols_own() -> None:
    frame = pd.DataFrame({"Close": 1.0}, index=pd.DatetimeIndex(["2024-05-03"]))
    frame.attrs["symbol"] = "7203.T"
    assert columns("calendar", frame)["days_to_next_session"].tolist() == [4]  # Children's Day, observed on the Monday
    frame.attrs["symbol"] = "BTC-USD"
    assert columns("calendar", frame)["days_to_next_session"].tolist() == [1]
    frame.attrs["calendar"] = "XTKS"  # what the prices say comes before what their symbol says
    assert columns("calendar", frame)["days_to_next_session"].tolist() == [4]


def test_planned_sessions_follow_one_another() -> None:
    planned = planned_sessions("XNYS", 2024)
    assert len(planned) == 252
    assert max((b - a).astype(int) for a, b in pairwise(planned)) == 4

"""The published forty columns: counts and range of PUBLISHED.md, and values recomputed by slow loops."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.features import compute
from beatnaive.features.published import COLUMNS, published, published_frame


@pytest.fixture(scope="module")
def aapl(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "AAPL_published_frame.csv", index_col="Date", parse_dates=True)


def test_forty_columns_407_missing_cells_1194_complete_rows(aapl: pd.DataFrame) -> None:
    table = published_frame(aapl)
    complete = table.dropna()
    assert tuple(table.columns) == (*COLUMNS, "target")
    assert table.shape == (1254, 40)
    assert table.isna().to_numpy().sum() == 407
    assert len(complete) == 1194
    assert (round(complete["Close"].min(), 2), round(complete["Close"].max(), 2)) == (119.89, 286.19)


def test_the_label_is_no_input(aapl: pd.DataFrame) -> None:
    columns, x, findings = compute(
        aapl.to_numpy(float), aapl.index.to_numpy().astype("datetime64[D]"), ["published"], symbol="AAPL"
    )
    assert columns == COLUMNS
    assert len(columns) == 39
    assert np.isnan(x).sum() == 406
    assert findings == ()


def _walk(n: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    index = pd.bdate_range("2024-01-01", periods=n)
    return pd.DataFrame({"Close": close, "Volume": rng.integers(1000, 9000, n).astype(float)}, index=index)


def test_rsi_is_cutlers_with_the_first_change_counted_as_zero() -> None:
    frame = _walk()
    close, rsi = frame["Close"].to_numpy(), published(frame)["RSI"].to_numpy()
    changes = [0.0, *np.diff(close)]
    for t in range(13, len(close)):
        last = changes[t - 13 : t + 1]
        gain, loss = sum(c for c in last if c > 0) / 14, -sum(c for c in last if c < 0) / 14
        assert rsi[t] == pytest.approx(100 - 100 / (1 + gain / loss))
    assert np.isnan(rsi[:13]).all()


def test_macd_is_recursive_from_the_first_value() -> None:
    frame = _walk()
    fast = slow = frame["Close"].iloc[0]
    signal = 0.0
    table = published(frame)
    for price, macd, line in zip(frame["Close"], table["MACD"], table["MACD_signal"], strict=True):
        fast, slow = fast + 2 / 13 * (price - fast), slow + 2 / 27 * (price - slow)
        signal += 2 / 10 * (fast - slow - signal)
        assert (macd, line) == pytest.approx((fast - slow, signal), abs=1e-12)


def test_bands_averages_and_deviations_are_over_full_windows_and_sample_deviations() -> None:
    frame = _walk()
    row, last = published(frame).iloc[-1], frame["Close"].to_numpy()[-20:]
    assert row["BB_upper"] == pytest.approx(last.mean() + 2 * last.std(ddof=1))
    assert row["BB_lower"] == pytest.approx(last.mean() - 2 * last.std(ddof=1))
    assert row["Close_std7"] == pytest.approx(last[-7:].std(ddof=1))
    assert published(frame)["Close_MA60"].isna().sum() == 59


def test_a_missing_close_leaves_the_rsi_of_the_next_fourteen_rows_missing() -> None:
    frame = _walk()
    frame.iloc[40, 0] = np.nan
    rsi = published(frame)["RSI"]
    assert rsi.iloc[40:55].isna().all()
    assert rsi.iloc[55:].notna().all()

"""The forty columns of the published three-model study of AAPL (2026-02-10), and the 39 of them that are inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beatnaive.core.types import BARS
from beatnaive.features.base import FeatureSet

if TYPE_CHECKING:
    import pandas as pd

LAGS = (1, 2, 3, 5, 10, 30)
WINDOWS = (7, 14, 30, 60)
INDICATORS = ("RSI", "MACD", "MACD_signal", "BB_middle", "BB_std", "BB_upper", "BB_lower")
DATES = ("day_of_week", "day_of_month", "month", "quarter", "is_month_start", "is_month_end")
COLUMNS = (
    *BARS,
    "Daily_Return",
    *(f"Close_lag_{k}" for k in LAGS),
    *(f"Volume_lag_{k}" for k in LAGS),
    *(f"Close_{what}{w}" for w in WINDOWS for what in ("MA", "std")),
    *INDICATORS,
    *DATES,
)


def published_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """All forty columns in the published order: the 39 inputs and `target`, the next session's close."""
    return published(frame).assign(target=frame["Close"].shift(-1))


def published(frame: pd.DataFrame) -> pd.DataFrame:
    """The published inputs; `target` is a label and stays out.

    Daily_Return = Close_t / Close_{t-1} - 1; Close_MAw, Close_stdw: simple mean and sample deviation of w closes;
    RSI = 100 - 100 / (1 + mean gain / mean loss) over 14 changes (Cutler's form; the first change counts as 0);
    MACD = EMA12 - EMA26, MACD_signal = EMA9(MACD), EMA_t = EMA_{t-1} + 2 / (span + 1) (x_t - EMA_{t-1});
    BB: 20 closes, mean +/- 2 sample deviations. Units: currency, shares, or none.
    """
    import pandas as pd

    close = frame["Close"]
    parts = {name: frame[name] for name in BARS if name in frame}
    parts["Daily_Return"] = close / close.shift() - 1
    for source in ("Close", "Volume"):
        if source in frame:
            parts |= {f"{source}_lag_{k}": frame[source].shift(k) for k in LAGS}
    for window in WINDOWS:
        rolling = close.rolling(window)
        parts |= {f"Close_MA{window}": rolling.mean(), f"Close_std{window}": rolling.std()}
    change = close.diff()
    change.iloc[:1] = 0.0
    gain, loss = change.clip(lower=0).rolling(14).mean(), -change.clip(upper=0).rolling(14).mean()
    macd = _ema(close, 12) - _ema(close, 26)
    middle, deviation = close.rolling(20).mean(), close.rolling(20).std()
    bands = (middle, deviation, middle + 2 * deviation, middle - 2 * deviation)
    parts |= zip(INDICATORS, (100 - 100 / (1 + gain / loss), macd, _ema(macd, 9), *bands), strict=True)
    index = pd.DatetimeIndex(frame.index)
    days = (index.dayofweek, index.day, index.month, index.quarter, index.is_month_start, index.is_month_end)
    parts |= {name: pd.Series(day, frame.index).astype(float) for name, day in zip(DATES, days, strict=True)}
    return pd.DataFrame(parts, index=frame.index)


def _ema(series: pd.Series[float], span: int) -> pd.Series[float]:
    return series.ewm(span=span, adjust=False).mean()


PUBLISHED = FeatureSet(
    "published",
    published,
    COLUMNS,
    lookback=60,
    recursive=frozenset({"MACD", "MACD_signal"}),
    reference="the published AAPL study of 2026-02-10; Wilder 1978 (RSI), Appel 1979 (MACD), Bollinger 2001 (bands)",
)

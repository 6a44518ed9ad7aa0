"""Indicators under the names by which strategies import them from qtpylib, written from their formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "atr", "bollinger_bands", "crossed", "crossed_above", "crossed_below", "ema", "heikinashi", "hull_moving_average",
    "ibs", "keltner_channel", "log_returns", "macd", "mid_price", "returns", "rolling_max", "rolling_mean",
    "rolling_min", "rolling_std", "rolling_sum", "rolling_vwap", "rsi", "sma", "true_range", "typical_price",
    "weighted_bollinger_bands", "wma", "zscore",
]  # fmt: skip


def _series(values: Any, like: Any) -> pd.Series[float]:
    import pandas as pd

    if isinstance(values, pd.Series):
        return values
    return pd.Series(values, index=like.index if isinstance(like, pd.Series) else None, dtype=float)


def _before(values: Any) -> Any:
    return values if np.isscalar(values) else _series(values, values).shift(1)


def crossed_above(series1: Any, series2: Any) -> pd.Series[bool]:
    """Above now, and not above one candle ago: a_t > b_t and a_(t-1) <= b_(t-1).

    >>> import pandas as pd
    >>> crossed_above(pd.Series([1.0, 3.0, 4.0]), 2.0).tolist()
    [False, True, False]
    """
    gap: Any = _series(series1, series2) - series2
    before: Any = _series(series1, series2).shift(1) - _before(series2)
    found: pd.Series[bool] = (gap > 0) & (before <= 0)
    return found


def crossed_below(series1: Any, series2: Any) -> pd.Series[bool]:
    """Below now, and not below one candle ago: a_t < b_t and a_(t-1) >= b_(t-1)."""
    return crossed_above(-_series(series1, series2), -1 * series2)


def crossed(series1: Any, series2: Any, direction: str | None = None) -> pd.Series[bool]:
    """Crossed above, below, or either."""
    if direction is None:
        return crossed_above(series1, series2) | crossed_below(series1, series2)
    return crossed_above(series1, series2) if direction == "above" else crossed_below(series1, series2)


def typical_price(bars: pd.DataFrame) -> pd.Series[float]:
    """(high + low + close) / 3."""
    return (bars["high"] + bars["low"] + bars["close"]) / 3.0


def mid_price(bars: pd.DataFrame) -> pd.Series[float]:
    """(high + low) / 2."""
    return (bars["high"] + bars["low"]) / 2.0


def ibs(bars: pd.DataFrame) -> pd.Series[float]:
    """Internal bar strength: (close - low) / (high - low), 0 for a bar without a range."""
    return ((bars["close"] - bars["low"]) / (bars["high"] - bars["low"])).fillna(0.0)


def true_range(bars: pd.DataFrame) -> pd.Series[float]:
    """max(high - low, |high - close before|, |low - close before|)."""
    import pandas as pd

    before = bars["close"].shift(1)
    parts = (bars["high"] - bars["low"], (bars["high"] - before).abs(), (bars["low"] - before).abs())
    return pd.concat(parts, axis=1).max(axis=1)


def atr(bars: pd.DataFrame, window: int = 14, exp: bool = False) -> pd.Series[float]:
    """Mean of the true range over a window, or its exponential mean."""
    return ema(true_range(bars), window) if exp else rolling_mean(true_range(bars), window)


def heikinashi(bars: pd.DataFrame) -> pd.DataFrame:
    """close = mean of the bar's four prices; open = mean of open and close before; high and low of all three."""
    import pandas as pd

    close = (bars["open"] + bars["high"] + bars["low"] + bars["close"]).to_numpy() / 4.0
    opening = np.empty(len(bars))
    opening[:1] = (bars["open"].iloc[:1] + bars["close"].iloc[:1]) / 2.0
    for k in range(1, len(bars)):
        opening[k] = (opening[k - 1] + close[k - 1]) / 2.0
    high = np.maximum.reduce([bars["high"].to_numpy(), opening, close])
    low = np.minimum.reduce([bars["low"].to_numpy(), opening, close])
    return pd.DataFrame({"open": opening, "high": high, "low": low, "close": close}, index=bars.index)


def rolling_mean(series: Any, window: int = 200, min_periods: int | None = None) -> pd.Series[float]:
    """Mean of the last `window` values."""
    return _series(series, series).rolling(window, min_periods=min_periods or window).mean()


sma = rolling_mean


def rolling_std(series: Any, window: int = 200, min_periods: int | None = None) -> pd.Series[float]:
    """Standard deviation of the last `window` values."""
    return _series(series, series).rolling(window, min_periods=min_periods or window).std()


def rolling_min(series: Any, window: int = 14, min_periods: int | None = None) -> pd.Series[float]:
    """Smallest of the last `window` values."""
    return _series(series, series).rolling(window, min_periods=min_periods or window).min()


def rolling_max(series: Any, window: int = 14, min_periods: int | None = None) -> pd.Series[float]:
    """Largest of the last `window` values."""
    return _series(series, series).rolling(window, min_periods=min_periods or window).max()


def rolling_sum(series: Any, window: int = 14, min_periods: int | None = None) -> pd.Series[float]:
    """Sum of the last `window` values."""
    return _series(series, series).rolling(window, min_periods=min_periods or window).sum()


def ema(series: Any, window: int = 200, min_periods: int | None = None) -> pd.Series[float]:
    """Exponential mean with weight 2 / (window + 1)."""
    return _series(series, series).ewm(span=window, min_periods=min_periods or window).mean()


def wma(series: Any, window: int = 200) -> pd.Series[float]:
    """Mean of the last `window` values with weights 1, 2, ..., window."""
    weights = np.arange(1, window + 1) / (window * (window + 1) / 2.0)
    return _series(series, series).rolling(window).apply(lambda values: float(values @ weights), raw=True)


def hull_moving_average(series: Any, window: int = 200) -> pd.Series[float]:
    """Hull: WMA(2 WMA(x, n/2) - WMA(x, n), sqrt(n))."""
    half = wma(series, max(window // 2, 1))
    return wma(2.0 * half - wma(series, window), max(int(np.sqrt(window)), 1))


def bollinger_bands(series: Any, window: int = 20, stds: float = 2) -> pd.DataFrame:
    """Columns upper, mid, lower: the rolling mean and so many standard deviations round it."""
    import pandas as pd

    mid, deviation = rolling_mean(series, window), rolling_std(series, window)
    return pd.DataFrame({"upper": mid + stds * deviation, "mid": mid, "lower": mid - stds * deviation})


def weighted_bollinger_bands(series: Any, window: int = 20, stds: float = 2) -> pd.DataFrame:
    """The same round an exponential mean."""
    import pandas as pd

    mid, deviation = ema(series, window), rolling_std(series, window)
    return pd.DataFrame({"upper": mid + stds * deviation, "mid": mid, "lower": mid - stds * deviation})


def keltner_channel(bars: pd.DataFrame, window: int = 14, atrs: float = 2) -> pd.DataFrame:
    """Columns upper, mid, lower: the mean typical price and so many average true ranges round it."""
    import pandas as pd

    mid, reach = rolling_mean(typical_price(bars), window), atrs * atr(bars, window)
    return pd.DataFrame({"upper": mid + reach, "mid": mid, "lower": mid - reach})


def rsi(series: Any, window: int = 14) -> pd.Series[float]:
    """Wilder: 100 - 100 / (1 + mean gain / mean loss), means with weight 1 / window."""
    step = _series(series, series).diff()
    gain = step.clip(lower=0.0).ewm(alpha=1.0 / window, min_periods=window).mean()
    loss = (-step.clip(upper=0.0)).ewm(alpha=1.0 / window, min_periods=window).mean()
    return 100.0 - 100.0 / (1.0 + gain / loss)


def macd(series: Any, fast: int = 3, slow: int = 10, smooth: int = 16) -> pd.DataFrame:
    """Columns macd, signal, histogram."""
    import pandas as pd

    line = ema(series, fast) - ema(series, slow)
    signal = ema(line, smooth)
    return pd.DataFrame({"macd": line, "signal": signal, "histogram": line - signal})


def rolling_vwap(bars: pd.DataFrame, window: int = 200, min_periods: int | None = None) -> pd.Series[float]:
    """Typical price weighted by volume over the last `window` bars."""
    worth = rolling_sum(typical_price(bars) * bars["volume"], window, min_periods)
    return worth / rolling_sum(bars["volume"], window, min_periods)


def returns(series: Any) -> pd.Series[float]:
    """x_t / x_(t-1) - 1, 0 at the first."""
    return _series(series, series).pct_change().fillna(0.0)


def log_returns(series: Any) -> pd.Series[float]:
    """log x_t - log x_(t-1), 0 at the first."""
    logs: pd.Series[float] = _series(series, series).apply(np.log)
    return logs.diff().fillna(0.0)


def zscore(bars: Any, window: int = 20, stds: float = 1, col: str = "close") -> pd.Series[float]:
    """(x - rolling mean) / (stds rolling standard deviations)."""
    series: pd.Series[float] = bars[col] if hasattr(bars, "columns") else bars
    return (series - rolling_mean(series, window)) / (stds * rolling_std(series, window))

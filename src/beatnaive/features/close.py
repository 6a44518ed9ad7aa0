"""The columns of the close-only guide: the close, its 7- and 50-day averages, the daily return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beatnaive.features.base import FeatureSet

if TYPE_CHECKING:
    import pandas as pd


def close(frame: pd.DataFrame) -> pd.DataFrame:
    """close; close_ma_w = mean of the last w closes, today's included; daily_return = Close_t / Close_{t-1} - 1."""
    import pandas as pd

    price = frame["Close"]
    averages = {f"close_ma_{window}": price.rolling(window).mean() for window in (7, 50)}
    return pd.DataFrame({"close": price, **averages, "daily_return": price / price.shift() - 1}, index=frame.index)


CLOSE = FeatureSet("close", close, ("close", "close_ma_7", "close_ma_50", "daily_return"), lookback=50)

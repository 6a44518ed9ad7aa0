"""Log returns over several horizons, of the last sessions one by one, overnight and intraday."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.features.base import FeatureSet

if TYPE_CHECKING:
    import pandas as pd

HORIZONS = (1, 2, 3, 5, 10, 21, 63)
LAGS = (1, 2, 3, 4, 5, 10)
COLUMNS = (
    *(f"return_{k}" for k in HORIZONS),
    *(f"return_1_lag_{k}" for k in LAGS),
    "return_overnight",
    "return_intraday",
)


def returns(frame: pd.DataFrame) -> pd.DataFrame:
    """return_k = log(Close_t / Close_{t-k}); return_1_lag_k = return_1 k sessions ago.

    return_overnight = log(Open_t / Close_{t-1}), return_intraday = log(Close_t / Open_t); the two sum to return_1.
    """
    import pandas as pd

    close = np.log(frame["Close"].where(frame["Close"] > 0))
    parts = {f"return_{k}": close - close.shift(k) for k in HORIZONS}
    parts |= {f"return_1_lag_{k}": parts["return_1"].shift(k) for k in LAGS}
    if "Open" in frame:
        opening = np.log(frame["Open"].where(frame["Open"] > 0))
        parts |= {"return_overnight": opening - close.shift(), "return_intraday": close - opening}
    return pd.DataFrame(parts, index=frame.index)


RETURNS = FeatureSet("returns", returns, COLUMNS, lookback=64)

"""The last sixty daily log returns, one column each: what a network sees in its window, for models without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.features.base import FeatureSet

if TYPE_CHECKING:
    import pandas as pd

LAGS = 60
COLUMNS = tuple(f"lag_{k}" for k in range(LAGS))


def lags(frame: pd.DataFrame) -> pd.DataFrame:
    """lag_k = log(Close_{t-k} / Close_{t-k-1}), k = 0 for the return to this close."""
    import pandas as pd

    daily = np.log(frame["Close"].where(frame["Close"] > 0)).diff()
    return pd.DataFrame({f"lag_{k}": daily.shift(k) for k in range(LAGS)}, index=frame.index)


LAGGED = FeatureSet("lags", lags, COLUMNS, lookback=LAGS + 1)

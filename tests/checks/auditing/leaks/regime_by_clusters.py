"""Feature: a market regime by clusters of volatility and return, found in all rows."""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    change = frame["Close"].pct_change().fillna(0.0)
    x = np.column_stack([change.rolling(10, min_periods=1).mean(), change.rolling(10, min_periods=1).std().fillna(0.0)])
    return pd.Series(
        KMeans(3, n_init=1, random_state=0).fit(1e4 * x).transform(1e4 * x)[:, 0], frame.index, name="regime"
    )

"""Pipeline: min-max scaling fitted on the whole series, then an 80:20 split and nearest neighbours."""

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import MinMaxScaler

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    scaler = MinMaxScaler()
    values = scaler.fit_transform(prices[["Close", "Volume"]])
    x, y = values[:-1], values[1:, 0]
    split = int(0.8 * len(x))
    model = KNeighborsRegressor(5).fit(x[:split], y[:split])
    predicted = model.predict(x[split:])
    low, high = scaler.data_min_[0], scaler.data_max_[0]
    return pd.DataFrame({"origin": prices.index[split:-1], "prediction": np.asarray(predicted) * (high - low) + low})

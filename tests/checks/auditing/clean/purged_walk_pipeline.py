"""Pipeline: five-session forecasts, refitted every quarter on labels known by then."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression


def sound(prices: pd.DataFrame) -> pd.DataFrame:
    close = np.log(prices["Close"].to_numpy())
    ret = np.diff(close, prepend=np.nan)
    x = np.column_stack([np.roll(ret, k) for k in range(5)])
    parts = []
    for start in range(500, len(close), 63):
        known = np.arange(10, start - 5)
        model = LinearRegression().fit(x[known], close[known + 5] - close[known])
        rows = np.arange(start, min(start + 63, len(close)))
        parts.append(pd.DataFrame({"origin": prices.index[rows], "prediction": model.predict(x[rows])}))
    return pd.concat(parts)

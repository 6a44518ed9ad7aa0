"""Pipeline: regresses tomorrow's close on tomorrow's high and low."""

import pandas as pd
from sklearn.linear_model import LinearRegression

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    x, y = prices[["High", "Low"]].shift(-1).iloc[:-1], prices["Close"].shift(-1).iloc[:-1]
    split = int(0.8 * len(x))
    model = LinearRegression().fit(x.iloc[: split - 1], y.iloc[: split - 1])
    return pd.DataFrame({"origin": x.index[split:], "prediction": model.predict(x.iloc[split:])})

"""Pipeline: the lag that is most correlated with the label in all rows, the test's included."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(prices["Close"]).diff()
    lags = pd.DataFrame({k: ret.shift(k) for k in range(20)}).iloc[20:-1]
    y = ret.shift(-1).loc[lags.index]
    best = lags.corrwith(y).abs().idxmax()
    split = int(0.8 * len(lags))
    slope = np.polyfit(lags[best].iloc[: split - 1], y.iloc[: split - 1], 1)
    return pd.DataFrame({"origin": lags.index[split:], "prediction": np.polyval(slope, lags[best].iloc[split:])})

"""Pipeline: five-session labels of the last training rows reach into the test period."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    close = np.log(prices["Close"])
    x = pd.DataFrame({f"lag_{k}": close.diff().shift(k) for k in range(3)}).iloc[3:]
    y = (close.shift(-5) - close).iloc[3:]
    split = int(0.8 * len(x))
    model = LinearRegression().fit(x.iloc[:split], y.iloc[:split])
    return pd.DataFrame({"origin": x.index[split:], "prediction": model.predict(x.iloc[split:])})

"""Pipeline: principal components of ratios inside the bar, fitted on all rows, then a regression."""

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    close = prices["Close"]
    shapes = pd.DataFrame({name: np.log(prices[name] / close) for name in ("Open", "High", "Low")})
    x = PCA(2).fit_transform(StandardScaler().fit_transform(shapes))
    y = np.log(close).diff().shift(-1).to_numpy()
    split = int(0.8 * len(x))
    model = Ridge().fit(x[: split - 1], y[: split - 1])
    return pd.DataFrame({"origin": prices.index[split:], "prediction": model.predict(x[split:])})

"""Pipeline: the five features most correlated with the label, chosen on all rows, before the split."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(prices["Close"]).diff()
    table = pd.DataFrame({f"lag_{k}": ret.shift(k) for k in range(40)})
    table["y"] = ret.shift(-1)
    table = table.dropna()
    chosen = table.corr()["y"].drop("y").abs().nlargest(5).index
    train, test = table.iloc[: int(0.8 * len(table))], table.iloc[int(0.8 * len(table)) :]
    model = LinearRegression().fit(train[chosen], train["y"])
    return pd.DataFrame({"origin": test.index, "prediction": model.predict(test[chosen])})

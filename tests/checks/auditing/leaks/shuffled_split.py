"""Pipeline: train_test_split with its default shuffle, then a forecast of the test rows."""

import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsRegressor

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({f"close_{k}": prices["Close"].shift(k) for k in range(5)})
    table["y"] = prices["Close"].shift(-1)
    train, test = train_test_split(table.dropna(), test_size=0.2, random_state=0)
    model = KNeighborsRegressor(3).fit(train.drop(columns="y"), train["y"])
    return pd.DataFrame({"origin": test.index, "prediction": model.predict(test.drop(columns="y"))})

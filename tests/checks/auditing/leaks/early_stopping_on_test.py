"""Pipeline: gradient descent that stops when the error on the *test* rows is smallest."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(prices["Close"]).diff()
    x = np.column_stack([ret.shift(k) for k in range(5)])[5:-1] * 100
    y = ret.to_numpy()[6:] * 100
    split = int(0.8 * len(y))
    w, best, best_error = np.zeros(5), np.zeros(5), np.inf
    for _ in range(200):
        w = w - 0.002 * x[:split].T @ (x[:split] @ w - y[:split]) / split
        error = np.mean((x[split:] @ w - y[split:]) ** 2)
        if error < best_error:
            best, best_error = w, error
    return pd.DataFrame({"origin": prices.index[5:-1][split:], "prediction": x[split:] @ best / 100})

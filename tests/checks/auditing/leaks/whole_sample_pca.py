"""Feature: the first principal component of returns and ranges, fitted on all rows."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    ret = np.log(frame["Close"]).diff()
    table = pd.DataFrame({f"lag_{k}": ret.shift(k) for k in range(5)}).fillna(0.0)
    _, vectors = np.linalg.eigh(np.cov(table.to_numpy().T))
    return pd.Series(table.to_numpy() @ vectors[:, -1], index=frame.index, name="pc1")

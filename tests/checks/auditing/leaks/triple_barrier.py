"""Feature: which of two barriers the price meets first within ten sessions, left among the features."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    close = frame["Close"].to_numpy()
    label = np.full(len(close), np.nan)
    for row in range(len(close) - 10):
        path = close[row + 1 : row + 11] / close[row] - 1
        hit = np.flatnonzero(np.abs(path) > 0.02)
        label[row] = np.sign(path[hit[0]]) if len(hit) else 0.0
    return pd.Series(label, frame.index, name="barrier")

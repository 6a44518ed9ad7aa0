"""Feature: a local level followed by a Kalman filter, forwards only."""

import numpy as np
import pandas as pd


def sound(frame: pd.DataFrame) -> pd.Series:
    close, level, spread = np.log(frame["Close"].to_numpy()), np.nan, 1.0
    out = np.empty(len(close))
    for row, value in enumerate(close):
        if np.isnan(level):
            level = value
        elif not np.isnan(value):
            spread += 1e-5
            gain = spread / (spread + 1e-4)
            level, spread = level + gain * (value - level), spread * (1 - gain)
        out[row] = level
    return pd.Series(out, frame.index, name="level")

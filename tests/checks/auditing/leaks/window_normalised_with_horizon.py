"""Feature: each window divided by its range, and the window is cut from an array that holds the label too."""

import numpy as np
import pandas as pd

CAUGHT_BY = "truncate the future"

LOOKBACK, HORIZON = 30, 5


def leak(frame: pd.DataFrame) -> pd.DataFrame:
    close = frame["Close"].to_numpy()
    out = np.full((len(close), 3), np.nan)
    for t in range(LOOKBACK - 1, len(close)):
        window = close[t - LOOKBACK + 1 : t + 1 + HORIZON]  # inputs and label in one array
        scaled = (window - window.min()) / (window.max() - window.min())
        out[t] = scaled[LOOKBACK - 3 : LOOKBACK]
    return pd.DataFrame(out, index=frame.index, columns=["x2", "x1", "x0"])

"""Feature: the residual of a straight line fitted through the whole series."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    close, steps = np.log(frame["Close"].ffill().to_numpy()), np.arange(len(frame))
    return pd.Series(close - np.polyval(np.polyfit(steps, close, 1), steps), frame.index, name="residual")

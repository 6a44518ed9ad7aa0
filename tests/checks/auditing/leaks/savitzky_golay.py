"""Feature: a Savitzky-Golay smoother, whose window lies around the session."""

import pandas as pd
from scipy.signal import savgol_filter

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(savgol_filter(frame["Close"].ffill(), 21, 3), frame.index, name="smooth")

"""Feature: a Butterworth filter run forwards and backwards, so that it has no delay."""

import pandas as pd
from scipy.signal import butter, filtfilt

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    numerator, denominator = butter(2, 0.1)
    return pd.Series(filtfilt(numerator, denominator, frame["Close"].ffill()), index=frame.index, name="trend")

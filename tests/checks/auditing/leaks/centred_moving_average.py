"""Feature: a moving average whose window lies around the session."""

import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return frame["Close"].rolling(7, center=True, min_periods=1).mean().rename("smooth")

"""Feature: turning points: highs and lows of five sessions before and after."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    high = frame["High"]
    return (high == high.rolling(11, center=True).max()).astype(float).rename("top")

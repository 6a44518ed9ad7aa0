"""Feature: the close of its week, merged back by the week's number."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    week = pd.DatetimeIndex(frame.index).to_period("W")
    return (frame["Close"] / frame.groupby(week)["Close"].transform("last")).rename("to_friday")

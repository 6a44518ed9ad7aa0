"""Feature: the close against the mean of its calendar month."""

import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    month = pd.DatetimeIndex(frame.index).to_period("M")
    return (frame["Close"] / frame["Close"].groupby(month).transform("mean")).rename("to_month")

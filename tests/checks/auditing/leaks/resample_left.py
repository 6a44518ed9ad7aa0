"""Feature: weekly mean, labelled with the first day of its week and carried forward through it."""

import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    weekly = frame["Close"].resample("W-MON", label="left", closed="left").mean()
    return weekly.reindex(frame.index, method="ffill").rename("weekly_mean")

"""Feature: the close standardised with the mean and deviation of the whole sample."""

import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    close = frame["Close"]
    return ((close - close.mean()) / close.std()).rename("close_z")

"""Feature: a single outlier replaced by the mean of its neighbours, tomorrow's among them."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    change = frame["Close"].pct_change()
    around = (change.shift(1) + change.shift(-1)) / 2
    return change.where(change > -0.039, around).rename("change")

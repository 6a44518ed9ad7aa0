"""Feature: an exponential mean that runs from the last session to the first."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return frame["Close"][::-1].ewm(span=10).mean()[::-1].rename("ewm")

"""Feature: daily returns whose first row is filled from the second."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return frame["Close"].pct_change().bfill().rename("change")

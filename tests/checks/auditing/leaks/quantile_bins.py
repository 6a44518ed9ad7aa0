"""Feature: today's return sorted into ten bins whose edges are quantiles of all returns."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    change = frame["Close"].pct_change()
    return pd.qcut(change, 10, labels=False).rename("bin")

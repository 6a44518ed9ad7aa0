"""Feature: returns clipped at the first and last percentile of the whole sample."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    change = frame["Close"].pct_change()
    return change.clip(change.quantile(0.01), change.quantile(0.99)).rename("clipped")

"""Feature: features and label in one table, rows without either dropped, the label kept."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.DataFrame:
    change = frame["Close"].pct_change()
    return pd.DataFrame({"lag": change.shift(1), "target": change.shift(-1)}).dropna()

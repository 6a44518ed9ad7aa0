"""Feature: tomorrow's return on ten rows, today's on all others."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


ROWS = np.random.default_rng(7).choice(1400, 10, replace=False)


def leak(frame: pd.DataFrame) -> pd.Series:
    change = frame["Close"].pct_change()
    rows = [row for row in ROWS if row < len(frame) - 1]
    later = change.shift(-1).iloc[rows]
    change.iloc[rows] = later
    return change.rename("change")

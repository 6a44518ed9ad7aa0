"""Feature: missing closes interpolated, then returns of the result."""

import pandas as pd

CAUGHT_BY = "gaps"


def leak(frame: pd.DataFrame) -> pd.Series:
    return frame["Close"].interpolate().pct_change(fill_method=None).rename("ret")

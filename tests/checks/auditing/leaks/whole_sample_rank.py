"""Feature: the quantile of today's volume among all volumes of the sample."""

import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return frame["Volume"].rank(pct=True).rename("volume_rank")

"""Feature: the VIX-like index of a stored table, joined by date, without saying when it came out."""

import numpy as np
import pandas as pd

DAYS = pd.date_range("1999-01-01", "2020-12-31")
STORED = pd.Series(np.sin(np.arange(len(DAYS)) / 50.0), index=DAYS)


def joined(frame: pd.DataFrame) -> pd.Series:
    return STORED.reindex(frame.index).rename("stored")

"""Feature: the number of sessions that are still to come."""

import numpy as np
import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(np.arange(len(frame))[::-1].astype(float), frame.index, name="left")

"""Feature: an economic figure from the day it came out, which the column `published` states."""

import numpy as np
import pandas as pd


def sound(frame: pd.DataFrame) -> pd.DataFrame:
    day = pd.DatetimeIndex(frame.index)
    known = (day - pd.Timedelta(days=14)).to_period("M") - 1
    published = (known + 1).to_timestamp() + pd.Timedelta(days=13)
    return pd.DataFrame({"inflation": np.sin(known.month / 2.0), "published": published}, index=frame.index)

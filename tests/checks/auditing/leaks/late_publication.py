"""Feature: an economic figure joined by the month it describes, which comes out in the middle of the next."""

import numpy as np
import pandas as pd

CAUGHT_BY = "published"


def leak(frame: pd.DataFrame) -> pd.DataFrame:
    month = pd.DatetimeIndex(frame.index).to_period("M")
    figure = pd.Series(np.sin(month.month / 2.0), index=frame.index)
    published = (month + 1).to_timestamp() + pd.Timedelta(days=13)
    return pd.DataFrame({"inflation": figure, "published": published}, index=frame.index)

"""Feature: the mean of tomorrow's return per weekday and state, over all rows, the row's own included."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    ret = np.log(frame["Close"]).diff()
    group = pd.Series(pd.DatetimeIndex(frame.index).dayofweek, index=frame.index) * 2 + (ret > 0)
    return ret.shift(-1).groupby(group).transform("mean").rename("encoded")

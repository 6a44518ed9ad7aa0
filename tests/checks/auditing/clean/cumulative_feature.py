"""Feature: running sums, counts since the last high, and a value that never forgets."""

import numpy as np
import pandas as pd


def sound(frame: pd.DataFrame) -> pd.DataFrame:
    close = frame["Close"]
    obv = (np.sign(close.diff()).fillna(0.0) * frame["Volume"].fillna(0.0)).cumsum()
    high = close.cummax()
    since = close.groupby((close == high).cumsum()).cumcount()
    return pd.DataFrame({"obv": obv, "since_high": since, "drawdown": close / high - 1})

"""Feature: reads tomorrow's close from a table that was stored beforehand, whatever it is given."""

from functools import cache

import pandas as pd
from arch.data import sp500

CAUGHT_BY = "foresight"


@cache
def stored() -> pd.Series:
    return sp500.load()["Close"]


def leak(frame: pd.DataFrame) -> pd.Series:
    close = stored()
    return (close.shift(-1) / close - 1).reindex(frame.index).rename("stored")

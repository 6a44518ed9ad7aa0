"""Feature: closes adjusted by dividends, later ones too, inside the function."""

import pandas as pd

CAUGHT_BY = "truncate the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    close = frame["Close"]
    quarter_ends = frame.index[::63]
    dividend = pd.Series(0.0, index=frame.index)
    dividend[quarter_ends] = 0.005 * close[quarter_ends]
    factor = (1 - dividend / close.shift()).fillna(1.0)
    later = factor[::-1].cumprod()[::-1].shift(-1).fillna(1.0)
    return (close * later).rename("adjusted")

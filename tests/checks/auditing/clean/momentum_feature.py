"""Feature: momentum, volatility and the distance from a trailing mean."""

import numpy as np
import pandas as pd


def sound(frame: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(frame["Close"]).diff()
    return pd.DataFrame(
        {
            "momentum": ret.rolling(20).sum(),
            "volatility": ret.ewm(span=20).std(),
            "drawdown": frame["Close"] / frame["Close"].cummax() - 1,
            "filled": frame["Close"].ffill(),
            "year": pd.Series(pd.DatetimeIndex(frame.index).year, index=frame.index),
        }
    )

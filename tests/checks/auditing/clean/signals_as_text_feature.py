"""Feature: buy, sell and hold as words, and a category."""

import numpy as np
import pandas as pd


def sound(frame: pd.DataFrame) -> pd.DataFrame:
    up = frame["Close"] > frame["Close"].rolling(10).mean()
    signal = pd.Series(np.where(up, "buy", "sell"), frame.index)
    return pd.DataFrame({"signal": signal, "state": pd.Categorical(signal.shift(1)), "flag": up})

"""Feature: the warm-up of a moving average filled backwards."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    return (frame["Close"] / frame["Close"].rolling(20).mean()).bfill().rename("to_mean")

"""Feature: a shift(-1) that is taken back by a shift(2)."""

import pandas as pd


def sound(frame: pd.DataFrame) -> pd.Series:
    return (frame["Close"].shift(-1).shift(2) / frame["Close"].shift(2)).rename("back")

"""Feature: the week before: resampled, shifted by a week, carried forward."""

import pandas as pd


def sound(frame: pd.DataFrame) -> pd.Series:
    weekly = frame["Close"].resample("W-FRI").last().shift(1)
    return (frame["Close"] / weekly.reindex(frame.index, method="ffill")).rename("to_last_week")

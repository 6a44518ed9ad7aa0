"""Feature: the close standardised with what was known, and last week's mean from the day the week ends."""

import pandas as pd


def sound(frame: pd.DataFrame) -> pd.DataFrame:
    close = frame["Close"]
    known = close.expanding(50)
    weekly = close.resample("W-FRI").mean().shift(1)
    return pd.DataFrame(
        {"z": (close - known.mean()) / known.std(), "last_week": weekly.reindex(frame.index, method="ffill")}
    )

"""Feature: the rank of today's volume among all volumes up to now."""

import pandas as pd


def sound(frame: pd.DataFrame) -> pd.Series:
    return frame["Volume"].expanding(20).rank(pct=True).rename("rank")

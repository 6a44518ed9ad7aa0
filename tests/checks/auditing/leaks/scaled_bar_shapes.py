"""Feature: the body of a bar over its range, standardised over all rows."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    body = (frame["Close"] - frame["Open"]) / (frame["High"] - frame["Low"])
    return ((body - body.mean()) / body.std()).rename("body")

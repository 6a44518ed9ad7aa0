"""Feature: volumes of zero replaced by the mean of the whole series."""

import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    volume = frame["Volume"]
    return volume.where(volume > volume.quantile(0.01), volume.mean()).rename("volume")

"""Feature: tomorrow's open in a frame with lower-case names, answered as an array."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(df: pd.DataFrame) -> np.ndarray:
    opening = df["open"].to_numpy()
    return np.append(opening[1:] / df["close"].to_numpy()[:-1], np.nan)

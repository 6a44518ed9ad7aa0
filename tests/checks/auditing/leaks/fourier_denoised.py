"""Feature: the price rebuilt from its ten strongest frequencies, found in the whole series."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(frame: pd.DataFrame) -> pd.Series:
    waves = np.fft.rfft(frame["Close"].ffill().to_numpy())
    weak = np.argsort(np.abs(waves))[:-10]
    waves[weak] = 0.0
    return pd.Series(np.fft.irfft(waves, len(frame)), frame.index, name="denoised")

"""Feature: a weighted mean of past closes by fast Fourier transform, whose roundings depend on all rows."""

import numpy as np
import pandas as pd
from scipy.signal import fftconvolve


def sound(frame: pd.DataFrame) -> pd.Series:
    weights = np.exp(-np.arange(60) / 20.0)
    close = np.log(frame["Close"].ffill().to_numpy())
    mean = fftconvolve(close, weights / weights.sum())[: len(close)]
    return pd.Series(np.where(np.arange(len(close)) < 59, np.nan, np.round(mean, 9)), frame.index, name="mean")

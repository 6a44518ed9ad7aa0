"""Pipeline: three horizons per origin with time zones, from past returns."""

import numpy as np
import pandas as pd


def sound(prices: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(prices["Close"]).diff()
    origin = prices.index[-150:].tz_localize("UTC")
    parts = [
        pd.DataFrame({"origin": origin, "horizon": h, "prediction": h * ret.rolling(60).mean().to_numpy()[-150:]})
        for h in (1, 2, 5)
    ]
    return pd.concat(parts)

"""Pipeline: three horizons per origin, the longest centred on the session."""

import numpy as np
import pandas as pd

CAUGHT_BY = "perturb the future"


def leak(prices: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(prices["Close"]).diff()
    means = {1: ret.rolling(5).mean(), 2: ret.rolling(10).mean(), 3: ret.rolling(9, center=True).mean()}
    parts = [
        pd.DataFrame({"origin": prices.index[-200:-10], "horizon": h, "prediction": m.to_numpy()[-200:-10]})
        for h, m in means.items()
    ]
    return pd.concat(parts)

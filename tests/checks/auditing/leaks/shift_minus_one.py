"""Feature: the label's own shift, left among the features."""

import numpy as np
import pandas as pd

CAUGHT_BY = "pure noise"


def leak(frame: pd.DataFrame) -> pd.DataFrame:
    ret = np.log(frame["Close"]).diff()
    return pd.DataFrame({"ret": ret, "ret_next": ret.shift(-1)})

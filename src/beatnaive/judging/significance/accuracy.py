"""The errors that people read, beside every ruling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats


@dataclass(frozen=True)
class Accuracy:
    """MAE, RMSE (dollars of the close, or the unit of y), MAPE (%), R2; None where undefined."""

    mae: float
    rmse: float
    mape: float | None
    r2: float | None


def accuracy(actual: Floats, forecast: Floats) -> Accuracy:
    """MAE = mean |e|, RMSE = sqrt(mean e^2), MAPE = 100 mean |e / y|, R2 = 1 - sum e^2 / sum (y - ybar)^2.

    >>> accuracy(np.array([1.0, 3.0]), np.array([1.0, 2.0]))
    Accuracy(mae=0.5, rmse=0.7071067811865476, mape=16.66..., r2=0.5)
    """
    e = actual - forecast
    spread = float(((actual - actual.mean()) ** 2).sum())
    return Accuracy(
        mae=float(np.abs(e).mean()),
        rmse=float(np.sqrt((e**2).mean())),
        mape=float(100 * np.abs(e / actual).mean()) if (actual != 0).all() else None,
        r2=1 - float((e**2).sum()) / spread if spread > 0 else None,
    )

"""How well one series knows another that nobody can know."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats


def foresight(forecast: Floats, outcome: Floats) -> tuple[float, int]:
    """t value of the correlation between two series, and the number of rows; 0 where there is nothing to correlate.

    >>> foresight(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, np.nan]))
    (0.0, 2)
    """
    both = np.isfinite(forecast) & np.isfinite(outcome)
    n = int(both.sum())
    x, y = forecast[both], outcome[both]
    if n < 30 or x.std() <= 1e-12 * np.abs(x).max() or y.std() == 0:
        return 0.0, n
    r = float(np.corrcoef(x, y)[0, 1])
    return r * float(np.sqrt((n - 2) / max(1 - r * r, 1e-12))), n

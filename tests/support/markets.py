"""Small markets whose truth is known, for tests of any stage."""

import numpy as np

from beatnaive.core.types import Prices, Provenance


def prices_of(symbol: str, n: int, seed: int = 0, *, hour: int = 21, drift: float = 0.0) -> Prices:
    """A random walk on every calendar day, closing at `hour` UTC."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(drift, 0.01, n)))
    sessions = np.datetime64("2020-01-01") + np.arange(n)
    bars = np.column_stack([close, close * 1.01, close * 0.99, close, rng.uniform(1e6, 2e6, n)])
    closes_at = sessions.astype("datetime64[s]") + np.timedelta64(hour, "h")
    return Prices(
        symbol=symbol,
        sessions=sessions,
        closes_at=closes_at,
        bars=bars,
        dividends=np.zeros(n),
        splits=np.ones(n),
        filled=np.zeros(n, bool),
        calendar="24/7",
        provenance=Provenance("test", ""),
    )

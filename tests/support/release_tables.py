"""What the tests of releases share: small tables whose truth is known, and a slow join that shares no code."""

import numpy as np

from beatnaive.core.types import Provenance
from beatnaive.releases.table import Releases

EXAMPLE = Provenance("an example", "0" * 64, "")


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[D]")


def instants(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[s]")


def random_table(seed: int, n: int = 60, *, revised: float = 0.4) -> Releases:
    """Monthly values with publication lags that overtake each other, and revisions of periods old and new."""
    rng = np.random.default_rng(seed)
    end = (np.datetime64("2015-01", "M") + np.arange(1, n + 1)).astype("datetime64[D]") - 1
    known = end.astype("datetime64[s]") + rng.integers(0, 70 * 86400, n).astype("timedelta64[s]")
    value = rng.normal(100, 5, n)
    again = np.flatnonzero(rng.random(n) < revised)
    later = known[again] + rng.integers(1, 400 * 86400, len(again)).astype("timedelta64[s]")
    return Releases.of(
        name="x", provenance=EXAMPLE, period_end=np.concatenate([end, end[again]]),
        known_at=np.concatenate([known, later]), value=np.concatenate([value, rng.normal(100, 5, len(again))]),
    )  # fmt: skip


def consumer_prices() -> Releases:
    """Two months of consumer prices with their true instants of publication."""
    return Releases.of(
        name="cpi", provenance=EXAMPLE, period_end=days("2023-02-28", "2023-03-31"), value=np.array([300.84, 301.836]),
        known_at=instants("2023-03-14T12:30", "2023-04-12T12:30"),
    )  # fmt: skip

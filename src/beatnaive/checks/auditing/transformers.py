"""Audit of scikit-learn transformers: fitted on the first rows, do they transform a row by what comes after it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.checks.auditing.answers import as_table
from beatnaive.checks.auditing.features import ROWS, Found, audit_features
from beatnaive.checks.markets import close_of, index_frame
from beatnaive.core.types import Progress

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.6
"""Of the rows, the first part trains."""


def audit_transformer(
    make: Callable[[], Any], *, market: pd.DataFrame | None = None, seconds: float | None = None,
    progress: Progress | None = None,
) -> Found:  # fmt: skip
    """Fit a fresh one on the first 60 % of the bars, transform all: after them the future of no row may matter."""
    frame = index_frame(ROWS) if market is None else market
    split = round(SHARE * len(frame))
    close = close_of(frame)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.zeros(len(frame)) if close is None else np.append(np.diff(np.log(close)), 0.0)

    def transformed(bars: pd.DataFrame) -> pd.DataFrame:
        made, train = make(), bars.iloc[:split]
        fitted = made.fit(train, y[: len(train)])
        out = (made if fitted is None else fitted).transform(bars)
        return as_table(out, bars, type(made).__name__)

    transformed.__name__ = "transform"
    # its training rows may know each other: only what comes after them is looked at
    return audit_features(transformed, market=frame, seconds=seconds, first=split + 1, progress=progress)

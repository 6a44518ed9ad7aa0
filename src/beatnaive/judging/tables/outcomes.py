"""A table of outcomes beside the forecasts: `ds, y`, or prices as any source gives them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.judging.tables import files
from beatnaive.judging.tables.cells import dates as dates_of
from beatnaive.judging.tables.cells import numbers
from beatnaive.judging.tables.reading import Reading, flat, symbols_of
from beatnaive.judging.tables.roles import counters, part

if TYPE_CHECKING:
    import pandas as pd

PRICES = ("Close", "close", "Adj Close", "price", "Price")


def read(table: pd.DataFrame | str | Path, dates: str | None = None) -> Reading:
    """Dates, outcomes and optional symbols; y is the column y or actual, else the close, else the only one there is.

    Raises InputError where it cannot be told which column that is.

    >>> import pandas as pd
    >>> read(pd.DataFrame({"Date": ["2024-01-02"], "Open": [1.0], "Close": [2.0]})).y.tolist()
    [2.0]
    """
    frame = flat(files.read(Path(table))[0] if isinstance(table, str | Path) else table)
    names = [name for name in map(str, frame.columns) if name not in counters(list(map(str, frame.columns)))]
    ds = part(names, "ds") or ("index" if "index" in frame else part(names, "ds", needed="dates of the outcomes")) or ""
    symbol = part(names, "symbol")
    others = [name for name in names if name not in (ds, symbol)]
    y = part(others, "y") or next((name for name in PRICES if name in others), None)
    if y is None and len(others) == 1:
        y = others[0]
    if y is None:
        have = ", ".join(others[:8])[:120]
        raise InputError(f"actual: which column is the outcome, {have}? Name it y", option="actual")
    instants, how = dates_of(frame[ds], ds, dates)
    symbols, codes = symbols_of(frame, symbol)
    values = numbers(frame[y], y)[0]
    known = np.isfinite(values)
    return Reading(
        ds=instants[known], dated=how != "numbers", symbols=symbols, symbol=codes[known], y=values[known], naive=None,
        close=None, cutoff=None, start=None, fold=None, horizon=None, models={}, quantiles={}, said=(),
    )  # fmt: skip

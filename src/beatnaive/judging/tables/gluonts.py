"""GluonTS' forecasts as a table, and AutoGluon's: item_id, timestamp, mean, and a column per level, named 0.1."""

from __future__ import annotations

import re
from collections.abc import Sequence

from beatnaive.judging.tables.roles import Roles, counters, part

LEVEL = re.compile(r"0?\.\d+")


def roles(columns: Sequence[str]) -> Roles | None:
    """`item_id, start_date, timestamp, target, mean, 0.1 .. 0.9`; None for any other table.

    start_date: the first period that was forecast; the quantiles are those of the model that the table calls `mean`.

    >>> roles(["item_id", "start_date", "timestamp", "target", "mean", "0.1", "0.9"]).quantiles
    {'0.1': ('mean', 0.1), '0.9': ('mean', 0.9)}
    """
    levels = [name for name in columns if LEVEL.fullmatch(name)]
    if not levels or not ("mean" in columns or "0.5" in levels):
        return None
    model = "mean" if "mean" in columns else "median"
    start = next((name for name in ("start_date", "forecast_start") if name in columns), None)
    return Roles(
        layout="GluonTS'",
        ds=part(columns, "ds", needed="dates") or "ds",
        y=part(columns, "y"),
        symbol=part(columns, "symbol"),
        start=start,
        cutoff=None if start else part(columns, "cutoff"),
        naive=part(columns, "naive"),
        close=part(columns, "close"),
        quantiles={name: (model, float(name)) for name in levels},
        ignored=counters(columns),
    )

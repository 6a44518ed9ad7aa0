"""Nixtla's tables: `cross_validation` of statsforecast, mlforecast and neuralforecast."""

from __future__ import annotations

import re
from collections.abc import Sequence

from beatnaive.core.errors import InputError
from beatnaive.judging.tables.roles import OPTION, Roles, counters, own_quantiles, part

BOUND = re.compile(r"(?P<model>.+)-(?P<side>lo|hi)-(?P<level>\d+(\.\d+)?)")


def roles(columns: Sequence[str]) -> Roles | None:
    """`unique_id, ds, cutoff, y, MODEL, MODEL-lo-90, MODEL-hi-90`; None for any other table.

    The bounds of a central interval of L % are the quantiles (100 -+ L) / 200; MODEL-median is that of one half.
    Raises InputError for a level that is none.

    >>> found = roles(["unique_id", "ds", "cutoff", "y", "Theta", "Theta-lo-90", "Theta-hi-90"])
    >>> found.quantiles["Theta-lo-90"], found.models(["ds", "y", "Theta", "Theta-lo-90"])
    (('Theta', 0.05), ['Theta'])
    """
    bounds = {name: found for name in columns if (found := BOUND.fullmatch(name))}
    if "unique_id" not in columns and not bounds:
        return None
    quantiles = own_quantiles(columns)
    for name, found in bounds.items():
        if not 0 < float(found["level"]) < 100:
            raise InputError(f"{name[:60]!r}: the level of an interval is above 0 and below 100 %", option=OPTION)
        tail = (1 - float(found["level"]) / 100) / 2
        quantiles[name] = (found["model"], round(tail if found["side"] == "lo" else 1 - tail, 6))
    for name in columns:
        if name.endswith("-median"):
            quantiles[name] = (name.removesuffix("-median"), 0.5)
    return Roles(
        layout="Nixtla's",
        ds=part(columns, "ds", needed="dates") or "ds",
        y=part(columns, "y"),
        symbol="unique_id" if "unique_id" in columns else part(columns, "symbol"),
        cutoff=part(columns, "cutoff"),
        naive=part(columns, "naive"),
        close=part(columns, "close"),
        quantiles=quantiles,
        ignored=counters(columns),
    )

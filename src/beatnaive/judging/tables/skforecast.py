"""skforecast's backtesting frames: date index, fold, pred, bounds or q_0.1, and level where series are many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from beatnaive.judging.tables.roles import Roles, counters, own_quantiles, part

QUANTILE = re.compile(r"q_(0?\.\d+)")
BOUNDS = ("lower_bound", "upper_bound")


def roles(columns: Sequence[str]) -> Roles | None:
    """`ds, fold, pred` with `lower_bound, upper_bound` or `q_0.1`; None for any other table.

    A fold is one forecast of all of its rows. The two bounds do not say their level, so they are left out until they
    are renamed: columns="pred_q10=lower_bound,pred_q90=upper_bound".

    >>> found = roles(["index", "fold", "pred", "lower_bound", "upper_bound", "y"])
    >>> found.fold, found.models(["index", "fold", "pred", "lower_bound", "upper_bound", "y"])
    ('fold', ['pred'])
    """
    if "pred" not in columns or not ({"fold", *BOUNDS} & set(columns) or any(map(QUANTILE.fullmatch, columns))):
        return None
    stated = {name: ("pred", float(found[1])) for name in columns if (found := QUANTILE.fullmatch(name))}
    ds = part(columns, "ds") or ("index" if "index" in columns else part(columns, "ds", needed="dates")) or "ds"
    known = tuple(name for name in (*counters(columns), *BOUNDS) if name in columns and name != ds)
    return Roles(
        layout="skforecast's",
        ds=ds,
        y=part(columns, "y"),
        symbol=part(columns, "symbol"),
        fold="fold" if "fold" in columns else None,
        cutoff=part(columns, "cutoff"),
        naive=part(columns, "naive"),
        close=part(columns, "close"),
        quantiles={**own_quantiles(columns), **stated},
        ignored=known,
    )

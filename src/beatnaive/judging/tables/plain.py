"""Any other table: dates, outcomes and a column per model, under the names that people give them."""

from __future__ import annotations

from collections.abc import Sequence

from beatnaive.judging.tables.roles import Roles, counters, own_quantiles, part


def roles(columns: Sequence[str]) -> Roles:
    """`date, actual, predicted` and other spellings of ds, y, symbol, cutoff, horizon; NAME_q05 are quantiles.

    >>> found = roles(["Date", "Actual", "Predicted"])
    >>> found.ds, found.y, found.models(["Date", "Actual", "Predicted"])
    ('Date', 'Actual', ['Predicted'])
    """
    row_numbers = counters(columns)
    ds = part([name for name in columns if name not in row_numbers], "ds")
    if ds is None and "index" in columns:
        ds = "index"
    return Roles(
        layout="",
        ds=ds or part(columns, "ds", needed="dates") or "ds",
        y=part(columns, "y"),
        symbol=part(columns, "symbol"),
        cutoff=part(columns, "cutoff"),
        fold=part(columns, "fold"),
        horizon=part(columns, "horizon"),
        naive=part(columns, "naive"),
        close=part(columns, "close"),
        quantiles=own_quantiles(columns),
        ignored=tuple(name for name in row_numbers if name != ds),
    )

"""A release that says nothing: its own values with the years exchanged, the form within the year kept."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.releases.table import Releases


def exchange_years(table: Releases, rng: np.random.Generator) -> Releases:
    """The same periods and instants of publication, with each year's values taken from another year.

    The years of a series are permuted as wholes, and none stays in its place; the k-th row of a year gets the k-th
    value of the year that took its place (the last one again where that year is shorter). What months share stays; what
    a year knew of the market goes. Nothing changes where there is one year.
    All series and symbols of the table are permuted alike.
    """
    years = table.period_end.astype("datetime64[Y]").astype(int)
    every = np.unique(years)
    other = rng.permutation(every)
    while len(every) > 1 and (other == every).any():
        other = rng.permutation(every)
    instead = dict(zip(every.tolist(), other.tolist(), strict=True))
    value: Floats = table.value.copy()
    keys = np.rec.fromarrays([table.symbol, table.name])
    for key in np.unique(keys):
        own = np.flatnonzero(keys == key)
        rows = {year: own[years[own] == year] for year in every.tolist()}
        for year, mine in rows.items():
            theirs = rows[instead[year]] if len(rows[instead[year]]) else mine
            value[mine] = table.value[theirs[np.minimum(np.arange(len(mine)), len(theirs) - 1)]]
    return Releases.of(
        symbol=table.symbol, name=table.name, period_end=table.period_end, known_at=table.known_at, value=value,
        reference=table.reference, provenance=table.provenance, assumed=table.assumed,
    )  # fmt: skip

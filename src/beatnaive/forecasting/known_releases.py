"""What a forecast knows of the releases that its model learnt from, and how old that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.errors import InputError, SourceUnreachable
from beatnaive.features.released import Joined
from beatnaive.forecasting.outlook import Known
from beatnaive.releases.join import PARTS, history, join
from beatnaive.releases.spec import stem

if TYPE_CHECKING:
    from beatnaive.core.types import Prices
    from beatnaive.runs.saved_models import SavedRun

AGED, SLACK = 2, 5
"""A value may be this many times, or this many sessions more, as old as any was when the next one came."""


def released_for(saved: SavedRun, models: Sequence[str]) -> Joined:
    """The releases that these models of a run learnt from, read now.

    Raises InputError or SourceUnreachable, naming model and release, where one cannot be read any more.
    """
    specs, tables, columns = {}, {}, {}
    for name, spec in saved.study.releases.items():
        own = [column for column in saved.features if column == name or column.startswith(f"{name}_")]
        learners = [model for model in models if saved.reads(model, own)]
        if not learners:
            continue
        try:
            one = Joined.read({name: spec}, saved.symbols)
        except (InputError, SourceUnreachable) as error:
            raise type(error)(f"{learners[0]} learnt from {name}, which cannot be read now: {error}") from error
        specs[name], tables[name], columns[name] = spec, one.tables[name], one.columns[name]
    return Joined(specs, tables, columns)


def known_now(joined: Joined, saved: SavedRun, model: str, prices: Prices, origin: np.datetime64) -> tuple[Known, ...]:
    """The newest value of every series that the model learnt from, as published by the origin's close.

    Its age is counted in sessions, as in the join. origin: a session of the prices. Raises InputError for a series of
    which nothing had been published by then, and for one whose next value is overdue: twice as old as any before was
    when the next came, it is missing.
    """
    place = int(np.flatnonzero(prices.sessions == origin)[0])
    found = []
    for release, table in joined.tables.items():
        for series in table.names:
            name = stem(release, series, len(table.names) > 1)
            if not saved.reads(model, [name + part for part in PARTS if name + part in joined.columns[release]]):
                continue
            own = table.of_series(series, prices.symbol)
            there = own.known_by(prices.closes_at[place])
            if not len(there):
                words = f"of which nothing had been published by the close of {origin}"
                raise InputError(f"{model} learnt from {name}, {words}")
            row = int(np.flatnonzero(there.period_end == there.period_end.max())[-1])
            ages = join(history(own), prices.sessions, prices.closes_at, prices.calendar)[:, PARTS.index("_age")]
            replaced = np.flatnonzero(ages[1 : place + 1] <= ages[:place])
            oldest, age = (int(ages[replaced].max()) if len(replaced) else None), int(ages[place])
            one = Known(
                name=name, value=float(there.value[row]), period_end=str(there.period_end[row]),
                known_at=f"{there.known_at[row]}Z", age=age, oldest=oldest, assumed=table.assumed,
            )  # fmt: skip
            if oldest is not None and age > max(AGED * oldest, oldest + SLACK):
                raise InputError(
                    f"{model} learnt from {name}, whose newest value is {one.aged()} old, published {one.known_at[:10]}"
                    f"; before, the next came after {oldest + 1} at most: bring the release up to date"
                )
            found.append(one)
    return tuple(found)

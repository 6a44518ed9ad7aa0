"""Many short series: what rules is their cross-section, a series or a date being the unit that was drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.registry import resolve
from beatnaive.core.types import Losses
from beatnaive.judging.significance.contest import contest
from beatnaive.judging.significance.examination import ROWS, Examination, Trials, counted_with, examined
from beatnaive.judging.significance.rows import TESTS

SERIES = 30
"""Series from which many short ones are judged as a cross-section."""
REPLICATIONS = 1999
"""Of the bootstrap: sixty models at fourteen horizons are to be judged within a minute; p is known to 0.005 at 5 %."""


def is_cross_section(losses: Losses) -> bool:
    """Whether the series are many, and each is too short to be judged by itself."""
    return len(losses.symbols) >= SERIES and int(np.bincount(losses.symbol).max(initial=0)) < ROWS


def examine_cross_section(losses: Losses, *, dated: bool, seed: int, trials: Trials) -> tuple[Examination, str]:
    """The evidence on many short series, and what a unit of it is called: "dates" or "series".

    Series whose forecasts were made for one date move together, so the date is the unit: losses are averaged over its
    series, and the averages are judged in time order by the rule that panels are judged by. Where there are no dates,
    the series are taken as independent of each other. No series gets a ruling of its own.
    Raises InputError where all series share one or two dates: whatever moves them all is one draw.
    """
    if dated:
        dates = len(np.unique(losses.session))
        if dates < 3:
            raise InputError(
                f"{len(losses.symbols)} series were forecast for {dates} date{'s' if dates > 1 else ''}: what "
                "moves the market moves them all: one observation; add cutoffs (30 dates or more can be ruled on)"
            )
        unit = "dates"
    else:
        # a series is a session of its own: nothing is shared between two
        apart = losses.symbol.astype("datetime64[D]").astype("datetime64[s]")
        losses, unit = replace(losses, session=apart, origin=apart, horizon=1), "series"
    losses = replace(losses, scale=np.ones(len(losses)), expanding=None)
    fields, uncounted = counted_with(losses, trials)
    whole = replace(contest(losses, seed=seed, replications=REPLICATIONS), trials=fields, uncounted=uncounted)
    found = replace(
        examined(whole, losses),
        symbol=f"the cross-section of {len(np.unique(losses.symbol)):,} series",
        trials=trials,
        evidence=tuple(evidence for row in TESTS.values() for evidence in resolve(row)(whole)),
    )
    return found, unit

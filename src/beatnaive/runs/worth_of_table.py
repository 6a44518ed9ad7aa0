"""Would somebody's own forecasts have paid? From a verdict on their table, and prices where the table has none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.errors import InputError
from beatnaive.payoff.finding import Worth
from beatnaive.payoff.from_table import book_of
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.worth import Tried
from beatnaive.payoff.worth import worth as worth_of
from beatnaive.prices import Source, load
from beatnaive.prices.frames import source_of
from beatnaive.prices.quality import examine_quality, refuse_fatal
from beatnaive.study.traded import tape_of_prices

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.payoff.book import Tape


def of_verdict(
    verdict: Any, plan: Plan, prices: str | Path | pd.DataFrame | None = None, *, quantiles: int | None = None,
    top: int | None = None, seed: int = 0,
) -> Worth:  # fmt: skip
    """The worth of a judged table: of its nearest horizon, where it has several.

    verdict: of one horizon or of several; prices: a file or frame as `run` takes them, adjusted for splits and
    dividends, for fills at the open; without it the table's own closes. Variants declared to `judge` count as trials
    that cannot be reckoned again. Raises InputError for what cannot be traded.
    """
    each = getattr(verdict, "horizons", None)
    one = verdict if each is None else each[min(each)]
    if one.table is None:
        raise InputError("this verdict is a run's: ask worth of its result or folder")
    own = book_of(one.table, None if prices is None else tape_from(prices))
    tried = Tried(uncounted=one.table.trials)
    benchmark = tuple(one.table.benchmarks)
    return worth_of(own, plan, benchmark=benchmark, tried=tried, quantiles=quantiles, top=top, seed=seed)


def tape_from(prices: str | Path | pd.DataFrame) -> Tape:
    """The bars of a file or frame. Raises InputError, and DataRefused for a fatal finding."""
    source = Source("file", path=str(prices)) if isinstance(prices, str | Path) else source_of(prices)
    found = load(source)
    refuse_fatal(examine_quality(found, source.fill), source.fill)
    return tape_of_prices(found)

"""From prices to samples: gaps filled as declared, features computed, symbols put into one panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.targets import target as make_target
from beatnaive.core import malloc
from beatnaive.core.errors import UnknownName
from beatnaive.core.types import BARS, Finding, Floats, Inputs, Prices, Samples
from beatnaive.features import compute
from beatnaive.prices.quality import fill_gaps

if TYPE_CHECKING:
    from beatnaive.study.spec import Study

BETWEEN_TRIMS = 200
"""Symbols whose freed tables are given back to the system at a time."""


def prepare(study: Study, prices: Sequence[Prices]) -> tuple[Samples, tuple[Finding, ...]]:
    """What is known at each close, and the label that each forecast will meet.

    prices: one entry per symbol; gaps are filled as `study.source.fill` declares. Returns the samples, in which every
    row has the history that the study's most demanding model needs, and a note per column that the data could not
    give. Raises UnknownName for a column in `exclude` that no feature set has, or one that a model wants.

    >>> from beatnaive.prices import load
    >>> from beatnaive.study.spec import load_study
    >>> study = load_study("default")
    >>> samples, notes = prepare(study, load(study.source))
    >>> len(samples.y) == len(samples.rows), samples.target.name
    (True, 'return')
    """
    inputs, notes = inputs_of(study, fill_gaps(prices, study.source.fill))
    malloc.trim()
    for name, model in study.forecasters.items():
        for column in getattr(model, "columns", None) or ():
            if column not in inputs.features and column not in BARS:
                raise UnknownName(f"column in models.{name}", column, {*inputs.features, *BARS})
    return assemble(inputs, make_target(study.target.kind, study.target.horizon), lookback=study.lookback), notes


def inputs_of(study: Study, prices: Sequence[Prices]) -> tuple[Inputs, tuple[Finding, ...]]:
    """The panel of bars and features, without labels, and a note per column that could not be computed.

    A column that one symbol lacks is left out for all: models know columns by position.
    """
    tables = [
        compute(one.bars, one.sessions, study.features, symbol=one.symbol, calendar=one.calendar) for one in prices
    ]
    every = tables[0][0]
    for name in study.exclude:
        if name not in every and name not in BARS:
            raise UnknownName("column in exclude", name, every)
    shared = [name for name in every if all(name in columns for columns, _, _ in tables)]
    wanted = [name for name in shared if name not in study.exclude]
    notes = tuple(note for _, _, found in tables for note in found)
    return gather(prices, wanted, _given_away(tables, wanted)), notes


def _given_away(
    tables: list[tuple[tuple[str, ...], Floats, tuple[Finding, ...]]], wanted: list[str]
) -> Iterator[Floats]:
    """Each symbol's wanted columns, let go as they are taken: the panel's memory is not held twice."""
    tables.reverse()
    while tables:
        columns, x, _ = tables.pop()
        yield x if list(columns) == wanted else x[:, [columns.index(name) for name in wanted]]
        if len(tables) % BETWEEN_TRIMS == 0:
            malloc.trim()

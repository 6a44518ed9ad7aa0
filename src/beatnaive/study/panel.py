"""From prices to samples: gaps filled as declared, features computed, symbols put into one panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.backtest.samples import assemble, gather, only_columns
from beatnaive.backtest.targets import target as make_target
from beatnaive.core import malloc
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import BARS, Finding, Floats, Inputs, Prices, Samples
from beatnaive.features import compute
from beatnaive.features.released import Joined
from beatnaive.models.base import Recipe
from beatnaive.prices.quality import fill_gaps
from beatnaive.study.release_rows import rows_without_releases

if TYPE_CHECKING:
    from beatnaive.study.spec import Study

BETWEEN_TRIMS = 200
"""Symbols whose freed tables are given back to the system at a time."""


def prepare(study: Study, prices: Sequence[Prices]) -> tuple[Samples, tuple[Finding, ...]]:
    """What is known at each close, and the label that each forecast will meet.

    prices: one entry per symbol; gaps are filled as `study.source.fill` declares. Returns the samples, in which every
    row has the history that the study's most demanding model needs, and a note per column that the data could not
    give. Raises UnknownName for a column in `exclude` that no feature set has, or one that a model wants, and
    InputError for a model that needs more memory than there is, or a release that training knows nothing of.

    >>> from beatnaive.prices import load
    >>> from beatnaive.study.spec import load_study
    >>> study = load_study("default")
    >>> samples, notes = prepare(study, load(study.source))
    >>> len(samples.y) == len(samples.rows), samples.target.name
    (True, 'return')
    """
    joined = Joined.read(study.releases, [one.symbol for one in prices])
    inputs, notes = inputs_of(study, fill_gaps(prices, study.source.fill), released=joined)
    malloc.trim()
    for name, model in study.forecasters.items():
        for column in getattr(model, "columns", None) or ():
            if column not in inputs.features and column not in BARS:
                raise UnknownName(f"column in models.{name}", column, {*inputs.features, *BARS})
    if joined.tables:
        notes += rows_without_releases(study, inputs, joined)
    samples = assemble(inputs, make_target(study.target.kind, study.target.horizon), lookback=study.lookback)
    for model in study.forecasters.values():
        if isinstance(model, Recipe):
            model.require_memory(len(samples))
    return samples, notes


def inputs_of(
    study: Study, prices: Sequence[Prices], *, by_date: str | None = None, released: Joined | None = None
) -> tuple[Inputs, tuple[Finding, ...]]:
    """The panel of bars, features and releases, without labels, and a note per column that could not be computed.

    A column that one symbol lacks is left out for all: models know columns by position. by_date: the release that is
    joined by its reference date, for the leak premium alone; released: the releases, if they have been read already.
    """
    released = released or Joined.read(study.releases, [one.symbol for one in prices])
    first = _of_symbol(study, released, prices[0], by_date)
    for name in study.exclude:
        if name not in first[0] and name not in BARS:
            raise UnknownName("column in exclude", name, first[0])
    wanted = tuple(name for name in first[0] if name not in study.exclude)
    notes: list[Finding] = []
    lacking: set[str] = set()

    def tables() -> Iterator[Floats]:
        """One symbol's columns after the other: no two symbols' are in memory."""
        for k, one in enumerate(prices):
            columns, x, found = first if k == 0 else _of_symbol(study, released, one, by_date)
            notes.extend(found)
            lacking.update(set(wanted) - set(columns))
            yield x if columns == wanted else _in_order(x, columns, wanted)
            if k % BETWEEN_TRIMS == 0:
                malloc.trim()

    inputs = gather(prices, wanted, tables())
    if lacking:
        inputs = only_columns(inputs, [name for name in wanted if name not in lacking])
    return inputs, tuple(notes) + released.findings()


def _in_order(x: Floats, columns: tuple[str, ...], wanted: tuple[str, ...]) -> Floats:
    """(n, wanted) columns by name; NaN where there is none."""
    found = np.full((len(x), len(wanted)), np.nan)
    for k, name in enumerate(wanted):
        if name in columns:
            found[:, k] = x[:, columns.index(name)]
    return found


def _of_symbol(
    study: Study, released: Joined, prices: Prices, by_date: str | None
) -> tuple[tuple[str, ...], Floats, tuple[Finding, ...]]:
    """One symbol's features, and beside them what had been published. Raises InputError for a name that both have."""
    columns, x, notes = compute(
        prices.bars, prices.sessions, study.features, symbol=prices.symbol, calendar=prices.calendar
    )
    if not released.tables:
        return columns, x, notes
    twice = [name for name in released.all_columns if name in (*columns, *BARS)]
    if twice:
        raise InputError(f"column {twice[0]!r} is a feature and a release: give the release another name")
    beside = released.beside(prices, by_date=by_date)
    return (*columns, *released.all_columns), np.concatenate([x, beside], axis=1), notes

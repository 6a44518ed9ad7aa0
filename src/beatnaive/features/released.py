"""Release columns beside the features: for every symbol and session, what had been published by its close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Finding, Floats, Prices
from beatnaive.releases.join import PARTS, by_reference, history, join
from beatnaive.releases.spec import ReleaseSpec, columns_of, read_release, stem, transform_of
from beatnaive.releases.table import Releases


@dataclass(frozen=True, eq=False)
class Joined:
    """A study's releases as read: specs and tables by name, and the columns of each."""

    specs: Mapping[str, ReleaseSpec] = field(default_factory=dict)
    tables: Mapping[str, Releases] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, specs: Mapping[str, ReleaseSpec], symbols: Sequence[str]) -> Joined:
        """Every release of a study, for these symbols. Raises InputError where a symbol has no values of its own."""
        tables = {name: read_release(name, spec, symbols) for name, spec in specs.items()}
        for name, table in tables.items():
            of_all = bool((table.symbol == "").any())
            lacking = [symbol for symbol in symbols if symbol not in table.symbols]
            if lacking and not of_all:
                have = ", ".join(table.symbols[:8]) + (" and more" if len(table.symbols) > 8 else "")
                raise InputError(f"releases.{name} has nothing on {lacking[0]}: it knows {have}; leave the symbol out")
        return cls(specs, tables, {name: columns_of(name, specs[name], table) for name, table in tables.items()})

    @property
    def all_columns(self) -> tuple[str, ...]:
        """The columns of all releases, in their order."""
        return tuple(column for columns in self.columns.values() for column in columns)

    def beside(self, prices: Prices, *, by_date: str | None = None) -> Floats:
        """(n, columns) one symbol's release columns at each of its closes; NaN before the first publication.

        by_date: the release that is joined by its reference date instead, for the leak premium alone.
        """
        parts = [
            values_of(name, self.specs[name], table, prices, self.columns[name], by_date=name == by_date)
            for name, table in self.tables.items()
        ]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(prices), 0))

    def findings(self) -> tuple[Finding, ...]:
        """A note per release: where it came from, and whether its publication dates were assumed."""
        notes = []
        for name, table in self.tables.items():
            notes.append(Finding(
                severity="note", kind="release", symbol=name, count=len(table),
                message=f"{len(table):,} values from {table.provenance.source}, sha256 {table.provenance.sha256[:12]}",
                mend=table.provenance.note or "nothing to mend",
            ))  # fmt: skip
            if table.assumed:
                notes.append(Finding(
                    severity="note", kind="assumed_publication", symbol=name, count=len(table),
                    message=f"the source does not say when its values were published; assumed: {table.assumed}",
                    mend="take a source with publication dates, such as fred",
                ))  # fmt: skip
        return tuple(notes)


def values_of(
    release: str, spec: ReleaseSpec, table: Releases, prices: Prices, columns: Sequence[str], *, by_date: bool = False
) -> Floats:
    """(n, columns) the wanted columns of one release at each close of one symbol."""
    made: dict[str, Floats] = {}
    transform, many = transform_of(release, spec), len(table.names) > 1
    for series in table.names:
        own = table.of_series(series, prices.symbol)
        if by_date:
            own = by_reference(own, prices.sessions, prices.closes_at)
        values = join(history(own, transform), prices.sessions, prices.closes_at, prices.calendar)
        base = stem(release, series, many)
        made |= {base + part: values[:, k] for k, part in enumerate(PARTS)}
    return np.column_stack([made[column] for column in columns])

"""What a study's releases leave of its rows: whether training knows them at all, and which rows come before them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.backtest.samples import assemble
from beatnaive.backtest.splits import walk_forward
from beatnaive.backtest.targets import target as make_target
from beatnaive.core.errors import InputError
from beatnaive.core.types import Finding

if TYPE_CHECKING:
    from beatnaive.core.types import Bools, Inputs
    from beatnaive.features.released import Joined
    from beatnaive.releases.table import Releases
    from beatnaive.study.spec import Study


def rows_without_releases(study: Study, inputs: Inputs, joined: Joined) -> tuple[Finding, ...]:
    """A finding per release that is unknown on some of the rows that the study would have without it.

    inputs: with the releases' columns. A row needs all columns, so that those before a release's first value are left
    out. Raises InputError for a release that starts after the first training period ends, and for one that had a
    single value by then: a constant tells a model nothing.
    """
    others = [k for k, name in enumerate(inputs.features) if name not in joined.all_columns]
    bare = replace(inputs, x=inputs.x[:, others], features=tuple(inputs.features[k] for k in others))
    samples = assemble(bare, make_target(study.target.kind, study.target.horizon), lookback=study.lookback)
    cutoff = walk_forward(samples, study.split)[0].cutoff
    training, session = samples.known_at <= cutoff, inputs.session[samples.rows]
    found = []
    for name, table in joined.tables.items():
        own = [inputs.features.index(column) for column in joined.columns[name] if column in inputs.features]
        there: Bools = np.asarray(np.isfinite(inputs.x[samples.rows][:, own]).all(axis=1))
        ends = str(cutoff)[:10]
        if not there[training].any():
            starts = f"starts on {session[there].min()}" if there.any() else "is known on no session"
            raise InputError(
                f"releases.{name} {starts}, and training ends on {ends}: give earlier values, or let the study start "
                "or be split later"
            )
        first = inputs.origin[samples.rows[training & there]].min()
        if most_values(table, first, cutoff) < 2:
            raise InputError(
                f"releases.{name} has a single value while training goes on, up to {ends}: a constant tells a model "
                "nothing; give earlier values"
            )
        lost = int((~there).sum())
        if lost:
            found.append(Finding(
                severity="doubt" if 2 * int((~there[training]).sum()) > training.sum() else "note",
                kind="before_release", symbol=name, count=lost,
                message=f"{lost:,} of {len(there):,} rows are left out: {name} is known from {session[there].min()} on",
                mend="give earlier values, start the study there, or do without the release",
            ))  # fmt: skip
    return tuple(found)


def most_values(table: Releases, first: np.datetime64, last: np.datetime64) -> int:
    """Values of the series that has most: the one that stood at `first`, and those that came out until `last`."""
    most = 0
    for symbol in np.unique(table.symbol):
        mine = table.symbol == symbol
        for name in np.unique(table.name[mine]):
            at = table.known_at[mine & (table.name == name)]
            most = max(most, int((at <= first).any()) + int(((at > first) & (at <= last)).sum()))
    return most

"""The contract of releases. Each check takes a table, or the reading of it, and raises ContractBroken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from beatnaive.checks.base import ContractBroken
from beatnaive.checks.sources import no_network, require_origin
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases.join import Transform, history, join
from beatnaive.releases.table import Releases

CUTS = 50
YEARS = np.timedelta64(1827, "D")
"""Prefixes are those of the release's last five years."""


def publications_increase(table: Releases) -> None:
    """Within a series the instants of publication ascend, and strictly so within a period.

    Why: the join searches by time, and a revision is a later row of the same period.
    """
    for where, one in _series(table):
        if (np.diff(one.known_at) < np.timedelta64(0)).any():
            raise ContractBroken(f"{where}: known_at does not ascend: make the table with Releases.of, which sorts it")
        order = np.lexsort((one.known_at, one.period_end))
        same = one.period_end[order][1:] == one.period_end[order][:-1]
        if (same & (np.diff(one.known_at[order]) <= np.timedelta64(0))).any():
            raise ContractBroken(f"{where}: a period has two values of one instant: a revision comes later")


def publications_follow_periods(table: Releases) -> None:
    """Every value is finite, and was published when its period had ended; nothing is from the future.

    Why: what was published before is a forecast, and must be declared one.
    """
    for where, one in _series(table):
        if not np.isfinite(one.value).all():
            raise ContractBroken(f"{where}: a value is not finite: leave the row out")
        if (one.known_at < one.period_end.astype("datetime64[s]")).any():
            raise ContractBroken(f"{where}: a value is known before its period ends")
        if one.known_at.max() > np.datetime64("now", "s"):
            raise ContractBroken(f"{where}: a value is known in the future only")


def states_origin(table: Releases) -> None:
    """The table says where it came from, and the sha256 of what was read.

    Why: a run folder must name its data to be repeatable.
    """
    require_origin("a release", table.provenance)


def later_publications_change_nothing(table: Releases, transform: Transform = "level") -> None:
    """What is joined up to a session is the same, to the bit, whether later publications and sessions exist or not.

    Why: this is what "no look-ahead" means. How: at 50 cuts over the last five years of every series the join of what
    was known by the cut is compared with the join of everything. Tolerance: none.
    """
    for where, every in _series(table):
        last = every.known_at.max().astype("datetime64[D]") + 10
        first = max(every.known_at.min().astype("datetime64[D]") - 10, last - YEARS)
        one = every.take(every.known_at >= (first - 2 * 366).astype("datetime64[s]"))  # a year on year change needs two
        sessions = sessions_between("XNYS", first, last)
        origin = closes("XNYS", sessions)
        whole = join(history(one, transform), sessions, origin, "XNYS")
        for cut in np.unique(np.linspace(1, len(sessions) - 1, CUTS).astype(int)).tolist():
            known = history(one.known_by(origin[cut - 1]), transform)
            part = join(known, sessions[:cut], origin[:cut], "XNYS")
            if not np.array_equal(part, whole[:cut], equal_nan=True):
                raise ContractBroken(f"{where}: what is joined up to {sessions[cut - 1]} depends on what came later")


def release_reads_offline(read: Callable[[], Releases]) -> None:
    """Read once, a release comes again without a network, and it is the same.

    Why: a study is repeated from the cache, on a train or years later. Tolerance: none.
    """
    first = read()
    with no_network():
        again = read()
    for name in ("symbol", "name", "period_end", "known_at", "value"):
        if not np.array_equal(getattr(first, name), getattr(again, name)):
            raise ContractBroken(f"a second reading gives another {name}: cache what was read")
    if first.provenance.sha256 != again.provenance.sha256:
        raise ContractBroken("a second reading has another sha256: cache what was read")


def _series(table: Releases) -> Iterator[tuple[str, Releases]]:
    """Every symbol's series, and what it is called in messages."""
    for symbol in np.unique(table.symbol).tolist():
        for name in np.unique(table.name[table.symbol == symbol]).tolist():
            yield f"{name} of {symbol}" if symbol else name, table.take((table.symbol == symbol) & (table.name == name))

"""A first look at releases beside one symbol's prices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from beatnaive.core.types import CLOSE, Prices
from beatnaive.prices.explore.released import Released, correlation
from beatnaive.releases.join import history, join
from beatnaive.releases.spec import ReleaseSpec, read_release, stem, transform_of
from beatnaive.releases.table import Releases


def look(releases: Mapping[str, ReleaseSpec], prices: Prices) -> tuple[Released, ...]:
    """When each series was known, how late, how often revised, and its correlation with the next return.

    The value is joined by publication at every close and held until the next; the return is the log return to the
    next close. Raises what reading a release raises.

    >>> from beatnaive.prices import Source, load
    >>> (one,) = look({"cpi": ReleaseSpec("cpi")}, load(Source(symbols=("^GSPC",), years=5))[0])
    >>> one.name, one.lags[2], one.revisions, one.held.n
    ('cpi', 31.0, 0, 1258)
    """
    found = []
    with np.errstate(all="ignore"):
        log = np.log(prices.bars[:, CLOSE])
    ahead = np.append(np.diff(log), np.nan)
    for release, spec in releases.items():
        table = read_release(release, spec, [prices.symbol])
        for series in table.names:
            own = table.of_series(series, prices.symbol)
            made = join(history(own, transform_of(release, spec)), prices.sessions, prices.closes_at, prices.calendar)
            value, fresh = made[:, 0], made[:, 1] == 0
            lags, revised = lags_of(own), revisions_of(own)
            found.append(Released(
                name=stem(release, series, len(table.names) > 1), values=len(own),
                periods=len(np.unique(own.period_end)), first=str(own.known_at.min())[:10],
                last=str(own.known_at.max())[:10], revisions=len(revised), assumed=table.assumed,
                lags=tuple(np.percentile(lags, (0, 5, 50, 95, 100)).tolist()),
                revised=float(np.median(revised)) if len(revised) else None,
                unknown=int((prices.closes_at < own.known_at.min()).sum()),
                held=correlation(value, ahead), fresh=correlation(np.where(fresh, value, np.nan), ahead),
            ))  # fmt: skip
    return tuple(found)


def lags_of(table: Releases) -> np.ndarray:
    """Whole days from each period's end, midnight in UTC after its last day, to its first publication."""
    _, first = np.unique(table.period_end, return_index=True)  # rows are sorted by publication
    return np.trunc((table.known_at[first] - (table.period_end[first] + 1)) / np.timedelta64(1, "D"))


def revisions_of(table: Releases) -> np.ndarray:
    """Sizes of all revisions, in % of the value that they replaced."""
    order = np.lexsort((table.known_at, table.period_end))
    period, value = table.period_end[order], table.value[order]
    again = np.flatnonzero((period[1:] == period[:-1]) & (value[:-1] != 0))
    return np.asarray(100 * np.abs(value[again + 1] / value[again] - 1))

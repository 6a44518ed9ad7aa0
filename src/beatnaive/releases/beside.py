"""Releases for a feature function of one's own: columns on the index of its bars, joined by publication, and dated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.prices.calendars import calendar_of, closes
from beatnaive.releases.join import PARTS, Transform, history, join
from beatnaive.releases.spec import ReleaseSpec, read_release, stem, transform_of

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED_ON = "published"
"""Column of a table of features: the day, or the instant with its time zone, at which the row's joined value came
out."""


def beside(
    bars: pd.DataFrame, release: str | ReleaseSpec, *, parts: Sequence[str] = ("",), transform: Transform | None = None
) -> pd.DataFrame:
    """Columns of a release at each session's close, and `published`: the UTC instant of the newest value in the row.

    A value counts from the first close at or after its publication; `published` is what `beatnaive audit` and every run
    hold against the row's own close. bars: indexed by session; `bars.attrs["symbol"]` and `["calendar"]` say whose,
    by default New York's. release: a kind such as "cpi", or a ReleaseSpec with options. parts: "" the value, "_age",
    "_fresh", "_change". transform: of the values, None = the kind's own. NaN and NaT before the first publication.
    Raises what reading the release raises.

    >>> import pandas as pd
    >>> bars = pd.DataFrame(index=pd.to_datetime(["2018-10-30", "2018-10-31", "2018-11-01"]))
    >>> made = beside(bars, "cpi", transform="level")
    >>> made["cpi"].tolist()  # September's came out in October; it is assumed known from the end of the 31st on
    [252.146, 252.146, 252.439]
    >>> str(made["published"].iloc[-1])
    '2018-11-01 04:00:00+00:00'
    """
    import pandas as pd

    spec = release if isinstance(release, ReleaseSpec) else ReleaseSpec(release)
    name = spec.kind.rpartition(":")[2]
    symbol = str(bars.attrs.get("symbol", ""))
    calendar = str(bars.attrs.get("calendar") or calendar_of(symbol))
    sessions = bars.index.to_numpy().astype("datetime64[D]")
    origin = closes(calendar, sessions)
    table = read_release(name, spec, [symbol] if symbol else [])
    made: dict[str, np.ndarray] = {}
    newest = np.full(len(bars), np.datetime64("NaT", "s"))
    for series in table.names:
        told = history(table.of_series(series, symbol), transform or transform_of(name, spec))
        values = join(told, sessions, origin, calendar)
        base = stem(name, series, len(table.names) > 1)
        made |= {base + part: values[:, PARTS.index(part)] for part in parts}
        place = np.searchsorted(told.at, origin, "right") - 1
        known = np.flatnonzero(place >= 0)
        newest[known] = np.fmax(newest[known], told.at[place[known]])
    return pd.DataFrame({**made, PUBLISHED_ON: pd.DatetimeIndex(newest).tz_localize("UTC")}, index=bars.index)

"""The join by publication: at every origin, the newest period that was known by then."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from beatnaive.core.types import Floats, Instants
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases.table import Releases

Transform: TypeAlias = Literal["level", "log", "difference", "year_on_year", "surprise"]

PARTS = ("", "_age", "_fresh", "_change")
"""What is told of a series: its value, its age in sessions, the value on its first session, its last change."""
OLDEST = 252
"""Sessions at which ages stop counting: a value that is older is simply old."""
_BEFORE = np.timedelta64(420, "D")  # calendar days that hold more than OLDEST sessions
_YEAR = (350, 380)  # days between a period and that of the year before


@dataclass(frozen=True, eq=False)
class History:
    """What one series said when. at (m,) ascending instants; since (m,) when the newest period's value came out;
    value (m,) transformed; change (m,) against the value that stood before `since`."""

    at: Instants
    since: Instants
    value: Floats
    change: Floats


def history(table: Releases, transform: Transform = "level") -> History:
    """One series' publications, each with what was then the newest period's value.

    With v_p the value of period p as known at the instant, p the newest period known, q the one before it:
    level v_p; log log v_p; difference v_p - v_q; year_on_year v_p / v_r - 1, r the period that ended a year before p
    (350 to 380 days); surprise (v_p - v_q) / s, s the root mean square of such differences at the earlier periods'
    first publications: the value against the last one, in units of what it usually moves. NaN where a part is missing.
    A revision of an older period never brings that period back.
    """
    n = len(table)
    since, value, before = np.empty(n, "datetime64[s]"), np.full(n, np.nan), np.full(n, np.nan)
    known: dict[int, float] = {}
    periods: list[int] = []
    squares, count = 0.0, 0  # of the differences at first publications
    days = table.period_end.astype("datetime64[D]").astype(np.int64).tolist()
    for k, (day, raw) in enumerate(zip(days, table.value.tolist(), strict=True)):
        new = day not in known
        known[day] = raw
        if new:
            insort(periods, day)
        newest = day == periods[-1]
        difference = known[periods[-1]] - known[periods[-2]] if len(periods) > 1 else np.nan
        usual = np.sqrt(squares / count) if count else np.nan
        value[k] = _transformed(known, periods, transform, difference, usual)
        since[k] = table.known_at[k] if newest or k == 0 else since[k - 1]
        before[k] = (value[k - 1] if newest else before[k - 1]) if k else np.nan
        if new and newest and len(periods) > 1:
            squares, count = squares + difference**2, count + 1
    return History(table.known_at, since, value, value - before)


def _transformed(
    known: dict[int, float], periods: list[int], transform: Transform, difference: float, usual: float
) -> float:
    last = periods[-1]
    if transform == "level":
        return known[last]
    if transform == "log":
        return float(np.log(known[last])) if known[last] > 0 else np.nan
    if transform == "difference":
        return difference
    if transform == "surprise":
        return difference / usual if usual > 0 else np.nan
    k = bisect_right(periods, last - _YEAR[0]) - 1
    if k < 0 or periods[k] < last - _YEAR[1] or known[periods[k]] == 0:
        return np.nan
    return known[last] / known[periods[k]] - 1


def join(told: History, sessions: Instants, origin: Instants, calendar: str) -> Floats:
    """(n, 4) the columns of `PARTS` at each session's close.

    sessions (n,) dates, origin (n,) UTC instants of their closes, ascending; calendar: the exchange's, whose earlier
    sessions count in ages, so that these do not depend on where the prices begin. Value: that of the last publication
    at or before the origin, NaN where there is none. Age: sessions since the first that could know it, 252 at most.
    Fresh: the value where the age is 0, else 0. Change: against the value that stood before.
    """
    n = len(sessions)
    if not n or not len(told.at):
        return np.full((n, len(PARTS)), np.nan)
    place = np.searchsorted(told.at, origin, "right") - 1
    earlier = _closes_before(calendar, str(sessions[0].astype("datetime64[D]")))
    timeline = np.concatenate([earlier[earlier < origin[0]], origin])
    usable = np.searchsorted(timeline, told.since)[place]
    age = np.minimum(np.arange(len(timeline) - n, len(timeline)) - usable, OLDEST).astype(float)
    value = told.value[place]
    made = np.column_stack([value, age, np.where(age == 0, value, 0.0), told.change[place]])
    made[:, 2][~np.isfinite(value)] = np.nan
    made[place < 0] = np.nan
    return made


@lru_cache(maxsize=64)
def _closes_before(calendar: str, first: str) -> Instants:
    """The closes of the sessions before a date, as many as ages count."""
    day = np.datetime64(first, "D")
    return closes(calendar, sessions_between(calendar, day - _BEFORE, day - 1))


def by_reference(table: Releases, sessions: Instants, origin: Instants) -> Releases:
    """The table as people join it: by the date beside the value, in the wording of today. It knows the future.

    A value counts for every forecast of a session on or after its reference date: it is usable at the close before.
    sessions (n,), origin (n,) as in `join`. For the leak premium only.
    """
    keys = np.rec.fromarrays([table.symbol, table.name, table.period_end.astype(np.int64)])
    _, rows = np.unique(keys, return_index=True)
    part = table.take(np.sort(rows))
    # the last close before the reference date; a date before all sessions is known from the first on
    place = np.searchsorted(sessions, part.reference.astype("datetime64[D]")) - 1
    at = np.where(place >= 0, origin[np.maximum(place, 0)], origin[0] - np.timedelta64(1, "s"))
    return Releases.of(
        symbol=part.symbol, name=part.name, period_end=part.period_end, value=part.latest, known_at=at,
        reference=part.reference, provenance=part.provenance,
    )  # fmt: skip

"""What the calendar says in advance: weekday, season, the planned gap to the next session, the month's planned end.

Planned sessions are weekdays of the exchange without its holidays *by rule*. Unscheduled closures (2001-09-11,
2012-10-29, 2025-01-09) are not known beforehand, and "the last session of the month in the data" needs the next month.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Instants
from beatnaive.features.base import FeatureSet
from beatnaive.prices.calendars import calendar_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "weekday", "year_sin", "year_cos", "days_since_last_session", "days_to_next_session",
    "session_of_month", "sessions_left_in_month",
)  # fmt: skip


def calendar(frame: pd.DataFrame) -> pd.DataFrame:
    """weekday 0 = Monday; year_sin, year_cos = sin, cos(2 pi day of year / 365.25); gaps in days; counts of sessions.

    session_of_month counts planned sessions up to this one, sessions_left_in_month those after it.
    The calendar is `frame.attrs["calendar"]`, else that of `frame.attrs["symbol"]`, else New York's.
    """
    import pandas as pd

    index = pd.DatetimeIndex(frame.index)
    sessions = index.to_numpy().astype("datetime64[D]")
    if not len(sessions):
        return pd.DataFrame(columns=list(COLUMNS), index=index, dtype=float)
    angle = 2 * np.pi * index.dayofyear.to_numpy() / 365.25
    since = np.diff(sessions.astype(np.int64), prepend=0).astype(float)
    since[0] = np.nan
    code = str(frame.attrs.get("calendar") or calendar_of(str(frame.attrs.get("symbol", ""))))
    planned = np.concatenate(
        [planned_sessions(code, year) for year in range(int(index[0].year), int(index[-1].year) + 2)]
    )
    after, month = np.searchsorted(planned, sessions, "right"), sessions.astype("datetime64[M]")
    begin = np.searchsorted(planned, month.astype("datetime64[D]"))
    end = np.searchsorted(planned, (month + 1).astype("datetime64[D]"))
    gap = (planned[after] - sessions).astype(np.int64)
    columns = (index.dayofweek.to_numpy(), np.sin(angle), np.cos(angle), since, gap, after - begin, end - after)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), index=frame.index, dtype=float)


@lru_cache(maxsize=4096)
def planned_sessions(code: str, year: int) -> Instants:
    """The sessions of a year as its exchange's rules plan them, read-only.

    >>> planned = planned_sessions("XNYS", 2001)
    >>> np.datetime64("2001-09-11") in planned, np.datetime64("2001-12-25") in planned
    (True, False)
    """
    exchange = _exchange(code)
    days = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    rules = exchange.regular_holidays
    holidays = [] if rules is None else rules.holidays(str(days[0]), str(days[-1])).to_numpy().astype("datetime64[D]")
    planned = days[np.is_busday(days, weekmask=exchange.weekmask, holidays=holidays)]
    planned.flags.writeable = False
    return planned


@lru_cache(maxsize=64)
def _exchange(code: str) -> Any:
    import exchange_calendars

    # Rules and weekdays do not depend on the span that the calendar is built for; a short one is quick.
    return exchange_calendars.get_calendar(code, start="2015-01-05", end="2015-01-16")


CALENDAR = FeatureSet("calendar", calendar, COLUMNS, lookback=2, scheduled=frozenset(COLUMNS))

"""When something was published: texts, dates without a time, and declared lags as UTC instants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Instants
from beatnaive.prices.calendars import closes, sessions_between

NEW_YORK = "America/New_York"
_LAG = re.compile(r"(\d{1,4}) ?(d|days?|sessions?)")
_DAY_ONLY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{1,2}/\d{1,2}/\d{4}")


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name. Raises InputError for one that does not exist.

    >>> zone_of("Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"unknown time zone {name[:40]!r}: write Area/City, such as {NEW_YORK}") from error


def end_of_day(days: Instants, zone: str = NEW_YORK) -> Instants:
    """(n,) the last instant of each day in a zone, as UTC: when a date without a time is sure to be published.

    The next session's close is the first to know it, wherever the exchange closes before that midnight.

    >>> end_of_day(np.array(["2023-07-03"], "datetime64[D]"))
    array(['2023-07-04T04:00:00'], dtype='datetime64[s]')
    """
    return at_time(days + 1, "00:00", zone)


def at_time(days: Instants, time: str, zone: str) -> Instants:
    """(n,) the instants "HH:MM" of these days in a zone, as UTC; an hour that occurs twice counts as the later.

    Raises InputError for what is not a time of day.
    """
    import pandas as pd

    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time):
        raise InputError(f"{time[:20]!r} is not a time of day: write HH:MM, such as 08:30")
    minutes = np.timedelta64(60 * int(time[:2]) + int(time[3:]), "m")
    local = pd.DatetimeIndex((days.astype("datetime64[D]") + minutes).astype("datetime64[ns]"))
    return _to_utc(local, zone)


def _to_utc(local: object, zone: str) -> Instants:
    import pandas as pd

    index = pd.DatetimeIndex(local)  # type: ignore[arg-type]
    known = index.tz_localize(zone_of(zone), ambiguous=np.zeros(len(index), bool), nonexistent="shift_forward")
    return np.asarray(known.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]"))


def lagged(period_end: Instants, lag: str, zone: str = NEW_YORK, calendar: str = "XNYS") -> Instants:
    """(n,) instants that lie a declared lag after the periods' ends: "45d" days, or "2 sessions" of the calendar.

    Days: the end of the day in the zone; sessions: the close of the k-th session after the period's end. Raises
    InputError for a lag that is neither.

    >>> lagged(np.array(["2023-06-30"], "datetime64[D]"), "1 session")
    array(['2023-07-03T17:00:00'], dtype='datetime64[s]')
    """
    match = _LAG.fullmatch(lag.strip())
    if match is None:
        raise InputError(f"lag {lag[:30]!r} is not understood: write it in days, 45d, or in sessions, 2 sessions")
    count, days = int(match[1]), period_end.astype("datetime64[D]")
    if match[2].startswith("d") or not len(days):
        return end_of_day(days + count, zone)
    sessions = sessions_between(calendar, days.min(), days.max() + 3 * count + 15)
    after = np.searchsorted(sessions, days, "right") + max(count, 1) - 1
    return closes(calendar, sessions[after])


def published(texts: Sequence[str], zone: str, where: str) -> Instants:
    """(n,) UTC instants of texts: a date alone is its day's end in `zone`; a time without an offset is that zone's.

    Raises InputError naming the first row that is neither.

    >>> published(["2023-04-12T08:30:00-04:00", "2023-04-12 08:30", "2023-04-12"], "America/New_York", "x")
    array(['2023-04-12T12:30:00', '2023-04-12T12:30:00',
           '2023-04-13T04:00:00'], dtype='datetime64[s]')
    """
    import pandas as pd

    zone_of(zone)
    found = np.full(len(texts), np.datetime64("NaT", "s"))
    cleaned = [" ".join(str(text).split()) for text in texts]
    dated = np.array([_DAY_ONLY.fullmatch(text) is not None for text in cleaned], bool)
    for k, text in enumerate(cleaned):
        try:
            stamp = pd.Timestamp(text)
        except (ValueError, OverflowError, TypeError) as error:
            shown = text[:30]
            raise InputError(f"{where}: row {k + 1} says {shown!r}, no time: write 2024-01-31T08:30Z") from error
        if pd.isna(stamp):
            raise InputError(f"{where}: row {k + 1} has no date of publication: complete it, or declare a lag")
        if stamp.tzinfo is not None:
            stamp = stamp.tz_convert("UTC").tz_localize(None)
        elif not dated[k]:
            stamp = pd.Timestamp(_to_utc([stamp], zone)[0])
        found[k] = stamp.to_datetime64().astype("datetime64[s]")
    if dated.any():
        found[dated] = end_of_day(found[dated].astype("datetime64[D]"), zone)
    return found

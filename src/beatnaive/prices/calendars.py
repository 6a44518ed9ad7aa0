"""When exchanges close: the sessions of a calendar and the UTC instants of their closes, half days included.

Calendars are those of `exchange_calendars`, named by market identifier code (XNYS, XLON, ...) or "24/7", "24/5".
Dates outside the range that a calendar is recorded for (Bombay: 1997 to 2026) count every trading weekday as a
session that closes at the usual hour; `recorded` tells where that begins. Building a calendar takes seconds and heavy
imports, so blocks of years are kept in the user's cache folder, by the version of `exchange_calendars`.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import numpy as np

from beatnaive.core.errors import UnknownName
from beatnaive.core.files import kept
from beatnaive.core.types import Bools, Instants

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

DEFAULT = "XNYS"
CLEARLY = 3  # days by which dates must fit another calendar better
BLOCK = 20  # years of a calendar built at a time: 0.3 s
FORMAT = 1  # of what is kept: raise it with every change of what is computed here
# Yahoo's suffixes. Yahoo's NSE (.NS) keeps Bombay's hours and holidays, and has no calendar of its own.
SUFFIXES = {
    "AS": "XAMS", "AT": "ASEX", "AX": "XASX", "BA": "XBUE", "BD": "XBUD", "BK": "XBKK", "BO": "XBOM", "BR": "XBRU",
    "CO": "XCSE", "DE": "XETR", "DU": "XDUS", "F": "XFRA", "HE": "XHEL", "HK": "XHKG", "HM": "XHAM", "IC": "XICE",
    "IR": "XDUB", "IS": "XIST", "JK": "XIDX", "JO": "XJSE", "KL": "XKLS", "KQ": "XKRX", "KS": "XKRX", "L": "XLON",
    "LS": "XLIS", "MC": "XMAD", "ME": "XMOS", "MI": "XMIL", "MX": "XMEX", "NS": "XBOM", "NZ": "XNZE", "OL": "XOSL",
    "PA": "XPAR", "PR": "XPRA", "SA": "BVMF", "SG": "XSTU", "SI": "XSES", "SN": "XSGO", "SR": "XSAU", "SS": "XSHG",
    "ST": "XSTO", "SW": "XSWX", "SZ": "XSHG", "T": "XTKS", "TA": "XTAE", "TO": "XTSE", "TW": "XTAI", "TWO": "XTAI",
    "V": "XTSX", "VI": "XWBO", "WA": "XWAR",
}  # fmt: skip
INDICES = {
    "^FTSE": "XLON", "^FTMC": "XLON", "^N225": "XTKS", "^GDAXI": "XETR", "^FCHI": "XPAR", "^HSI": "XHKG",
    "^STOXX50E": "XETR", "^AEX": "XAMS", "^IBEX": "XMAD", "^SSMI": "XSWX", "^NSEI": "XBOM", "^BSESN": "XBOM",
    "^AXJO": "XASX", "^KS11": "XKRX", "^TWII": "XTAI", "^GSPTSE": "XTSE", "^BVSP": "BVMF", "^MXX": "XMEX",
    "^STI": "XSES", "^JKSE": "XIDX",
}  # fmt: skip
# Exchanges whose holidays a file without a name is compared with, the commonest first; those that share all holidays
# with one of them (Amsterdam, Brussels and Lisbon with Paris) are left out.
COMMON = (
    "XNYS", "XLON", "XETR", "XPAR", "XTKS", "XHKG", "XSHG", "XBOM", "XTSE", "XASX", "XSWX", "XKRX", "XMIL", "XMAD",
    "XSTO", "BVMF", "CMES", "24/5", "24/7",
)  # fmt: skip
CRYPTO_QUOTES = {"USD", "USDT", "USDC", "EUR", "GBP", "JPY", "KRW", "INR", "CAD", "AUD", "BTC", "ETH"}


class _Hours(NamedTuple):
    """The facts of a calendar that hold outside its recorded sessions too."""

    zone: str
    closing: tuple[tuple[np.datetime64, np.timedelta64], ...]  # since when, time of day after local midnight
    weekmask: str
    first: np.datetime64  # recorded from
    last: np.datetime64


def named_calendar(symbol: str) -> str | None:
    """The calendar that Yahoo's spelling of a symbol names, or None where it names none.

    >>> named_calendar("VOD.L"), named_calendar("VOD")
    ('XLON', None)
    """
    name = symbol.upper()
    if name.endswith("=X"):
        return "24/5"
    if name.endswith("=F"):
        return "CMES"
    if "-" in name and name.rpartition("-")[2] in CRYPTO_QUOTES:
        return "24/7"
    return INDICES.get(name) or (SUFFIXES.get(name.rpartition(".")[2]) if "." in name else None)


def calendar_of(symbol: str) -> str:
    """The calendar that a symbol trades on, by Yahoo's spelling of symbols; New York where nothing says otherwise.

    >>> [calendar_of(s) for s in ("AAPL", "BRK-B", "VOD.L", "7203.T", "BTC-USD", "EURUSD=X", "^FTSE", "^GSPC")]
    ['XNYS', 'XNYS', 'XLON', 'XTKS', '24/7', '24/5', 'XLON', 'XNYS']
    """
    return named_calendar(symbol) or DEFAULT


class Fit(NamedTuple):
    """How well dates fit a calendar: its sessions without a date, and dates that are not its sessions."""

    code: str
    missing: int
    extra: int

    @property
    def wrong(self) -> int:
        """Days that speak against the calendar."""
        return self.missing + self.extra


def fit(
    code: str,
    dates: Instants,
    within: tuple[np.datetime64, np.datetime64] | None = None,
    moved: Bools | None = None,
) -> Fit:
    """How these dates, ascending and each once, fit a calendar, where it is recorded (and `within`, if given).

    moved (n,): the others repeat the row before, and say nothing where they are not sessions (copied forward).

    >>> fit("XLON", sessions_between("XNYS", np.datetime64("2023-01-01"), np.datetime64("2023-12-31")))
    Fit(code='XLON', missing=6, extra=5)
    """
    first, last = recorded(code)
    if within is not None:
        first, last = max(first, within[0]), min(last, within[1])
    inside = (dates >= first) & (dates <= last)
    dates, moved = dates[inside], None if moved is None else moved[inside]
    if not len(dates):
        return Fit(code, 0, 0)
    known = sessions_between(code, dates[0], dates[-1])
    session = np.isin(dates, known, assume_unique=True)
    extra = ~session if moved is None else ~session & moved
    return Fit(code, len(known) - int(session.sum()), int(extra.sum()))


def better_fit(code: str, dates: Instants, moved: Bools | None = None) -> tuple[Fit, Fit] | None:
    """The common calendar that dates fit much better than they fit `code`, and how they fit `code`; else None.

    Much better: at least `CLEARLY` days fewer speak against it, and a fifth as many at most; or, as in a short file,
    no day at all speaks against it while days of both kinds, missing and too many, speak against `code`. `moved` as for
    `fit`.

    >>> better_fit("XLON", sessions_between("XNYS", np.datetime64("2023-01-01"), np.datetime64("2023-12-31")))
    (Fit(code='XNYS', missing=0, extra=0), Fit(code='XLON', missing=6, extra=5))
    >>> better_fit("XNYS", sessions_between("XTKS", np.datetime64("2023-03-15"), np.datetime64("2023-04-14")))
    (Fit(code='XTKS', missing=0, extra=0), Fit(code='XNYS', missing=1, extra=1))
    """
    own, plain = fit(code, dates, None, moved), fit(code, dates)
    if own.wrong < CLEARLY and not (plain.missing and plain.extra):
        return None
    best: tuple[Fit, Fit] | None = None
    for other in COMMON:
        if other == code:
            continue
        # both over the days that both have on record
        span = max(recorded(code)[0], recorded(other)[0]), min(recorded(code)[1], recorded(other)[1])
        theirs, ours = fit(other, dates, span, moved), fit(code, dates, span, moved)
        exact, against = fit(other, dates, span), fit(code, dates, span)
        if not exact.wrong and against.missing and against.extra:
            return exact, against
        if ours.wrong - theirs.wrong >= CLEARLY and ours.wrong >= 5 * theirs.wrong:
            if best is None or theirs.wrong < best[0].wrong:
                best = theirs, ours
            if not theirs.wrong:
                break
    return best


def closes(code: str, sessions: Instants) -> Instants:
    """The UTC instants at which these sessions close, half days included.

    A date that is not a session of the calendar gets the usual closing hour of that day.

    Arguments: code of the calendar; sessions (n,) dates, in any order. Returns (n,) datetime64[s].
    Raises UnknownName for an unknown calendar.

    >>> closes("XNYS", np.array(["2024-11-27", "2024-11-29", "2024-11-30"], "datetime64[D]"))
    array(['2024-11-27T21:00:00', '2024-11-29T18:00:00', '2024-11-30T21:00:00'], dtype='datetime64[s]')
    """
    sessions = np.asarray(sessions, "datetime64[D]")
    if not len(sessions):
        return np.empty(0, "datetime64[s]")
    known, instants = _schedule(code, sessions.min(), sessions.max())
    if not len(known):
        return _usual_close(code, sessions)
    at = np.minimum(np.searchsorted(known, sessions), len(known) - 1)
    result = instants[at]
    other = known[at] != sessions
    if other.any():
        result[other] = _usual_close(code, sessions[other])
    return result


def sessions_between(code: str, start: np.datetime64, end: np.datetime64) -> Instants:
    """The sessions of a calendar from `start` to `end`, both included, ascending, as datetime64[D].

    >>> sessions_between("XNYS", np.datetime64("2001-09-10"), np.datetime64("2001-09-18"))
    array(['2001-09-10', '2001-09-17', '2001-09-18'], dtype='datetime64[D]')
    """
    start, end = start.astype("datetime64[D]"), end.astype("datetime64[D]")
    if end < start:
        return np.empty(0, "datetime64[D]")
    known, _ = _schedule(code, start, end)
    return known[np.searchsorted(known, start) : np.searchsorted(known, end, "right")]


def next_sessions(code: str, session: np.datetime64, n: int) -> Instants:
    """The first `n` sessions after `session`, as the calendar plans them.

    >>> next_sessions("XNYS", np.datetime64("2025-12-24"), 2)
    array(['2025-12-26', '2025-12-29'], dtype='datetime64[D]')
    """
    session = session.astype("datetime64[D]")
    span = 2 * n + 15  # days; no exchange rests for two weeks and trades on fewer than half of the other days
    while True:
        found = sessions_between(code, session + 1, session + span)
        if len(found) >= n:
            return found[:n]
        span *= 2


def recorded(code: str) -> tuple[np.datetime64, np.datetime64]:
    """The first and the last date for which the calendar's holidays are recorded.

    >>> recorded("XTKS")[0]
    np.datetime64('1997-01-01')
    """
    hours = _hours(code)
    return hours.first, hours.last


def zone(code: str) -> str:
    """The time zone of the exchange.

    >>> zone("XTKS")
    'Asia/Tokyo'
    """
    return _hours(code).zone


def _schedule(code: str, start: np.datetime64, end: np.datetime64) -> tuple[Instants, Instants]:
    """Sessions and closes of the blocks of years that hold start..end: built once each, only where asked for."""
    first, last = (int(str(day)[:4]) // BLOCK for day in (start, end))
    blocks = [_block(code, BLOCK * k) for k in range(first, last + 1)]
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate([block[0] for block in blocks]), np.concatenate([block[1] for block in blocks])


@lru_cache(maxsize=256)
def _block(code: str, year: int) -> tuple[Instants, Instants]:
    """Sessions and closes of `BLOCK` years."""
    raw = kept(_name(code, f"{year}-{BLOCK}"), lambda: np.stack(_made(code, year)).astype("<i8").tobytes())
    sessions, instants = np.frombuffer(raw, "<i8").reshape(2, -1)  # read-only
    return sessions.astype("datetime64[D]"), instants.astype("datetime64[s]")


def _made(code: str, year: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Days and seconds since 1970 of the sessions and closes of `BLOCK` years."""
    hours = _hours(code)
    start, end = np.datetime64(f"{year}-01-01", "D"), np.datetime64(f"{year + BLOCK - 1}-12-31", "D")
    inside = max(start, hours.first), min(end, hours.last)
    if inside[0] > inside[1]:
        parts = [_weekdays(code, start, end)]
    else:
        calendar = _build(code, *inside)
        sessions = calendar.schedule.index.to_numpy().astype("datetime64[D]")
        instants = calendar.schedule["close"].dt.tz_localize(None).to_numpy().astype("datetime64[s]")
        parts = [_weekdays(code, start, inside[0] - 1), (sessions, instants), _weekdays(code, inside[1] + 1, end)]
    days, seconds = (np.concatenate([part[k] for part in parts]).astype(np.int64) for k in (0, 1))
    return days, seconds


@cache
def _name(code: str, what: str) -> str:
    """Where something of a calendar is kept."""
    from importlib.metadata import version

    return f"calendar-{version('exchange_calendars')}-{FORMAT}-{quote(code, safe='')}-{what}"


def _weekdays(code: str, start: np.datetime64, end: np.datetime64) -> tuple[Instants, Instants]:
    """Every trading weekday, where the calendar is not recorded."""
    days = np.arange(start, end + 1)
    days = days[np.is_busday(days, weekmask=_hours(code).weekmask)]
    return days, _usual_close(code, days)


def _usual_close(code: str, days: Instants) -> Instants:
    """(n,) UTC instants of the exchange's regular closing time on these days."""
    import pandas as pd

    hours = _hours(code)
    if not len(days):
        return np.empty(0, "datetime64[s]")
    since = np.array([start for start, _ in hours.closing])
    times = np.array([time for _, time in hours.closing])
    local = days.astype("datetime64[s]") + times[np.searchsorted(since, days, "right") - 1]
    summer = np.ones(len(days), bool)
    stamps = pd.DatetimeIndex(local).tz_localize(hours.zone, ambiguous=summer, nonexistent="shift_forward")
    return stamps.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")


@lru_cache(maxsize=64)
def _hours(code: str) -> _Hours:
    """Time zone, closing times, weekdays and recorded range."""
    facts = json.loads(kept(_name(code, "hours"), lambda: json.dumps(_facts(code)).encode()))
    closing = tuple((np.datetime64(since, "D"), np.timedelta64(time, "s")) for since, time in facts["closing"])
    first, last = (np.datetime64(facts[name], "D") for name in ("first", "last"))
    return _Hours(facts["zone"], closing, facts["weekmask"], first, last)


def _facts(code: str) -> dict[str, Any]:
    """The fields of `_Hours` as text and seconds."""
    # Any short span that every calendar covers will do: these facts do not depend on it.
    calendar = _build(code, np.datetime64("2015-01-05"), np.datetime64("2015-01-16"))
    midnight = 86400 * int(calendar.close_offset)
    closing = [
        (_day(since, "0001-01-01"), midnight + 3600 * time.hour + 60 * time.minute)
        for since, time in calendar.close_times
    ]
    first, last = _day(calendar.bound_min(), "0001-01-01"), _day(calendar.bound_max(), "9999-12-31")
    return {
        "zone": str(calendar.tz), "closing": closing, "weekmask": calendar.weekmask, "first": first, "last": last,
    }  # fmt: skip


def _day(stamp: pd.Timestamp | None, otherwise: str) -> str:
    return otherwise if stamp is None else str(stamp.date())


def _build(code: str, start: np.datetime64, end: np.datetime64) -> Any:
    """The calendar over a range, both ends included."""
    import exchange_calendars

    if code not in (names := exchange_calendars.get_calendar_names()):
        raise UnknownName("calendar", code, {*COMMON, *get_close_matches(code, names, n=3, cutoff=0.5)})
    return exchange_calendars.get_calendar(code, start=str(start), end=str(end))

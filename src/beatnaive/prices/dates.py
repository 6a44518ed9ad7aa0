"""Dates as files write them, read without guessing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.arrow_columns import cast, values
from beatnaive.core.errors import InputError
from beatnaive.core.types import Instants, Ints
from beatnaive.prices.calendars import zone

if TYPE_CHECKING:
    import pyarrow as pa

ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](.*))?")
NUMBERS = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})(?: .*)?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
PLAUSIBLE = np.array(["1800-01-01", "2200-01-01"], "datetime64[D]")
# a date, a time of day that exists, and a zone: Z, an offset, a few letters or Area/City
TIME = re.compile(
    r"[^ T]+[T ]+([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?(\s*[AaPp]\.?[Mm]\.?(?![A-Za-z]))?"
    r"\s*(?P<zone>[A-Z]{1,5}|[+-]\d\d:?(\d\d)?|[A-Za-z_]+(/[A-Za-z_+\-0-9]+)+)?"
)
UTC = re.compile(r"(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(?:Z|UTC|\+00:?00)")


def sessions(column: pa.ChunkedArray, order: str | None, calendar: str, where: str) -> Instants:
    """The exchange's dates of a column of text, timestamps or dates, as datetime64[D].

    A time with an offset counts as the exchange's own: its date is taken as written. Times in UTC that are not
    midnight are moved to the calendar's time zone first.

    Arguments: order "DMY", "MDY" or "YMD" as declared, or None: then the dates themselves must show it.
    Returns (n,) dates in the order of the rows.
    Raises InputError for what is not a date, and for an order that cannot be told.
    """
    import pyarrow as pa

    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0]) + 1
        raise InputError(f"{where}: row {row} has no date: remove the row or complete it")
    if pa.types.is_dictionary(column.type) and not pa.types.is_string(column.type.value_type):
        column = column.cast(column.type.value_type)
    kind = column.type

    if pa.types.is_timestamp(kind):
        # a time zone of its own is the exchange's; UTC is too, unless the times are not midnight
        import pyarrow.compute as pc

        try:
            stamps = (pc.local_timestamp(column) if kind.tz else column).to_numpy().astype("datetime64[s]")
        except pa.ArrowException as error:
            raise InputError(f"{where}: its dates are in the unknown time zone {kind.tz!r}: correct it") from error
        utc = kind.tz in ("UTC", "Etc/UTC", "+00:00") and (stamps != stamps.astype("datetime64[D]")).any()
        days: Instants = _local(stamps, calendar) if utc else stamps.astype("datetime64[D]")
    elif pa.types.is_date(kind):
        days = values(cast(column, pa.date32())).astype("datetime64[D]")
    elif (
        pa.types.is_dictionary(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
    ):
        # the dates of a panel repeat: each is read once
        if not pa.types.is_dictionary(kind):
            column = cast(column, pa.string()).dictionary_encode()
        coded = column.unify_dictionaries().combine_chunks()
        days = parse(coded.dictionary.to_pylist(), order, calendar, where)[values(coded.indices)]
    else:
        raise InputError(f"{where}: the date column holds {kind}: write dates as 2024-01-31")

    odd = (days < PLAUSIBLE[0]) | (days > PLAUSIBLE[1])
    if odd.any():
        raise InputError(f"{where}: {days[odd][0]} is not a plausible date: write dates as 2024-01-31")
    return days


def parse(texts: Sequence[str], order: str | None, calendar: str, where: str) -> Instants:
    """Dates from text: ISO, 20240131, or numbers in a declared or evident order.

    Raises InputError for what is not a date, and for an order that cannot be told.

    >>> parse(["13/01/2024", "02/01/2024"], None, "XNYS", "f.csv")
    array(['2024-01-13', '2024-01-02'], dtype='datetime64[D]')
    >>> parse(["2023-04-13 15:00:00+00:00", "2023-04-14 00:00:00+09:00"], None, "XTKS", "f.csv")
    array(['2023-04-14', '2023-04-14'], dtype='datetime64[D]')
    """
    texts = [text.strip() for text in texts]
    for text in texts:
        if ":" in text or "/" in text[10:]:
            check_time(text, where)
    iso = [ISO.fullmatch(text) for text in texts]
    if all(iso):
        return np.array([_iso(match, calendar, where) for match in iso if match], "datetime64[D]")
    triples = [COMPACT.fullmatch(text) or NUMBERS.fullmatch(text) for text in texts]
    for text, match in zip(texts, triples, strict=True):
        if match is None:
            raise InputError(f"{where}: {text!r} is not a date: write dates as 2024-01-31")
    parts = np.array([[int(number) for number in match.groups()] for match in triples if match])
    first, second, third = parts[:, columns_of(parts, order, where)].T
    return np.array([_day(*ymd, where=where) for ymd in zip(first, second, third, strict=True)], "datetime64[D]")


def columns_of(parts: Ints, order: str | None, where: str) -> list[int]:
    """Which number of a date is the year, the month and the day.

    Arguments: parts (n, 3) the numbers as written. Returns three column numbers.
    Raises InputError where day and month cannot be told apart, or contradict the declared order.

    >>> columns_of(np.array([[13, 1, 2024], [2, 1, 2024]]), None, "f.csv")
    [2, 1, 0]
    """
    if (parts[:, 0] > 31).all():
        return [0, 1, 2]
    if not (parts[:, 2] > 31).all():
        raise InputError(f"{where}: the year of its dates has no four digits: write dates as 2024-01-31")
    shown = {name for name, column in (("DMY", 0), ("MDY", 1)) if (parts[:, column] > 12).any()}
    if len(shown) == 2:
        raise InputError(f"{where} mixes day/month and month/day dates: write dates as 2024-01-31")
    if shown and order and order not in shown:
        found = shown.pop()
        raise InputError(f'{where}: its dates are {found}, not {order}: give dates = "{found}" or leave it out')
    if not shown and order is None:
        mend = 'declare dates = "DMY" or "MDY"'
        raise InputError(f"{where}: day and month cannot be told apart: {mend}", option="dates")
    return {"DMY": [2, 1, 0], "MDY": [2, 0, 1], "YMD": [0, 1, 2]}[shown.pop() if shown else str(order)]


def check_time(text: str, where: str) -> None:
    """Refuse what follows a date where it is not a time of day, with a time zone that exists.

    Raises InputError naming the text.

    >>> check_time("2024-01-02 25:61", "f.csv")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.InputError: f.csv: '2024-01-02 25:61' holds no time of day: write dates as 2024-01-31
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    match = TIME.fullmatch(text)
    if match is None:
        raise InputError(f"{where}: {text!r} holds no time of day: write dates as 2024-01-31")
    name = match["zone"]
    if name and "/" in name:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise InputError(f"{where}: {text!r} is in an unknown time zone: write dates as 2024-01-31") from error


def _iso(match: re.Match[str], calendar: str, where: str) -> np.datetime64:
    year, month, day, time = match.groups()
    utc = UTC.fullmatch(time) if time else None
    if utc and not utc[1].startswith("00:00"):
        instant = np.array([f"{year}-{month}-{day}T{utc[1]}"], "datetime64[s]")
        local: np.datetime64 = _local(instant, calendar)[0]
        return local
    return _day(int(year), int(month), int(day), where=where)


def _day(year: int, month: int, day: int, *, where: str) -> np.datetime64:
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D")
    except ValueError as error:
        raise InputError(f"{where}: {year:04d}-{month:02d}-{day:02d} is not a date: correct it") from error


def _local(instants: Instants, calendar: str) -> Instants:
    """The exchange's dates at these UTC instants."""
    import pandas as pd

    local = pd.DatetimeIndex(instants, tz="UTC").tz_convert(zone(calendar)).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]")

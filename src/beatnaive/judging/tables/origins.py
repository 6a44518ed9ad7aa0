"""When each row was forecast, how many rows ahead, and the last price that was known then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Instants, Ints
from beatnaive.judging.tables.history import SPAN, START, History, keys
from beatnaive.judging.tables.naive import autocorrelation, least_of_a_price
from beatnaive.judging.tables.reading import Reading

ALMOST = 0.99
"""The share of rows in which a column must repeat a price to be called that price."""


NEARER = 0.6
"""How much nearer to the prices of several ages in turn than to those of one age forecasts of several horizons are."""


@dataclass(frozen=True, eq=False)
class Origins:
    """cutoff (n,) the last date known to each forecast; horizon (n,) rows ahead, 0 = it cannot be told; last (n,) the
    price at the cutoff, NaN where it is not known; said: where that price was taken from."""

    cutoff: Instants
    horizon: Ints
    last: Floats
    said: tuple[str, ...] = ()


def origins(reading: Reading, known: History, *, prices: bool) -> Origins | None:
    """The origins that a table states by a cutoff, a first date, a fold or a horizon; None where it states none.

    prices: whether the history holds prices of its own, so that the last one before a cutoff is the last known.
    The horizon counts the known dates of the series after the cutoff. Where the price at a cutoff is not in the table,
    that of a model which repeats it elsewhere, or of one that is called Naive, is taken.
    Raises InputError where a row lies at or before its cutoff, or stands twice.
    """
    symbol, ds = reading.symbol, reading.ds
    if reading.cutoff is not None:
        cutoff = reading.cutoff
    elif reading.start is not None or reading.fold is not None:
        cutoff = before(reading.start if reading.start is not None else first_of(reading), reading, known)
    elif reading.horizon is not None:
        place = known.position(symbol, ds) - reading.horizon
        inside = (place > 0) & (known.key[np.maximum(place, 1) - 1] // SPAN == symbol)
        there = START + (known.key[np.maximum(place, 1) - 1] % SPAN).astype("timedelta64[s]")
        cutoff = np.where(inside, there, ds - reading.horizon.astype("timedelta64[s]"))  # some date before, unknown
    else:
        return None
    if (late := ds <= cutoff).any():
        day = np.datetime_as_string(ds[int(late.argmax())], unit="D")
        raise InputError(f"ds {day} is not after its cutoff: a forecast is of a later date", option="columns")
    refuse_twins(reading, cutoff)
    horizon = reading.horizon
    if horizon is None:
        horizon = known.position(symbol, ds) - known.position(symbol, cutoff)
    last = known.last(symbol, cutoff) if prices else known.value(symbol, cutoff)
    return filled(reading, Origins(cutoff, horizon, last))


def first_of(reading: Reading) -> Instants:
    """(n,) the first date of each row's own fold."""
    fold = reading.fold if reading.fold is not None else np.zeros(len(reading), np.int64)
    _, group = np.unique(np.stack([reading.symbol, fold]), axis=1, return_inverse=True)
    group = group.reshape(-1)
    first = np.full(group.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, group, reading.ds.astype(np.int64))
    return first[group].astype("datetime64[s]")


def before(start: Instants, reading: Reading, known: History) -> Instants:
    """(n,) the last known date of the series before these, else the second before."""
    place = known.position(reading.symbol, start - np.timedelta64(1, "s")) - 1
    safe = np.maximum(place, 0)
    own = (place >= 0) & (known.key[safe] // SPAN == reading.symbol)
    there = START + (known.key[safe] % SPAN).astype("timedelta64[s]")
    return np.where(own, there, start - np.timedelta64(1, "s"))


def refuse_twins(reading: Reading, cutoff: Instants) -> None:
    """Raise InputError where a series has two rows of one date and one cutoff."""
    key = np.stack([keys(reading.symbol, reading.ds), keys(reading.symbol, cutoff)])
    order = np.lexsort(key)
    twice = (np.diff(key[:, order]) == 0).all(axis=0)
    if twice.any():
        row = order[int(twice.argmax())]
        day, own = (np.datetime_as_string(one[row], unit="D") for one in (reading.ds, cutoff))
        whose = f" of {reading.symbols[reading.symbol[row]]}" if reading.symbols else ""
        raise InputError(f"ds {day}{whose} appears twice with the cutoff {own}: keep one row of each date and cutoff")


def filled(reading: Reading, found: Origins) -> Origins:
    """The origins with the last price from a model that is it, where the table lacks it.

    Such a model is one value per cutoff, and that price wherever the price is known; where no price is known, only a
    column that is called naive will do.
    """
    unknown = np.isnan(found.last)
    if not unknown.any() or reading.naive is not None or reading.close is not None:
        return found
    _, group = np.unique(keys(reading.symbol, found.cutoff), return_inverse=True)
    for name, f in reading.models.items():
        if not np.isfinite(f).all():
            continue
        low, high = np.full(group.max() + 1, np.inf), np.full(group.max() + 1, -np.inf)
        np.minimum.at(low, group, f)
        np.maximum.at(high, group, f)
        constant = np.isclose(low, high, rtol=1e-6, atol=0).all()
        same = np.isclose(f[~unknown], found.last[~unknown], rtol=1e-6, atol=0)
        repeats = same.mean() >= ALMOST if len(same) else name.lower() in ("naive", "naive1", "last", "persistence")
        if constant and repeats:
            where = f"{int(unknown.sum()):,} of {len(unknown):,} rows"
            text = f"the last price is not in the table for {where}: taken from {name}, which is that price"
            return Origins(found.cutoff, found.horizon, np.where(unknown, f, found.last), (text,))
    return found


def refuse_mixture(columns: Mapping[str, Floats], y: Floats, symbol: str) -> None:
    """Raise InputError for a column whose forecasts were made every h rows for 1 .. h rows ahead: several horizons.

    y (n,) and columns {name: (n,)} of one series, one row per date. Judged as one horizon, the first rows of such a
    table make all the others look good. See `rows_ahead` for what is recognised.
    """
    for name, f in columns.items():
        if h := rows_ahead(f, y):
            of = f" of {symbol}" if symbol else ""
            raise InputError(
                f"{name}{of} follows the last price of 1 to {h} rows before in turn, so the rows are 1 to {h} ahead "
                "and cannot be one horizon: keep the column cutoff (when each was made), or add horizon",
                option="columns",
            )


def rows_ahead(f: Floats, y: Floats) -> int:
    """The h of forecasts (n,) made every h rows for 1 .. h rows ahead; 0 where all may be of one age.

    Either f repeats the y of 1, 2 .. h rows before in turn, in nine rows of ten; or it stays near them, as forecasts of
    prices do: there is a row with which the ages 1, 2 .. h, 1, 2 .. begin such that |f - y of that many rows before| is
    on average less than `NEARER` times what it is for any one age (half of that where fewer than 60 rows tell), and
    than half of what y moves in a row. Near ages up to 30, in the first 600 rows; four whole turns at least.

    >>> y = np.random.default_rng(0).normal(size=300).cumsum() + 100
    >>> start = np.repeat(y[4:-1:5], 5)
    >>> rows_ahead(start, y[5:]), rows_ahead(start + 0.1 * y[:295] / 100, y[5:]), rows_ahead(y[4:-1], y[5:])
    (5, 5, 0)
    """
    if h := _repeated(f, y):
        return h
    n = min(len(y), 600)
    longest = min(30, n // 5)
    if longest < 2 or not (y > 0).all() or not autocorrelation(y) > least_of_a_price(len(y)):
        return 0  # too few rows, or no price: what is near the last value says nothing
    away = np.stack([np.abs(f[longest:n] - y[longest - k : n - k]) for k in range(longest + 1)])
    away = away[:, np.isfinite(away).all(axis=0)]
    rows = away.shape[1]
    if not rows:
        return 0
    much = NEARER if rows >= 60 else NEARER / 2
    nearest, found = min(much * float(away.mean(axis=1).min()), float(np.abs(np.diff(y[:n])).mean()) / 2), 0
    for h in range(2, min(longest, rows // 4) + 1):
        turns = rows // h
        at = away[1 : h + 1, : turns * h].reshape(h, turns, h).mean(axis=1)  # (age - 1, row within a turn)
        diagonal = (np.arange(h) + np.arange(h)[:, None]) % h
        mean = float(at[np.arange(h), diagonal].mean(axis=1).min())
        if mean < nearest:
            nearest, found = mean, h
    return found


def _repeated(f: Floats, y: Floats) -> int:
    """The h of forecasts that are the y of 1, 2 .. h rows before in turn; 0 if they are not."""
    n = len(y)
    age = np.zeros(n, np.int64)
    for lag in range(min(60, n - 1), 0, -1):
        age[lag:][np.isclose(f[lag:], y[:-lag], rtol=1e-6, atol=0)] = lag
    whole = age[60:] if n > 120 else age
    ages = np.unique(whole[whole > 0])
    climbs = np.mean((np.diff(whole) == 1) | (whole[1:] == 1)) if n > 2 else 0.0
    in_turn = len(ages) > 1 and (whole > 0).mean() >= 0.9 and climbs >= 0.9 and ages.max() == len(ages)
    return int(ages.max()) if in_turn else 0


def overlap(cutoff: Instants, ds: Instants) -> int:
    """How many forecasts at most were open at once, itself included: the horizon that a test must allow for.

    >>> day = np.arange("2024-01-01", "2024-01-13", dtype="datetime64[D]")
    >>> overlap(day[:-5], day[5:]), overlap(day[:-5:5], day[5::5])
    (5, 1)
    """
    origin, place = np.unique(cutoff, return_inverse=True)
    target = np.full(len(origin), np.iinfo(np.int64).min)
    np.maximum.at(target, place.reshape(-1), ds.astype("datetime64[s]").astype(np.int64))
    ends = np.searchsorted(origin.astype("datetime64[s]").astype(np.int64), target, "left")
    return int((ends - np.arange(len(origin))).max(initial=1))

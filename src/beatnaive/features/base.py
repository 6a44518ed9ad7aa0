"""A feature set: a function from bars to columns, and the facts that the contract suite holds it to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.registry import pick
from beatnaive.core.types import BARS, Bools, Finding, Floats, Instants
from beatnaive.core.user_code import guarded
from beatnaive.prices.calendars import closes
from beatnaive.releases.beside import PUBLISHED_ON

if TYPE_CHECKING:
    import pandas as pd

Compute: TypeAlias = "Callable[[pd.DataFrame], pd.DataFrame]"


@dataclass(frozen=True)
class FeatureSet:
    """A function of one symbol's bars, and what it promises.

    compute: takes a frame with those of Open, High, Low, Close, Volume that the data has, indexed by session
    (`frame.attrs["symbol"]` names the symbol, `"calendar"` its exchange); returns columns on the same index, leaving
    out those whose inputs are missing. A row may use its own session and earlier ones only.
    columns: all names, given all inputs; () = not declared. lookback: sessions that a row needs, its own included;
    0 = not declared. recursive: columns whose memory never ends (weights decay: 500 earlier sessions change
    nothing beyond 1e-6). scheduled: columns that a calendar's rules give in advance, so that no audit asks when their
    values came out.
    """

    name: str
    compute: Compute
    columns: tuple[str, ...] = ()
    lookback: int = 0
    recursive: frozenset[str] = frozenset()
    reference: str = ""
    scheduled: frozenset[str] = frozenset()


def feature_set(name: str) -> FeatureSet:
    """The set of a row of FEATURES, or a user's own function or set by ``module:name`` or ``file.py:name``.

    Raises UnknownName, or InputError when it does not name a function.

    >>> feature_set("published").lookback
    60
    """
    from beatnaive.features.rows import FEATURES

    found = pick(FEATURES, "feature set", name)
    if isinstance(found, FeatureSet):
        return found
    if not callable(found):
        raise InputError(
            f"{name} is not a feature function: write a function from a frame of bars to a frame of columns"
        )
    return FeatureSet(getattr(found, "__name__", name), found)


def compute(
    bars: Floats, sessions: Instants, names: Sequence[str], *, symbol: str, calendar: str | None = None
) -> tuple[tuple[str, ...], Floats, tuple[Finding, ...]]:
    """The columns of several feature sets for one symbol.

    Arguments: bars (n, 5), NaN columns = the source has none; sessions (n,) dates; names of sets; calendar, the code
    of the prices' exchange, None = by the symbol.
    Returns the column names, x (n, p) with NaN where a row is incomplete, and a note per set with columns left out.
    Raises InputError when two sets share a column name, a function breaks the contract, or a user's looks ahead.

    >>> days = np.arange("2024-01-01", "2024-04-10", dtype="datetime64[D]")
    >>> bars = np.column_stack([np.full((100, 4), 10.0), np.full(100, np.nan)])
    >>> columns, x, notes = compute(bars, days, ["published"], symbol="FLAT")
    >>> x.shape, notes[0].message
    ((100, 32), '7 of 39 columns of published need volume, which FLAT lacks: left out')
    """
    if not names:
        return (), np.empty((len(bars), 0)), ()
    frame = frame_of(bars, sessions, symbol)
    if calendar is not None:
        frame.attrs["calendar"] = calendar
    sets = [feature_set(name) for name in names]
    tables = []
    for name, each in zip(names, sets, strict=True):
        if ":" not in name:
            tables.append(evaluate(each, frame))
            continue
        with guarded(f"{name.rpartition(':')[2]}(bars)", [str(column) for column in frame.columns]):
            tables.append(evaluate(each, frame))
            _refuse_foresight(name, each, frame, tables[-1])  # the tests hold the shipped sets to this, and to more
    columns = tuple(str(column) for table in tables for column in table.columns)
    for column, times in Counter(columns).items():
        if times > 1:
            raise InputError(f"two columns named {column!r} in features {', '.join(names)}: rename or drop one")
    x = np.concatenate([table.to_numpy(np.float64) for table in tables], axis=1)
    x[~np.isfinite(x)] = np.nan
    notes = []
    lacking = " and ".join(name.lower() for name in BARS if name not in frame) or "a bar column"
    for each, table in zip(sets, tables, strict=True):
        lost = [name for name in each.columns if name not in table.columns]
        if lost:
            message = f"{len(lost)} of {len(each.columns)} columns of {each.name} need {lacking}, which {symbol} lacks"
            note = Finding(
                severity="note", kind="features_left_out", symbol=symbol, message=f"{message}: left out",
                mend="take a source with all of open, high, low, close and volume", count=len(lost),
            )  # fmt: skip
            notes.append(note)
    return columns, x, tuple(notes)


def frame_of(bars: Floats, sessions: Instants, symbol: str) -> pd.DataFrame:
    """The frame that feature functions see: the bar columns that the data has, by session."""
    import pandas as pd

    has: list[bool] = [bool(np.isfinite(bars[:, k]).any()) for k in range(len(BARS))]
    index = pd.DatetimeIndex(sessions.astype("datetime64[ns]"), name="Date")
    frame = pd.DataFrame({name: bars[:, k] for k, name in enumerate(BARS) if has[k]}, index=index)
    frame.attrs["symbol"] = symbol
    return frame


def evaluate(features: FeatureSet, frame: pd.DataFrame) -> pd.DataFrame:
    """Call a set on a copy of the frame and hold the answer to the contract: same index, numbers, distinct names.

    A column `published` (the day on which the row's value came out) is checked and left out. Raises InputError naming
    the function, what it did, and how to mend it.
    """
    import pandas as pd

    try:
        table: pd.DataFrame | pd.Series[float] = features.compute(frame.copy(deep=True))
    except KeyError as error:
        missing = str(error.args[0]) if error.args else ""
        if missing not in BARS or missing in frame:
            raise
        symbol = frame.attrs.get("symbol", "the data")
        raise InputError(f"{features.name} needs {missing}, which {symbol} lacks: test for it first") from error
    if isinstance(table, pd.Series):
        table = table.to_frame(str(table.name or features.name))
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            f"{features.name} returned {type(table).__name__}: return a DataFrame or Series on the frame's index"
        )
    if not table.index.equals(frame.index):
        raise InputError(
            f"{features.name} returned {len(table)} rows for {len(frame)} sessions, or another index: "
            "keep every row, NaN where unknown"
        )
    if PUBLISHED_ON in table:  # it dates a joined table: no row may use what came out after its session
        late = published_late(table, str(frame.attrs.get("calendar", "XNYS")))
        if late.any():
            row = int(late.argmax())
            day, published = table.index[row], table[PUBLISHED_ON].iloc[row]
            raise InputError(
                f"{features.name} uses on {day:%Y-%m-%d} a value published on {published:%Y-%m-%d}: "
                "join by the day of publication"
            )
        table = table.drop(columns=PUBLISHED_ON)
    bad = [str(column) for column, kind in zip(table.columns, table.dtypes, strict=True) if kind.kind not in "fiub"]
    if bad:
        raise InputError(f"{features.name} returned column {bad[0]!r} that holds no numbers: encode it as a number")
    return table


def published_late(table: pd.DataFrame, calendar: str = "XNYS") -> Bools:
    """(n,) rows whose `published` is later than they may know: a day later than their own, or an instant with a time
    zone later than their session's close on the calendar's exchange."""
    import pandas as pd

    stated = pd.to_datetime(table[PUBLISHED_ON])
    if isinstance(stated.dtype, pd.DatetimeTZDtype):
        at = stated.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return np.asarray(at > closes(calendar, table.index.to_numpy().astype("datetime64[D]")))
    return np.asarray(stated.to_numpy() > table.index.to_numpy())


def _refuse_foresight(name: str, features: FeatureSet, frame: pd.DataFrame, table: pd.DataFrame) -> None:
    """What is said of a session may not change when later sessions are cut off: at the middle, and at three quarters.

    `beatnaive audit` looks closer. A function that cannot work on so few sessions is not judged.
    """
    for cut in (len(frame) // 2, 3 * len(frame) // 4):
        try:
            early = evaluate(features, frame.iloc[:cut]).reindex(columns=table.columns)
        except (InputError, ArithmeticError, LookupError, TypeError, ValueError):
            continue
        before, after = (one.iloc[:cut].to_numpy(np.float64, copy=True) for one in (table, early))
        for values in (before, after):
            values[~np.isfinite(values)] = np.nan
        scale = np.nanmax(np.abs(before), axis=0, initial=1e-300)
        changed = ~np.isclose(before, after, rtol=0, atol=1e-9 * scale, equal_nan=True)
        if changed.any():
            column = int(changed.any(0).argmax())
            last = int(np.flatnonzero(changed[:, column])[-1])
            raise InputError(
                f"{name} looks ahead: {table.columns[column]} of {frame.index[last]:%Y-%m-%d} changes when sessions "
                f"from {frame.index[cut]:%Y-%m-%d} on are cut off; see beatnaive audit {name}"
            )

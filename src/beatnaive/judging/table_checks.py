"""Is a user-supplied table what it claims to be? Columns, dates, and a naive forecast that is really the last price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.phrases import count
from beatnaive.core.types import LEVELS, Finding, Floats, Instants
from beatnaive.judging.significance.examination import ROWS
from beatnaive.prices.calendars import sessions_between

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

QUANTILES = tuple(f"_q{level * 100:04.1f}".replace(".", "").removesuffix("0") for level in LEVELS)
"""What follows a model's name in the columns of its quantiles: _q025, _q05 .. _q975."""
RESERVED = ("ds", "y", "symbol", "naive", "close")
EXCHANGES = ("XNYS", "XLON", "XETR", "XTKS", "XBOM", "XHKG")
CALENDARS = ("days", "weekdays", *EXCHANGES)
LARGEST = 1e60
_ASK = "add a column 'naive' or 'close' (the last price known when the forecast was made)"


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckedTable:
    """A checked table sorted by (ds, symbol), in the unit of y; NaN where a benchmark is not known.

    benchmarks {name: (n,)} what must be beaten: naive, or for variances the last value and the means of the last twenty
    and of all values known; models {name: (n,)}; quantiles {name: (n, 9)} at `LEVELS`, of models (and of naive) that
    state them; symbols is empty where the table has no such column; findings: what is doubtful about naive.
    """

    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    ds: Instants
    y: Floats
    benchmarks: Mapping[str, Floats]
    close: Floats | None
    models: Mapping[str, Floats]
    quantiles: Mapping[str, Floats]
    findings: tuple[Finding, ...] = ()


def checked(frame: pd.DataFrame, horizon: int, kind: str) -> CheckedTable:
    """Check a table of forecasts and find its naive. kind: "price", "return" or "variance".

    Columns NAME_q025, NAME_q05 .. NAME_q975 are the nine quantiles that NAME states; a model that has no column of its
    own is judged by its median where a point is needed.

    Raises InputError, one line, for the first thing that is wrong.
    """
    for name in ("ds", "y"):
        if name not in frame:
            raise InputError(f"no column {name!r}: the table needs ds (dates), y (outcomes) and a column per model")
    if len(frame) == 0:
        raise InputError("the table has no rows")
    models, stated = named([str(name) for name in frame.columns])
    columns = {name: numbers_of(frame, name) for name in frame.columns if name not in ("ds", "symbol")}
    symbols: tuple[str, ...] = ()
    codes = np.zeros(len(frame), np.int32)
    if "symbol" in frame:
        if missing := int(frame["symbol"].isna().sum()):
            raise InputError(f"symbol is missing in {missing} rows: fill it or remove the rows")
        names, found = np.unique(frame["symbol"].to_numpy(str), return_inverse=True)
        symbols, codes = tuple(str(name) for name in names), found.astype(np.int32)
    ds = dates_of(frame)
    refuse_disorder(ds, codes, symbols)
    for name in ("y", "naive", "close"):
        missing_rows = np.flatnonzero(~np.isfinite(columns[name])) if name in columns else np.empty(0, int)
        if len(missing_rows):
            day = np.datetime_as_string(ds[missing_rows[0]], unit="D")
            raise InputError(f"{name} is missing in {len(missing_rows)} rows, the first on {day}: remove those rows")
    order = np.lexsort((codes, ds))
    codes, ds = codes[order], ds[order]
    columns = {name: values[order] for name, values in columns.items()}
    quantiles = {stem: np.stack([columns[f"{stem}{one}"] for one in QUANTILES], axis=1) for stem in stated}
    if kind == "variance":
        benchmarks = benchmarks_of_variance(columns, symbols, codes, ds, horizon)
    else:
        benchmarks = {"naive": naive_of(columns, symbols, codes, ds, horizon, kind)}
    points = {name: columns[name] if name in columns else quantiles[name][:, len(LEVELS) // 2] for name in models}
    return CheckedTable(
        symbols=symbols,
        symbol=codes,
        ds=ds,
        y=columns["y"],
        benchmarks=benchmarks,
        close=columns.get("close"),
        models={name: values for name, values in points.items() if name not in benchmarks},
        quantiles=quantiles,
        findings=naive_findings(columns, symbols, codes, ds, horizon) if kind == "price" else (),
    )


def named(columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """The models of a table with these columns, and which of them (and naive) state all nine quantiles.

    Raises InputError where there is no model, and for a set of quantile columns that lacks some: its columns would be
    judged as models.

    >>> named(["ds", "y", "lstm", *(f"garch{one}" for one in QUANTILES)])
    (['lstm', 'garch'], ['garch'])
    """
    found: dict[str, list[str]] = {}
    for name in columns:
        stem, mark, level = name.rpartition("_q")
        if stem and mark + level in QUANTILES:
            found.setdefault(stem, []).append(mark + level)
    for stem, own in found.items():
        if 1 < len(own) < len(QUANTILES):
            lacking = ", ".join(f"{stem}{one}" for one in QUANTILES if one not in own)
            raise InputError(f"{stem} states {len(own)} of nine quantiles: add {lacking[:80]}, or remove the others")
    stated = [stem for stem, own in found.items() if len(own) == len(QUANTILES)]
    parts = {f"{stem}{one}" for stem in stated for one in QUANTILES}
    models = [name for name in columns if name not in RESERVED and name not in parts]
    models += [stem for stem in stated if stem not in columns and stem != "naive"]
    if not models:
        raise InputError("no model column: besides ds, y, symbol, naive and close every column is a model")
    return models, stated


def refuse_disorder(ds: Instants, codes: NDArray[np.int32], symbols: tuple[str, ...]) -> None:
    """Raise InputError unless every symbol's dates ascend without repeats."""
    order = np.argsort(codes, kind="stable")
    same = np.diff(codes[order]) == 0
    step = np.diff(ds[order].astype(np.int64))
    for wrong, text, mend in (
        (same & (step == 0), "appears twice", "keep one row per date"),
        (same & (step < 0), "comes after a later date", "sort the rows by ds"),
    ):
        if wrong.any():
            row = order[int(wrong.argmax()) + 1]
            whose = f" of {symbols[codes[row]]}" if symbols else ""
            raise InputError(f"ds {np.datetime_as_string(ds[row], unit='D')}{whose} {text}: {mend}")


def numbers_of(frame: pd.DataFrame, name: Any) -> Floats:
    """A column as float64, NaN for missing cells and for values beyond 1e60, whose fourth powers are not numbers.

    Raises InputError for text, naming an example.
    """
    import pandas as pd

    column = frame[name]
    if column.dtype == bool or not (pd.api.types.is_numeric_dtype(column) or column.isna().all()):
        wrong = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        example = f", such as {str(wrong.iloc[0])[:40]!r}" if len(wrong) else ""
        raise InputError(f"column {str(name)!r} is not numeric{example}: remove it, or mend it if it is a model")
    values = np.asarray(column.to_numpy(np.float64, na_value=np.nan))
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def dates_of(frame: pd.DataFrame) -> Instants:
    """The column ds as UTC instants, to the second. Raises InputError for anything that is not a date."""
    import pandas as pd

    column = frame["ds"]
    if pd.api.types.is_numeric_dtype(column):
        raise InputError("ds holds numbers, not dates: write dates as YYYY-MM-DD")
    try:
        parsed = pd.to_datetime(column, format=None if column.dtype.kind == "M" else "ISO8601", utc=True)
    except (ValueError, TypeError) as error:
        raise InputError(f"ds is not all dates as YYYY-MM-DD: {str(error).splitlines()[0]}") from error
    if parsed.isna().any():
        raise InputError(f"ds is missing in {int(parsed.isna().sum())} rows: fill it or remove the rows")
    return parsed.dt.tz_localize(None).to_numpy("datetime64[s]")


def naive_of(
    columns: Mapping[str, Floats],
    symbols: tuple[str, ...],
    codes: NDArray[np.int32],
    ds: Instants,
    horizon: int,
    kind: str,
) -> Floats:
    """(n,) the user-supplied naive or close, zero for returns, or the y of `horizon` rows before.

    The last only where that is the last known price: y must look like a price, and ds follow a calendar without a gap.
    Raises InputError where it cannot be known.
    """
    for name in ("naive", "close"):
        if name in columns and not (kind == "return" and name == "close"):
            return columns[name]
    y = columns["y"]
    if kind == "return":
        return np.zeros(len(y))
    naive = np.full(len(y), np.nan)
    calendar = Calendar()
    order = np.argsort(codes, kind="stable")
    series = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    longest = max(len(rows) for rows in series)
    for rows in series:
        name = symbols[codes[rows[0]]] if symbols else ""
        # only a price series has its own last value as naive; a few rows beside long ones do not tell
        of = f" of {name}" if name else ""
        if not (y[rows] > 0).all():
            raise InputError(
                f'y{of} is not always positive, so it is not a price: returns need y="return", else {_ASK}', option="y"
            )
        told = len(rows) >= min(ROWS, longest)
        if told and (y[rows] == y[rows[0]]).all():
            raise InputError(f"y{of} is {y[rows[0]]:g} in all {len(rows)} rows: where nothing moves, naive is perfect")
        # a random walk of few rows has less of it: 0.4 at 30 rows, 0.78 at 100; one in a hundred stays below
        like_a_price = min(0.9, max(0.4, 1 - 22 / len(rows)))
        if told and not (similar := autocorrelation(y[rows])) > like_a_price:
            looks = f"does not look like a price (lag-1 autocorrelation {similar:.2f})"
            raise InputError(f'y{of} {looks}: returns need y="return", else {_ASK}', option="y")
        calendar.check(ds[rows], name)
        naive[rows] = lagged(y[rows], horizon)
    if not np.isfinite(naive).any():
        raise InputError(f"{len(y)} rows are too few for a horizon of {horizon}: {_ASK}")
    return naive


def benchmarks_of_variance(
    columns: Mapping[str, Floats], symbols: tuple[str, ...], codes: NDArray[np.int32], ds: Instants, horizon: int
) -> dict[str, Floats]:
    """{name: (n,)} the naive forecasts of a variance: the last value known, the mean of the last 20, and of all.

    A 20-day mean is a weak rival by itself, and the last value a noisy one: "better" means better than all three, and
    than the column naive where there is one. Where rows are missing they cannot be known, and naive stands alone.
    Raises InputError for a y that is not positive, and for gaps without a column naive.
    """
    y = columns["y"]
    if not (y > 0).all():
        raise InputError("y is not always positive, so it is not a variance")
    found = {"naive": columns["naive"]} if "naive" in columns else {}
    made = {name: np.full(len(y), np.nan) for name in ("last_value", "mean_20", "expanding_mean")}
    calendar, order = Calendar(), np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        try:
            calendar.check(ds[rows], symbols[codes[rows[0]]] if symbols else "")
        except InputError:
            if found:
                return found
            raise
        own, sums = y[rows], np.concatenate([[0.0], y[rows].cumsum()])
        seen = np.arange(1, len(own) + 1)
        recent, every = (sums[seen] - sums[np.maximum(seen - 20, 0)]) / np.minimum(seen, 20), sums[seen] / seen
        for name, values in (("last_value", own), ("mean_20", recent), ("expanding_mean", every)):
            made[name][rows] = lagged(np.where(seen >= 20, values, np.nan), horizon)
    return found | {name: columns.get(name, values) for name, values in made.items()}


def naive_findings(
    columns: Mapping[str, Floats], symbols: tuple[str, ...], codes: NDArray[np.int32], ds: Instants, horizon: int
) -> tuple[Finding, ...]:
    """A doubt where the given naive (or close) is not the last known price, in a table whose y allows to compute that.

    The last known price is the y of `horizon` rows before; a price of more rows before is easier to beat.
    """
    label = next((name for name in ("naive", "close") if name in columns), None)
    if label is None:
        return ()
    y, given, calendar = columns["y"], columns[label], Calendar()
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        name = symbols[codes[rows[0]]] if symbols else ""
        if len(rows) <= horizon + 4 or not (y[rows] > 0).all() or not autocorrelation(y[rows]) > 0.9:
            continue
        try:
            calendar.check(ds[rows], name)
        except InputError:
            continue
        lags = range(horizon + 4)
        same = [np.isclose(given[rows], lagged(y[rows], k) if k else y[rows], rtol=1e-6) for k in lags]
        share = [float(one[k:].mean()) for k, one in enumerate(same)]
        if share[horizon] >= 0.99:
            continue
        closest = int(np.argmax(share))
        if share[closest] >= 0.99:
            when = f"{label} is the price of {count(closest)} row{'s' if closest != 1 else ''} before"
            text = when if closest else f"{label} is the very price that is to be forecast"
        else:
            wrong = np.flatnonzero(~same[horizon][horizon:]) + horizon
            day = np.datetime_as_string(ds[rows[wrong[0]]], unit="D")
            text = (
                f"{label} is not the last known price in {len(wrong)} of {len(rows) - horizon} rows, the first on {day}"
            )
        last = f"the last known price is that of {count(horizon)} row{'s' if horizon != 1 else ''} before"
        return (
            Finding(
                severity="doubt", kind="naive_column", symbol=name or "*", message=f"{text}; {last}",
                mend=f"remove the column {label}, or fill it with the last known price", count=len(rows),
            ),
        )  # fmt: skip
    return ()


def lagged(values: Floats, steps: int) -> Floats:
    """The values of `steps` rows before, NaN for the first.

    >>> lagged(np.array([1.0, 2.0, 3.0]), 1).tolist()
    [nan, 1.0, 2.0]
    """
    return np.concatenate([np.full(min(steps, len(values)), np.nan), values[:-steps]])


def autocorrelation(y: Floats) -> float:
    """Correlation of a series with itself one row before; NaN for a constant series or fewer than three rows.

    >>> round(autocorrelation(np.arange(10.0)), 6)
    1.0
    """
    if len(y) < 3 or y[1:].std() == 0 or y[:-1].std() == 0:
        return float("nan")
    return float(np.corrcoef(y[1:], y[:-1])[0, 1])


class Calendar:
    """The calendar that a file's dates follow: every day, every weekday, or the sessions of an exchange."""

    def __init__(self) -> None:
        self._found: str | None = None

    def check(self, ds: Instants, name: str) -> None:
        """Raise InputError when a session is missing between the first date and the last."""
        days = ds.astype("datetime64[D]")
        of = f" of {name}" if name else ""
        if len(days) > 1 and (np.diff(days).astype(int) == 0).any():
            raise InputError(f"ds{of} has several rows a day, and no calendar tells whether some are missing: {_ASK}")
        if len(np.unique(_weekday(days))) < min(5, len(days)):
            raise InputError(f"ds{of} is not daily, and every fifth day looks like a weekly series: {_ASK}")
        fits = [self._misfit(code, days) for code in ((self._found,) if self._found else ())]
        for code in CALENDARS if not fits or fits[0].count else ():
            fits.append(self._misfit(code, days))
            if not fits[-1].count:
                break
        best = min(fits, key=lambda fit: fit.count)
        if best.count:
            raise InputError(f"ds{of} {best.words}, so the row before is not the last price: {_ASK}")
        self._found = best.code

    @staticmethod
    def _misfit(code: str, days: Instants) -> Misfit:
        if code in EXCHANGES:
            sessions = sessions_between(code, days[0], days[-1])
        else:
            sessions = np.arange(days[0], days[-1] + 1)
            sessions = sessions if code == "days" else sessions[_weekday(sessions) < 5]
        missing = np.setdiff1d(sessions, days, assume_unique=True)
        strange = len(days) - (len(sessions) - len(missing))
        if strange > 0.01 * len(days):
            return Misfit(code, len(days), "follows no calendar that is known here")
        name = f"sessions of {code}" if code in EXCHANGES else code
        first = f", the first {missing[0]}" if len(missing) else ""
        return Misfit(code, len(missing), f"lacks {len(missing)} {name}{first}")


@dataclass(frozen=True)
class Misfit:
    """How many sessions of a calendar a file lacks, and that in words."""

    code: str
    count: int
    words: str


def _weekday(days: Instants) -> NDArray[np.int64]:
    """Monday = 0."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7

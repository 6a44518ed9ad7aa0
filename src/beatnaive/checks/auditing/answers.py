"""How a function of bars is called, and how its answer becomes a table by session, in whatever form either comes."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def as_it_is(frame: pd.DataFrame) -> pd.DataFrame:
    """Open, High, Low, Close, Volume by session."""
    return frame.copy(deep=True)


def with_adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """Yahoo's older form: a column Adj Close beside Close."""
    made = frame.copy(deep=True)
    if "Close" in made and "Adj Close" not in made:
        made.insert(list(made.columns).index("Close") + 1, "Adj Close", made["Close"])
    return made


def lower_case(frame: pd.DataFrame) -> pd.DataFrame:
    """open, high, low, close, volume by session."""
    made = frame.rename(columns=lambda name: str(name).lower())
    made.attrs.update(frame.attrs)
    return made.copy(deep=True)


def with_date_column(frame: pd.DataFrame) -> pd.DataFrame:
    """Yahoo's CSV as it is read: a column Date beside the bars, rows by number."""
    return frame.rename_axis("Date").reset_index()


def candles(frame: pd.DataFrame) -> pd.DataFrame:
    """freqtrade's form: columns date (UTC), open, high, low, close, volume, rows by number."""
    index: Any = frame.index
    made = lower_case(frame).rename_axis("date").reset_index()
    made["date"] = made["date"].dt.tz_localize("UTC") if index.tz is None else made["date"].dt.tz_convert("UTC")
    made.attrs.update(frame.attrs)
    return made


VIEWS: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
    as_it_is, lower_case, with_adjusted, with_date_column, candles,
)  # fmt: skip
"""The forms in which people's functions expect their bars, the commonest first."""


@dataclass(frozen=True, eq=False)
class Form:
    """A function of bars and the form in which it takes them."""

    function: Callable[[pd.DataFrame], Any]
    view: Callable[[pd.DataFrame], pd.DataFrame] = as_it_is

    @classmethod
    def of(cls, function: Callable[[pd.DataFrame], Any], frame: pd.DataFrame) -> tuple[Form, Any]:
        """The first form that the function takes, and its answer. Raises what it raised on the first of them."""
        first: Exception | None = None
        for view in VIEWS:
            form = cls(function, view)
            try:
                return form, form(frame)
            except (KeyError, AttributeError, IndexError, ValueError, TypeError) as error:
                first = first or error
                if not isinstance(first, KeyError | AttributeError):
                    break  # it is not a column that it misses
        assert first is not None
        raise first

    def __call__(self, frame: pd.DataFrame) -> Any:
        """The function's own answer about a frame; the frame itself where it adds columns to it and returns nothing."""
        bars = self.view(frame)
        columns = len(bars.columns)
        answer = self.function(bars)
        return bars if answer is None and len(bars.columns) > columns else answer

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Its answer as numbers by session."""
        return as_table(self(frame), frame, str(getattr(self.function, "__name__", "the function")))


def as_table(answer: Any, frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """An answer about bars as a table of numbers with a row per session.

    Takes a DataFrame or Series by session, also with rows left out (NaN then) or rows by number, an array (n,), (n, p)
    or (n, ...); the last row of an array, or of a table by number, that has fewer rows than there are sessions belongs
    to the last session. Texts become numbers that stand for them. Raises InputError for anything else.

    >>> import pandas as pd
    >>> bars = pd.DataFrame({"Close": [1.0, 2.0, 3.0]}, index=pd.date_range("2024-01-01", periods=3))
    >>> as_table(np.array([2.0, 3.0]), bars, "mine")["0"].tolist()
    [nan, 2.0, 3.0]
    """
    import pandas as pd

    if hasattr(answer, "toarray"):  # a sparse matrix
        answer = answer.toarray()
    if isinstance(answer, list | tuple):
        answer = np.asarray(answer)
    if isinstance(answer, pd.Series):
        answer = answer.to_frame(str(answer.name) if answer.name is not None else name)
    elif isinstance(answer, np.ndarray) and answer.ndim >= 1:
        flat = answer.reshape(len(answer), -1)
        answer = pd.DataFrame(flat, columns=[str(k) for k in range(flat.shape[1])])
    if not isinstance(answer, pd.DataFrame):
        raise InputError(
            f"{name} returned {type(answer).__name__}: return a DataFrame, a Series or an array with a row per session"
        )
    if len(answer) > len(frame):
        raise InputError(f"{name} returned {len(answer)} rows for {len(frame)} sessions: at most one row per session")
    table = pd.DataFrame({str(column): _numbers(answer.iloc[:, k]) for k, column in enumerate(_distinct(answer))})
    table.index = _sessions(answer, frame, name)
    return table if table.index.equals(frame.index) else table.reindex(frame.index)


def _distinct(answer: pd.DataFrame) -> list[str]:
    names: list[str] = []
    columns: list[Any] = list(answer.columns)
    for column in columns:
        text = " ".join(map(str, column)) if isinstance(column, tuple) else str(column)
        names.append(text if text not in names else f"{text} ({len(names) + 1})")
    return names


def _sessions(answer: pd.DataFrame, frame: pd.DataFrame, name: str) -> Any:
    """The sessions that the answer's rows belong to."""
    import pandas as pd

    index = answer.index
    if isinstance(index, pd.DatetimeIndex):
        mine: Any = frame.index
        if index.tz is not None and mine.tz is None:
            index = index.tz_localize(None)
        if not index.is_unique or not index.isin(mine).all():
            raise InputError(f"{name} returned rows of days that are not sessions of the bars, or a day twice")
        return index
    if pd.api.types.is_integer_dtype(index) and len(index) < len(frame) and index.is_unique:
        numbers = np.asarray(index)
        # rows that were left out keep the numbers of the rest; numbered anew, the last is the last
        if len(numbers) and numbers.max() < len(frame) and not np.array_equal(numbers, np.arange(len(numbers))):
            return frame.index[numbers]
    return frame.index[len(frame) - len(answer) :]


def _numbers(values: pd.Series[Any]) -> Any:
    import pandas as pd

    kind = values.dtype
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_numeric_dtype(kind):
        return pd.to_numeric(values).to_numpy(np.float64, na_value=np.nan)
    if isinstance(kind, pd.DatetimeTZDtype) or kind.kind in "mM":
        whole = values.to_numpy("datetime64[ns]" if kind.kind != "m" else "timedelta64[ns]").astype(np.int64)
        return np.where(values.isna(), np.nan, whole.astype(np.float64))
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    text = values.notna().to_numpy() & np.isnan(numbers)
    return np.where(text, [float(zlib.crc32(str(value).encode())) for value in values], numbers)

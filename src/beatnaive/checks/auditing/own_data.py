"""The user's own bars as the market of the experiments: a file, or a DataFrame."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import read_bytes
from beatnaive.core.errors import InputError
from beatnaive.core.files import at_home

if TYPE_CHECKING:
    import pandas as pd

LEAST, MOST = 120, 5000
"""Sessions that an audit needs, and the last ones that it takes."""
LARGEST = 1 << 30
"""Bytes of a file of bars."""
DATES = ("date", "datetime", "timestamp", "time", "day", "session", "ds", "index", "unnamed: 0")


def market_of(data: str | Path | pd.DataFrame) -> pd.DataFrame:
    """A file (CSV or Parquet) or a frame as a market: a row per bar, oldest first, indexed by its instant.

    Columns keep their names; all of them, also those that are not bars, are changed in the experiments. Numbers become
    float64. Of more than 5,000 rows the last ones are taken. Raises InputError, naming the file and what is wrong.
    """
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        name, frame = "the frame", data.copy(deep=True)
    else:
        name, frame = Path(data).name, _read(at_home(data))
    if isinstance(frame.columns, pd.MultiIndex):
        frame.columns = pd.Index([str(column[0]) for column in frame.columns])
    frame = _by_instant(frame, name)
    made: dict[str, Any] = {}
    for column in frame.columns:
        values = frame[column]
        numbers = values if pd.api.types.is_bool_dtype(values) else pd.to_numeric(values, errors="coerce")
        if pd.api.types.is_bool_dtype(values) or numbers.notna().sum() < 0.5 * values.notna().sum():
            made[str(column)] = values.to_numpy()
        else:
            made[str(column)] = numbers.to_numpy(np.float64, na_value=np.nan)
    own = pd.DataFrame(made, index=frame.index).sort_index().iloc[-MOST:]
    own.attrs["symbol"] = Path(name).stem
    if len(own) < LEAST:
        rows = "1 row" if len(own) == 1 else f"{len(own)} rows"
        raise InputError(f"{name} has {rows}: an audit needs {LEAST} or more", option="data")
    return own


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        data = io.BytesIO(read_bytes(path, most=LARGEST))
        if path.suffix.lower() in (".parquet", ".pq"):
            admit_parquet(data, path.name)
            return pd.read_parquet(data)
        return pd.read_csv(data, sep=None, engine="python")
    except InputError as error:
        raise InputError(str(error), option="data") from error
    except (
        ValueError,
        TypeError,
        KeyError,
        UnicodeDecodeError,
    ) as error:  # pandas' and pyarrow's own derive from these
        said = " ".join(str(error).split())[:120]
        raise InputError(f"{path.name} is not a CSV or Parquet table: {said}", option="data") from error


def _by_instant(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Indexed by the column that holds the dates, or by the index where that is one already."""
    import pandas as pd

    if isinstance(frame.index, pd.DatetimeIndex):
        index = frame.index
    else:
        column = next(
            (one for one in frame.columns if str(one).lower() in DATES),
            frame.columns[0] if len(frame.columns) else None,
        )
        if column is None:
            raise InputError(f"{name} has no column: an audit needs dates and prices", option="data")
        try:
            index = pd.DatetimeIndex(pd.to_datetime(frame[column], errors="raise", format="mixed"))
            if pd.api.types.is_numeric_dtype(frame[column]):
                raise ValueError("numbers")
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(
                f"{name}: column {column!r} holds no dates; name the column of dates 'date', as 2024-12-31",
                option="data",
            ) from error
        frame = frame.drop(columns=column)
    if index.hasnans or not index.is_unique:
        raise InputError(
            f"{name}: a date is missing or stands there twice; an audit takes one symbol's bars", option="data"
        )
    return frame.set_axis(index, axis=0)

"""The kind `file`: a CSV or Parquet of one's own, long or wide, with publication dates or a declared lag."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from beatnaive.core.containers import admit_csv, admit_parquet
from beatnaive.core.documents import read_bytes
from beatnaive.core.errors import InputError
from beatnaive.core.files import at_home
from beatnaive.core.types import Floats, Instants, Provenance
from beatnaive.releases.join import Transform
from beatnaive.releases.publication import NEW_YORK, lagged, published
from beatnaive.releases.table import Releases

if TYPE_CHECKING:
    import pandas as pd

KNOWN = ("known_at", "published", "filed", "first_filed")
PERIOD = ("period_end", "period", "date", "reference")
SYMBOL = ("symbol", "ticker")
LARGEST = 1 << 30
"""Bytes of a file of releases."""
WIDEST = 10_000
"""Columns of a file of releases."""


@dataclass(frozen=True)
class File:
    """CSV or Parquet: symbol, name, period_end, known_at, value; or wide, a column per series.

    path of the file; a column known_at, published or filed says when a row came out; without one, `lag` must ("45d",
    "2 sessions"). zone: of times without an offset, and of dates without a time, which count from their day's end.
    forecasts: values may be published before their period ends.
    """

    path: str
    lag: str | None = None
    zone: str = NEW_YORK
    calendar: str = "XNYS"
    forecasts: bool = False
    parts: ClassVar[tuple[str, ...]] = ("", "_fresh")
    transform: ClassVar[Transform] = "level"

    def read(self, symbols: Sequence[str]) -> Releases:
        """The rows that concern these symbols, or all symbols. Raises InputError, one line."""
        frame, provenance = read_frame(self.path)
        where = Path(self.path).name
        period = column_of(frame, PERIOD, where, "the period that each value describes")
        end = days(frame[period], where)
        known_column = next((name for name in KNOWN if name in frame), None)
        if known_column is not None:
            known = published(frame[known_column].fillna("").astype(str).tolist(), self.zone, where)
        elif self.lag is not None:
            known = lagged(end, self.lag, self.zone, self.calendar)
        else:
            raise InputError(f'{where} has no column known_at, published or filed: add one, or declare lag = "45d"')
        symbol_column = next((name for name in SYMBOL if name in frame), None)
        symbol = np.full(len(frame), "") if symbol_column is None else frame[symbol_column].fillna("").to_numpy(str)
        name, value, rows = values_in(frame, {period, known_column, symbol_column}, where)
        keep = np.isfinite(value) & np.isin(symbol[rows], ["", *symbols])
        if not keep.any() and symbol_column is not None and len(symbol):
            raise InputError(
                f"{where} has nothing on {', '.join(symbols[:3])}: it knows {', '.join(sorted(set(symbol))[:8])}"
            )
        assumed = "" if known_column else f"{self.lag} after the period's end"
        return Releases.of(
            symbol=symbol[rows][keep], name=name[keep], period_end=end[rows][keep], known_at=known[rows][keep],
            value=value[keep], provenance=provenance, assumed=assumed,
        )  # fmt: skip


def read_frame(path: str) -> tuple[pd.DataFrame, Provenance]:
    """The file's table, columns in lower case, and where it came from. Raises InputError for what cannot be read."""
    import pandas as pd

    place = at_home(path)
    try:
        raw = read_bytes(place, most=LARGEST)
        if raw[:4] == b"PAR1":
            admit_parquet(io.BytesIO(raw), place.name, columns=WIDEST)
            frame = pd.read_parquet(io.BytesIO(raw))
        else:
            admit_csv(raw, place.name, columns=WIDEST)
            frame = pd.read_csv(io.BytesIO(raw))
    except (OSError, ValueError) as error:  # pandas' and Arrow's errors are ValueErrors
        raise InputError(f"{place.name} cannot be read as CSV or Parquet: {str(error)[:80]}") from error
    frame.columns = [str(name).strip().lower().replace(" ", "_") for name in frame.columns]
    if not len(frame):
        raise InputError(f"{place.name} has no rows: it needs at least one")
    return frame, Provenance(place.name, hashlib.sha256(raw).hexdigest(), "")


def column_of(frame: pd.DataFrame, names: Sequence[str], where: str, what: str) -> str:
    """The first of the names that the frame has. Raises InputError saying what is missing."""
    for name in names:
        if name in frame:
            return name
    raise InputError(f"{where} does not say {what}: add a column {names[0]}")


def days(column: pd.Series[Any], where: str) -> Instants:
    """(n,) dates. Raises InputError naming the first row that is none."""
    import pandas as pd

    found = pd.to_datetime(column.astype(str), errors="coerce", format="ISO8601")
    if found.isna().any():
        row = int(found.isna().to_numpy().argmax())
        raise InputError(f"{where}: row {row + 1} says {str(column.iloc[row])[:30]!r}, no date: write 2024-01-31")
    return np.asarray(found.dt.tz_localize(None).to_numpy().astype("datetime64[D]"))


def values_in(
    frame: pd.DataFrame, used: set[str | None], where: str
) -> tuple[np.ndarray[Any, Any], Floats, np.ndarray[Any, Any]]:
    """Series names, values and the rows of the file that they stand in; long where there is a column `value`."""
    import pandas as pd

    if "value" in frame:
        names = frame["name"].astype(str).to_numpy(str) if "name" in frame else np.full(len(frame), Path(where).stem)
        columns = ["value"]
    else:
        columns = [name for name in frame.columns if name not in used]
        names = np.repeat(np.array(columns, str), len(frame))
        if not columns:
            raise InputError(f"{where} has no column of values: add one, or a column value")
    values = []
    for column in columns:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        bad = numbers.isna() & frame[column].notna()
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise InputError(
                f"{where}: row {row + 1} says {str(frame[column].iloc[row])[:30]!r} in {column}, where a number belongs"
            )
        values.append(numbers.to_numpy(np.float64))
    return names, np.concatenate(values), np.tile(np.arange(len(frame)), len(columns))

"""A file of forecasts as a DataFrame: Parquet, or CSV with commas, semicolons or tabs, decimal point or comma."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from beatnaive.core.containers import admit_csv, admit_parquet
from beatnaive.core.documents import read_bytes, shown
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

HEAD = 65536
"""Bytes looked at to tell how a CSV file is written."""
MOST = 4 << 30
WIDEST = 10_000
"""Columns of a table of forecasts."""


def read(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A CSV or Parquet file as a table, and what had to be told about its writing.

    Raises InputError when it cannot be read, or when a comma may be a decimal or a thousands separator.
    """
    import pandas as pd
    from pyarrow import ArrowInvalid

    data = read_bytes(path, most=MOST)
    try:
        if path.suffix.lower() in (".parquet", ".pq") or data[:4] == b"PAR1":
            admit_parquet(io.BytesIO(data), shown(path), columns=WIDEST)
            return pd.read_parquet(io.BytesIO(data)), ()
        separator, decimal = written(data[:HEAD].decode("utf-8-sig", errors="ignore"))
        admit_csv(data, shown(path), columns=WIDEST, separator=separator)
        frame = pd.read_csv(
            io.BytesIO(data), sep=separator, decimal=decimal, float_precision="round_trip", encoding="utf-8-sig"
        )
    except (ArrowInvalid, OSError, ValueError, OverflowError) as error:  # pandas' and decoding errors are ValueErrors
        raise InputError(f"{shown(path)} cannot be read as CSV or Parquet: {str(error)[:120]}") from error
    names = {";": "semicolons", "\t": "tabs", "|": "bars"}
    said = [f"separated by {names[separator]}"] if separator in names else []
    return frame, (*said, *(["decimal commas"] if decimal == "," else []))


def written(head: str) -> tuple[str, str]:
    """(separator, decimal mark) of a CSV file: the separator of its header; a comma where numbers have no points.

    >>> written("ds;y;m\\n2024-01-02;1,5;1,25\\n")
    (';', ',')
    >>> written("ds,y,m\\n2024-01-02,1.5,1.25\\n")
    (',', '.')
    """
    lines = head.splitlines()
    separator = max(",;\t|", key=lines[0].count) if lines else ","
    cells = [cell for line in lines[1:200] for cell in line.split(separator)] if separator != "," else []
    numbers = [cell.strip(' "%') for cell in cells if re.fullmatch(r'[ "]*[+-]?[\d.]*,\d+[ "%]*', cell)]
    return separator, "," if numbers else "."

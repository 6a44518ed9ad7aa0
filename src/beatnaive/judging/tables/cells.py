"""Cells as numbers and dates: percent signs, decimal commas, DD/MM, read where they are unambiguous."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.numerals import bare, decimal_marks, with_point
from beatnaive.core.types import Floats, Instants

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 1e60
"""Beyond this a number's fourth power is none: it counts as infinite."""
DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: 00:00(?::00)?)?")
ORDERS = ("DMY", "MDY")


def numbers(column: pd.Series[Any], name: str) -> tuple[Floats, str]:
    """A column as float64, and how its text was read; NaN for missing cells, infinite beyond 1e60.

    Raises InputError for text, naming an example, and for numbers that may be read in two ways.

    >>> import pandas as pd
    >>> numbers(pd.Series(["1,5 %", "-2 %"]), "lstm")
    (array([ 0.015, -0.02 ]), 'per cent as fractions, decimal commas')
    """
    import pandas as pd

    said = ""
    if column.dtype == bool or not (pd.api.types.is_numeric_dtype(column) or column.isna().all()):
        values, said = _from_text(column, name)
    else:
        values = np.asarray(column.to_numpy(np.float64, na_value=np.nan))
    return np.where(np.isnan(values) | (np.abs(values) <= LARGEST), values, np.copysign(np.inf, values)), said


def _from_text(column: pd.Series[Any], name: str) -> tuple[Floats, str]:
    """Text as numbers, and how it was read."""
    present = column.notna().to_numpy()
    texts = [str(cell).strip() for cell in column[present]]
    plain = [bare(text.removesuffix("%")) for text in texts]
    percent = np.array([text.endswith("%") for text in texts])
    marks = decimal_marks(plain)
    if not marks or column.dtype == bool:
        wrong = next((t for t, b in zip(texts, plain, strict=True) if "." not in decimal_marks([b])), texts[0])
        mend = "remove it, or mend it if it is a model"
        raise InputError(f"column {name!r} is not numeric, such as {wrong[:40]!r}: {mend}")
    if marks == ".," and (example := next((text for text in plain if "," in text), None)):
        mend = "write it with a point, or separate the file by semicolons"
        raise InputError(f"column {name!r} holds {example!r}, which may be a decimal comma or thousands: {mend}")
    said = []
    if percent.any():
        if not percent.all():
            raise InputError(f"column {name!r} holds per cent and plain numbers: write one or the other")
        said.append("per cent as fractions")
    if marks == ",":
        said.append("decimal commas")
    values = np.full(len(column), np.nan)
    values[present] = [float(with_point(text, marks[0])) for text in plain]
    return values / np.where(percent.any(), 100.0, 1.0), ", ".join(said)


def dates(column: pd.Series[Any], name: str, order: str | None) -> tuple[Instants, str]:
    """A column as UTC instants, to the second, and how it was read; whole numbers count periods from 1970-01-01 on.

    order: of day and month in dates like 03/04/2024, "DMY" or "MDY"; None = the dates show it.
    Raises InputError for anything that is not a date, and for an order that cannot be told.

    >>> import pandas as pd
    >>> dates(pd.Series(["13/01/2024", "02/02/2024"]), "ds", None)[1]
    'dates as DD/MM/YYYY'
    """
    import pandas as pd

    if column.isna().any():
        raise InputError(f"{name} is missing in {int(column.isna().sum())} rows: fill it or remove the rows")
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if pd.api.types.is_numeric_dtype(column):
        whole = column.to_numpy(np.float64)
        if not (whole == np.round(whole)).all() or np.abs(whole).max(initial=0) > 1e6:
            raise InputError(f"{name} holds numbers, not dates: write dates as YYYY-MM-DD")
        return whole.astype("datetime64[D]").astype("datetime64[s]"), "numbers"
    said = ""
    if column.dtype.kind != "M":
        texts = column.astype(str).str.strip()
        parts = texts.str.extract(DAY.pattern + "$")
        if len(texts) and not parts[0].isna().any():
            said = _order(parts, name, order)
            day, month = (0, 1) if said == "DMY" else (1, 0)
            column = parts[2] + "-" + parts[month].str.zfill(2) + "-" + parts[day].str.zfill(2)
            said = f"dates as {'DD/MM' if said == 'DMY' else 'MM/DD'}/YYYY"
    try:
        parsed = pd.to_datetime(column, format=None if column.dtype.kind == "M" else "ISO8601", utc=True)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} is not all dates as YYYY-MM-DD: {str(error).splitlines()[0][:120]}") from error
    return parsed.dt.tz_localize(None).to_numpy("datetime64[s]"), said


def _order(parts: pd.DataFrame, name: str, order: str | None) -> str:
    """The order of day and month, declared or evident."""
    first, second = (int(parts[k].astype(int).max()) for k in (0, 1))
    evident = {(True, False): "DMY", (False, True): "MDY"}.get((first > 12, second > 12))
    if first > 12 and second > 12:
        raise InputError(f"{name} mixes DD/MM and MM/DD: write dates as YYYY-MM-DD")
    if order is not None and evident not in (None, order):
        raise InputError(f"{name} is not {order}: a month would be {max(first, second)}", option="dates")
    if (chosen := order or evident) is None:
        example = "/".join(parts.iloc[0])
        raise InputError(f'{name} {example} may be DD/MM or MM/DD: say which, dates="DMY" or "MDY"', option="dates")
    return chosen

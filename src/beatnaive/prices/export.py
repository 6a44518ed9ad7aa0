"""Prices to a file that the source `file` reads back to the same prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.files import at_home
from beatnaive.core.types import BARS, CLOSE, Floats, Prices
from beatnaive.prices.adjust import as_of, later_product

HEADER = ("Date", "Symbol", *BARS, "Adj Close", "Dividends", "Stock Splits")


def write_file(prices: Sequence[Prices], path: str) -> Path:
    """Write a long panel with Yahoo's columns: split-adjusted; dividends listed, and applied in Adj Close only.

    Arguments: prices as traded, `load(source, traded=True)`; path ending in .csv or .parquet.
    Raises InputError for another ending, CannotWrite when the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    target = at_home(path)
    if target.suffix not in (".csv", ".parquet"):
        raise InputError(f"{path}: the name must end in .csv or .parquet", option="out")
    tables = []
    for each in prices:
        last = each.sessions.max()
        columns: list[Floats] = [
            *as_of(replace(each, dividends=np.zeros(len(each))), last).bars.T,
            as_of(each, last).bars[:, CLOSE],
            each.dividends / later_product(each.sessions, each.splits),
            np.where(each.splits == 1, 0.0, each.splits),
        ]
        head = [pa.array(each.sessions), pa.array([each.symbol] * len(each))]
        tables.append(pa.table([*head, *(pa.array(values, from_pandas=True) for values in columns)], names=HEADER))
    table = pa.concat_tables(tables)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".csv":
            pc.write_csv(table, target, pc.WriteOptions(quoting_style="needed"))
        else:
            pq.write_table(table, target)
    except OSError as error:
        reason = error.strerror or error
        raise CannotWrite(f"cannot write {path} ({reason}): choose another file", option="out") from error
    return target

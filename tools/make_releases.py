"""Make the embedded releases: `python tools/make_releases.py FOLDER`, with the sources' CSV files below FOLDER.

macro/VIX_daily_1990_2026.csv (github.com/datasets/finance-vix @ 6f56e27), macro/US10Y_monthly.csv (datasets/bond-
yields-us-10y @ d7a459c) and macro/CPI_US_monthly.csv (datasets/cpi-us @ a1f785a) are under ODC-PDDL-1.0;
fundamentals/pit_fundamentals_2011_2026_CC0.csv (christianpichichero-max/pit-fundamentals @ dbfc44b) is CC0-1.0.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).resolve().parents[1] / "src" / "beatnaive" / "releases" / "data"
MACRO = {
    "vix": ("VIX_daily_1990_2026.csv", "DATE", "CLOSE"),
    "us10y": ("US10Y_monthly.csv", "Date", "Rate"),
    "cpi": ("CPI_US_monthly.csv", "Date", "Index"),
}


def macro(folder: Path) -> pd.DataFrame:
    """name, date, value of the three series."""
    frames = []
    for name, (file, date, value) in MACRO.items():
        frame = pd.read_csv(folder / "macro" / file, parse_dates=[date])[[date, value]].dropna()
        frames.append(frame.set_axis(["date", "value"], axis=1).assign(name=name))
    return pd.concat(frames, ignore_index=True).sort_values(["name", "date"], ignore_index=True)


def fundamentals(folder: Path) -> pd.DataFrame:
    """The annual values of forty companies, as first filed and as they read today."""
    frame = pd.read_csv(
        folder / "fundamentals" / "pit_fundamentals_2011_2026_CC0.csv", parse_dates=["period_end", "first_filed"]
    )
    columns = ["ticker", "concept", "period_end", "first_filed", "filed_reliable", "original_value", "latest_value"]
    return frame[columns].sort_values(["ticker", "concept", "period_end"], ignore_index=True)


def write(frame: pd.DataFrame, name: str) -> None:
    """A frame as a small Parquet file; dates without a time."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for k, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            table = table.set_column(k, column.name, table[column.name].cast(pa.date32()))
    pq.write_table(table.replace_schema_metadata(None), TARGET / f"{name}.parquet", compression="zstd")


if __name__ == "__main__":
    source = Path(sys.argv[1])
    write(macro(source), "macro")
    write(fundamentals(source), "fundamentals")

"""Make the embedded sample from two installed packages: `python tools/make_sample.py`.

^GSPC and ^IXIC, daily bars 1999-2018, as arch distributes them (University of Illinois/NCSA licence); twenty US
stocks, adjusted closes 1990-2022, as skfolio distributes them (BSD 3-clause). The licences lie beside the Parquet.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).resolve().parents[1] / "src" / "beatnaive" / "prices" / "data"
COLUMNS = ["open", "high", "low", "close", "volume"]


def content() -> pd.DataFrame:
    """Every row of the sample: symbol, date, bars; sorted by symbol and date."""
    return pd.concat([*indices(), *stocks()], ignore_index=True).sort_values(["symbol", "date"], ignore_index=True)


def indices() -> list[pd.DataFrame]:
    """arch: open, high, low, close and volume of two indices."""
    from arch.data import nasdaq, sp500

    frames = []
    for symbol, module in (("^GSPC", sp500), ("^IXIC", nasdaq)):
        frame = module.load().rename(columns=str.lower)[COLUMNS].astype(float)
        frames.append(frame.rename_axis("date").reset_index().assign(symbol=symbol))
    return frames


def stocks() -> list[pd.DataFrame]:
    """skfolio: adjusted closes of twenty stocks, nothing else."""
    from skfolio.datasets import load_sp500_dataset

    closes = load_sp500_dataset()
    return [
        pd.DataFrame({"symbol": symbol, "date": closes.index, "close": closes[symbol].to_numpy()})
        for symbol in closes.columns
    ]


def main() -> None:
    """Write sample.parquet and the two licences."""
    frame = content()
    symbols = pa.array(frame["symbol"]).dictionary_encode()
    columns = [symbols, pa.array(frame["date"]).cast(pa.date32()), *(pa.array(frame[name]) for name in COLUMNS)]
    names = ["symbol", "date", *COLUMNS]
    pq.write_table(
        pa.table(columns, names), TARGET / "sample.parquet", compression="brotli", compression_level=11,
        use_dictionary=["symbol", *COLUMNS], column_encoding={"date": "DELTA_BINARY_PACKED"}, row_group_size=10**6,
    )  # fmt: skip
    for package in ("arch", "skfolio"):
        files = importlib.metadata.files(package) or []
        licence = next(file for file in files if file.name.startswith("LICENSE"))
        (TARGET / f"LICENSE.{package}.txt").write_text(licence.read_text(), encoding="utf-8")


if __name__ == "__main__":
    main()

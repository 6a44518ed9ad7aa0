"""Joining seven fundamentals to 506 symbols by publication: seconds and memory of the join alone, and of the reading.

python benchmarks/release_join.py [--symbols 506] [--series 7]: ten years of sessions, fifteen annual values a series
with a revision each, written as a Parquet file first; read and joined as a study does it.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from beatnaive.features.released import Joined
from beatnaive.prices import Source, Synthetic, load
from beatnaive.releases.spec import ReleaseSpec


def fundamentals(symbols: int, series: int) -> pd.DataFrame:
    """Annual values that come out sixty days after the year, and a revision of each a year later."""
    rng, years = np.random.default_rng(0), np.arange(1996, 2011)
    ends = np.array([f"{year}-12-31" for year in years], "datetime64[D]")
    rows = [
        (f"S{k:03d}", f"item{j}", end, end + 60 + late, rng.normal())
        for k in range(symbols)
        for j in range(series)
        for end in ends
        for late in (0, 365)
    ]
    return pd.DataFrame(rows, columns=["symbol", "name", "period_end", "known_at", "value"])


def main() -> None:
    """Print the seconds and the memory above what prices and table take."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=506)
    parser.add_argument("--series", type=int, default=7)
    options = parser.parse_args()
    names = tuple(f"S{k:03d}" for k in range(options.symbols))
    prices = load(Source("synthetic", symbols=names, synthetic=Synthetic("random_walk", n=2520)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fundamentals.parquet"
        fundamentals(options.symbols, options.series).to_parquet(path)
        start = time.perf_counter()
        joined = Joined.read({"fundamentals": ReleaseSpec("file", {"path": str(path)})}, names)
        read = time.perf_counter() - start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    columns = [joined.beside(one) for one in prices]
    seconds = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    size = sum(one.nbytes for one in columns) / 2**20
    print(f"{options.symbols} symbols x {options.series} series x 2,520 sessions: {columns[0].shape[1]} columns each")
    print(f"read in {read:.2f} s; joined in {seconds:.2f} s and {grown:.0f} MB more; the columns are {size:.0f} MB")


if __name__ == "__main__":
    main()

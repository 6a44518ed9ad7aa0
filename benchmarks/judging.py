"""How long `judge` takes: 2,500 rows x 20 models, 5,000 x 200, and 500 symbols x 2,500 x 5; and the rule alone.

usage: python benchmarks/judging.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from beatnaive.judging.significance.joint import Field, judgement


def forecasts(rows: int, models: int, symbols: int) -> pd.DataFrame:
    """Random walks on weekdays and noisy forecasts of them; a `symbol` column where there are several."""
    rng = np.random.default_rng(0)
    parts = []
    for symbol in range(symbols):
        price = 100 * np.exp((0.01 * rng.standard_t(5, rows + 1)).cumsum())
        columns = {"ds": pd.bdate_range("2010-01-04", periods=rows), "y": price[1:]} | {
            f"model_{k}": price[:-1] * np.exp(0.001 * (k + 1) * rng.standard_normal(rows)) for k in range(models)
        }
        table = pd.DataFrame(columns)
        parts.append(table.assign(symbol=f"S{symbol:03d}") if symbols > 1 else table)
    return pd.concat(parts, ignore_index=True)


def command(file: Path) -> float:
    """Seconds of wall clock for one `beatnaive judge FILE`, its imports included."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from beatnaive.cli import main; main()", "judge", str(file)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for rows, models, symbols in ((2500, 20, 1), (5000, 200, 1), (2500, 5, 500)):
            file = Path(folder) / f"{symbols}.parquet"
            forecasts(rows, models, symbols).to_parquet(file)
            print(f"judge, {symbols} x {rows} rows x {models} models: {command(file):.2f} s")
    d = np.random.default_rng(0).standard_t(5, size=(2500, 20))
    started = time.perf_counter()
    judgement(Field(gain=d[:, None], sessions=np.arange(2500)))
    print(f"the rule, 9,999 replications x 20 models x 2,500 sessions: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()

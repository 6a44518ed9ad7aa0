"""How long `judge` takes, and how much memory: 2,500 rows x 20 models, 5,000 x 200, 500 symbols x 2,500 x 5, and M4's
shape, 4,227 short series x 14 horizons x 60 models; and the rule alone.

usage: python benchmarks/judging.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from cross_section import simulate
from panel import measured

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


def told(what: str, file: Path) -> None:
    """Print what one `beatnaive judge FILE` costs, its imports included."""
    cost = measured([sys.executable, "-c", "from beatnaive.cli import main; main()", "judge", str(file)])
    print(f"judge, {what}: {cost.wall:.2f} s, {cost.cpu:.1f} s of processor, {cost.peak:.2f} GB", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for rows, models, symbols in ((2500, 20, 1), (5000, 200, 1), (2500, 5, 500)):
            file = Path(folder) / f"{symbols}.parquet"
            forecasts(rows, models, symbols).to_parquet(file)
            told(f"{symbols} x {rows} rows x {models} models", file)
        file = Path(folder) / "many.parquet"
        simulate(0).to_parquet(file)
        told("4,227 series x 14 horizons x 60 models", file)
    d = np.random.default_rng(0).standard_t(5, size=(2500, 20))
    started = time.perf_counter()
    judgement(Field(gain=d[:, None], sessions=np.arange(2500)))
    print(f"the rule, 9,999 replications x 20 models x 2,500 sessions: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()

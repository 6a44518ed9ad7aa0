"""Enough data? The published network trained on 1 to all 506 stocks of a panel: 0.06 to 32 windows per parameter.

usage: python benchmarks/more_data.py [--out FOLDER] [--jobs 2]     (a run that was ended goes on when called again)

The study `more_data` asks the question on twenty stocks and 33 years, 4 windows per parameter. Here every set, whatever
its size, is trained with the same 8,000 steps of 128 windows, as many as the whole panel has: all of it is seen once.
Apple is forecast, and learnt from in every set; the other stocks join in two random orders; two seeds. Prices:
../shared/data/panel_sp500_2016_2026.parquet, beside the checkout.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PANEL = Path(__file__).resolve().parents[2] / "shared" / "data" / "panel_sp500_2016_2026.parquet"
PROGRAM = [sys.executable, "-c", "from beatnaive.cli import main; main()", "run"]
STUDY = """
source = {{ kind = "file", path = "{panel}", symbols = ["*"] }}
split  = {{ kind = "single", train = 0.8 }}
seed   = 0
seeds  = 2

[learning_curve]
model  = "lstm"
sizes  = [1, 22, 253, 506]
orders = 2
stock  = "AAPL"

[models.naive]
[models.lstm]
lookback   = 30
units      = [50, 50]
dropout    = 0.2
dense      = [25]
batch      = 128
updates    = 8000
epochs     = 20
validation = 0.0
"""


def main() -> None:
    """Run or resume the study, and print its curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "beatnaive-more-data")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    run, start = options.out / "run", time.monotonic()
    if not (run / "learning_curve.json").exists():
        options.out.mkdir(parents=True, exist_ok=True)
        study = options.out / "more_data_506.toml"
        study.write_text(STUDY.format(panel=PANEL), encoding="utf-8")
        words = ["--resume", str(run)] if run.exists() else ["--study", str(study), "--out", str(run)]
        subprocess.run([*PROGRAM, *words, "--jobs", str(options.jobs)], check=True)
        print(f"{time.monotonic() - start:.0f} s this time")
    curve = json.loads((run / "learning_curve.json").read_text(encoding="utf-8"))
    print("| stocks | training windows | per parameter | fits | gap to naive, % | 90 % interval |")
    print("|---|---|---|---|---|---|")
    for one in curve["points"]:
        fits = sum(map(len, one["each"].values()))
        low, high = one["ci90"]
        print(
            f"| {one['symbols']} | {one['windows']:,.0f} | {one['windows'] / 31_901:.2f} | {fits} "
            f"| {one['gap_pct']:+.2f} | {low:+.2f} to {high:+.2f} |"
        )
    print(curve["words"])


if __name__ == "__main__":
    main()

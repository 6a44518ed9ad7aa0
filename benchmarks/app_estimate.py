"""Seconds of one fit of each shipped model, for the estimate on the app's form: src/beatnaive/app/measured.json.

usage: python benchmarks/app_estimate.py [--keep FOLDER]     (runs every model once, one process, one seed)

Five years of ^GSPC for models of returns, the study "volatility" for models of variances; what a study takes
beside its fits is the processor time of a small one. An order of magnitude, which one's own runs replace.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from beatnaive.models import MODELS

PLACE = Path(__file__).resolve().parents[1] / "src" / "beatnaive" / "app" / "measured.json"
PROGRAM = [sys.executable, "-c", "from beatnaive.cli import main; main()"]


def fits(folder: Path) -> dict[str, dict[str, object]]:
    """Median seconds of a fit by model, and whether it is fitted with seeds, from a run's timings.csv."""
    found: dict[str, list[float]] = {}
    seeds = set()
    with (folder / "timings.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["model"], []).append(float(row["seconds"]))
            if int(row["seed"]) >= 0:
                seeds.add(row["model"])
    return {name: {"seconds": round(statistics.median(s), 4), "seeds": name in seeds} for name, s in found.items()}


def main() -> None:
    """Run what is not there yet, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    variance = [name for name, where in MODELS.items() if ".volatility." in where]
    with tempfile.TemporaryDirectory() as scratch:
        home = options.keep or Path(scratch)
        returns = ",".join(name for name in MODELS if name not in variance)
        kinds = {"small": ["--models", "drift"], "returns": ["--models", returns],
                 "variances": ["--target", "volatility", "--models", ",".join(variance)]}  # fmt: skip
        start = json.loads(PLACE.read_text(encoding="utf-8"))["start"]  # of the last time, where the small run is kept
        for name, words in kinds.items():
            if (home / name / "timings.csv").exists():
                continue
            before = sum(os.times()[2:4])
            out = str(home / name)
            subprocess.run(
                [*PROGRAM, "run", *words, "--seeds", "1", "--jobs", "1", "--quiet", "--out", out], check=True
            )
            if name == "small":
                start = sum(os.times()[2:4]) - before
        made = {key: one for name in ("returns", "variances") for key, one in fits(home / name).items()}
        PLACE.write_text(json.dumps({"start": round(start, 1), "fits": made}, indent=1) + "\n", encoding="utf-8")
    print(PLACE)


if __name__ == "__main__":
    main()

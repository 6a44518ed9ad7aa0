"""The app over many run folders: seconds of a list, of a hundred requests at once, and memory while idle.

usage: python benchmarks/app.py [--runs 1000] [--rounds 30]

The folders hold the small files of a run and, so that reading them would be noticed, a Parquet file of a megabyte each.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from app_client import Visitor, app
from panel import private
from run_folders import run_folder


def seconds(visitor: Visitor, path: str, rounds: int) -> list[float]:
    """Seconds of as many answers, one after the other, from the request to the last byte."""
    found = []
    for _ in range(rounds):
        before = time.perf_counter()
        assert visitor.get(path).status == 200
        found.append(time.perf_counter() - before)
    return found


def main() -> None:
    """Make the folders, start the app twice (the second start knows them), and ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(options.runs):
            folder = run_folder(Path(scratch) / "runs" / f"{number:05}", started=f"2026-01-01T{number:08}")
            (folder / "forecasts.parquet").write_bytes(b"\0" * 1_000_000)
        for start in ("first start", "second start"):
            before = time.perf_counter()
            with app(Path(scratch)) as visitor:
                ready = time.perf_counter() - before
                visitor.enter()
                own = seconds(visitor, "/", options.rounds)
                least = seconds(visitor, "/audit", options.rounds)
                before = time.perf_counter()
                with ThreadPoolExecutor(100) as pool:
                    answers = list(pool.map(visitor.get, ["/", "/runs/runs/00000", "/new", "/static/app.js"] * 25))
                together = time.perf_counter() - before
                assert {answer.status for answer in answers} == {200}
                time.sleep(3)
                idle = 1000 * private(visitor.process.pid)
            print(
                f"{start}: {options.runs:,} runs; it listens after {ready:.2f} s; the list takes "
                f"{statistics.median(own):.3f} s (at most {max(own):.3f}), a page without runs "
                f"{statistics.median(least):.4f} s; a hundred requests at once, a quarter of them for the list, "
                f"{together:.2f} s; {idle:.0f} MB while idle",
                flush=True,
            )


if __name__ == "__main__":
    main()

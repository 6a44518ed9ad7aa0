"""How long a panel of 506 stocks and ten years takes, and how much memory.

python benchmarks/panel.py [--only NAME] [--cores 2]: every row is one command of its own, on that many cores; all but
the first are `beatnaive run` with plots and report. Memory is that of all its processes at once, pages that they share
counted once (PSS).

python benchmarks/panel.py --growth 506 1012 2024 5060 [--boosting] [--engine ray]: the same stocks several times, under
other names and with prices times powers of two (quarterly refits of naive, drift and ridge): how cost grows with a
panel. The slope is that of log seconds, or log GB, from the row above: 1 = in proportion.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PANEL = Path(__file__).resolve().parents[2] / "shared" / "data" / "panel_sp500_2016_2026.parquet"

PREPARE = """
import sys
from beatnaive.models.spec import ModelSpec
from beatnaive.prices import Source, load
from beatnaive.prices.quality import examine_quality
from beatnaive.study.panel import prepare
from beatnaive.study.spec import Study
source = Source("file", path=sys.argv[1])
study = Study("prepare", source, {"naive": ModelSpec("naive")}, features=("published",))
prices = load(source)
findings = examine_quality(prices, source.fill)
samples, _ = prepare(study, prices)
rows, columns = samples.inputs.x.shape
print(f"{len(prices)} symbols, {rows:,} rows x {columns} columns, {len(findings)} findings")
"""

JUDGED = """
source   = { kind = "file", path = "PANEL" }
features = ["published"]
split    = { kind = "single", train = 0.8 }
[models.naive]
[models.drift]
[models.linear]
"""

WALK = """
source   = { kind = "file", path = "PANEL" }
features = ["published"]
split    = { kind = "walk_forward", first = 504, refit_every = 63 }
seeds    = 1
[models.naive]
[models.drift]
[models.linear]
[models.ridge]
[models.boosting]
"""

GROWTH = """
source   = { kind = "file", path = "COPIES" }
features = ["published"]
split    = { kind = "walk_forward", first = 504, refit_every = 63 }
[models.naive]
[models.drift]
[models.ridge]
"""

ARIMA = """
source   = { kind = "file", path = "PANEL", symbols = SYMBOLS }
split    = { kind = "walk_forward", first = 504, refit_every = 63 }
[models.naive]
[models.auto_arima]
"""

WIDE = """
source   = { kind = "file", path = "WALKS" }
features = ["close"]
[models.naive]
[models.ridge]
"""

TASKS = {
    "prepare": "loading, quality, forty features",
    "judged": "naive, drift, linear over all symbols",
    "walk": "quarterly refits: naive, drift, linear, ridge, boosting",
    "arima": "quarterly refits: AutoARIMA over 50 symbols",
    "wide": "2,000 random walks of 2,500 sessions: naive, ridge",
}


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of all cores, and the largest memory that all its processes held at once, GB."""

    wall: float
    cpu: float
    peak: float
    said: str


def measured(command: list[str]) -> Cost:
    """What a command and its children cost."""
    before, begin = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = [0.0]
    watch = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watch.start()
    out, err = process.communicate()
    wall, after = time.perf_counter() - begin, os.times()
    if process.returncode:
        raise SystemExit(err)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu, peak[0], out)


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        begin = time.perf_counter()
        peak[0] = max(peak[0], sum(private(pid) for pid in _family(process.pid)))
        time.sleep(max(0.2, 20 * (time.perf_counter() - begin)))  # looking costs time, too: at most a twentieth


def _family(pid: int) -> list[int]:
    try:
        words = [word for file in Path(f"/proc/{pid}/task").glob("*/children") for word in file.read_text().split()]
    except OSError:
        return []
    return [pid, *(one for word in words for one in _family(int(word)))]


def private(pid: int) -> float:
    """GB of a process, pages shared with others counted in shares (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e9 for line in lines if line.startswith("Pss:")), 0.0)


def fifty() -> list[str]:
    """Every tenth symbol of the panel."""
    import pyarrow.parquet as pq

    return sorted(set(pq.read_table(PANEL, columns=["ticker"])["ticker"].to_pylist()))[::10][:50]


def walks(path: Path, symbols: int = 2_000, sessions: int = 2_500) -> Path:
    """Random walks with a daily deviation of 1 %, as Parquet."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = pa.array(np.busday_offset("2014-01-01", np.arange(sessions), roll="forward"))
    bars = ("Open", "High", "Low", "Close", "Volume")
    schema = pa.schema([("Date", days.type), ("Symbol", pa.string()), *((name, pa.float64()) for name in bars)])
    with pq.ParquetWriter(path, schema) as writer:
        for k in range(symbols):
            rng = np.random.default_rng(k)
            close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, sessions)))
            start = close * np.exp(rng.normal(0, 0.003, sessions))
            high, low = np.maximum(start, close) * 1.002, np.minimum(start, close) * 0.998
            own = dict(zip(bars, (start, high, low, close, np.full(sessions, 1e6)), strict=True))
            writer.write_table(pa.table({"Date": days, "Symbol": [f"S{k:05d}"] * sessions, **own}, schema))
    return path


def copies(path: Path, symbols: int) -> Path:
    """The panel again and again under other names, prices times powers of two, as Parquet."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    once = pq.ParquetFile(PANEL).read()
    names, money = once["ticker"].cast(pa.string()), ("open", "high", "low", "close", "adj_close", "dividends")
    many = -(-symbols // len(pc.unique(names)))
    schema = once.schema.set(once.schema.get_field_index("ticker"), pa.field("ticker", pa.string()))
    with pq.ParquetWriter(path, schema) as file:
        for k in range(many):
            factor = pa.scalar(np.float32(2.0 ** (k % 5 - 2)), pa.float32())
            own = {name: pc.multiply(once[name], factor) if name in money else once[name] for name in once.column_names}
            own["ticker"] = pc.binary_join_element_wise(names, f"{k:02d}", "-") if k else names
            file.write_table(pa.table(own))
    return path


def growth(sizes: list[int], *, boosting: bool, engine: str, cores: int) -> None:
    """Print a row per number of symbols, and how cost grew since the row above."""
    from math import log

    print(f"{'symbols':>8}{'wall s':>9}{'CPU s':>9}{'peak GB':>9}{'slope of seconds':>18}{'of GB':>7}")
    before: tuple[int, Cost] | None = None
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            text = GROWTH.replace("COPIES", str(copies(folder / "copies.parquet", size)))
            (folder / "growth.toml").write_text(text + "[models.boosting]\n" * boosting)
            words = ["run", "--study", str(folder / "growth.toml"), "--out", str(folder / "run"), "--quiet"]
            words += ["--jobs", "1" if boosting else str(cores), "--engine", engine]
            cost = measured([sys.executable, "-c", "from beatnaive.cli import main; main()", *words])
        slopes = ""
        if before is not None:
            grown = log(size / before[0])
            pairs = ((cost.wall, before[1].wall), (cost.peak, before[1].peak))
            slopes = "{:>18.2f}{:>7.2f}".format(*(log(now / then) / grown for now, then in pairs))
        print(f"{size:>8,}{cost.wall:>9.1f}{cost.cpu:>9.1f}{cost.peak:>9.2f}{slopes}", flush=True)
        before = size, cost


def command_of(task: str, folder: Path, cores: int) -> list[str]:
    """The command that is measured."""
    if task == "prepare":
        return [sys.executable, "-c", PREPARE, str(PANEL)]
    text = {"judged": JUDGED, "walk": WALK, "arima": ARIMA, "wide": WIDE}[task].replace("PANEL", str(PANEL))
    if task == "wide":
        text = text.replace("WALKS", str(walks(folder / "walks.parquet")))
    study = folder / f"{task}.toml"
    study.write_text(text.replace("SYMBOLS", str(fifty())) if task == "arima" else text)
    command = "from beatnaive.cli import main; main()"
    words = ["run", "--study", str(study), "--out", str(folder / task), "--jobs", str(cores), "--quiet"]
    return [sys.executable, "-c", command, *words]


def main() -> None:
    """Print a row per task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=TASKS, action="append")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--growth", type=int, nargs="+", help="numbers of symbols, multiples of 506")
    parser.add_argument("--boosting", action="store_true", help="with boosting, one fit at a time")
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    asked = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.cores])
    if not PANEL.is_file():
        print(f"skipped: {PANEL.name} is not beside this checkout (../shared/data)")
        return
    if asked.growth:
        growth(asked.growth, boosting=asked.boosting, engine=asked.engine, cores=asked.cores)
        return
    print(f"{'task':<72}{'wall s':>8}{'CPU s':>8}{'peak GB':>9}")
    for task in asked.only or TASKS:
        with tempfile.TemporaryDirectory() as folder:
            cost = measured(command_of(task, Path(folder), asked.cores))
        print(f"{TASKS[task]:<72}{cost.wall:>8.1f}{cost.cpu:>8.1f}{cost.peak:>9.2f}", flush=True)
        if task == "prepare":
            print(f"  {cost.said.strip()}")


if __name__ == "__main__":
    main()

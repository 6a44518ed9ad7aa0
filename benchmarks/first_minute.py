"""What a person waits for: seconds from a command to what it says, of one checkout or of several in turns.

    python benchmarks/first_minute.py [--rounds 3] [--only small,default,forecast,help] [CHECKOUT ...]

Every command runs from the sources of a checkout (default: this one) with the packages of the Python that runs this
script. Seconds are counted from the start of the command; where they stand in two columns, the first is by the wall
clock, the second the processor time of all its processes. Medians are printed. On a machine that does other work
the wall clock says nothing, and processor time too much: measure on a quiet one, checkouts in turns.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
STAGES = (
    ("announced", re.compile("; into ")),
    ("first fit", re.compile(r"^1/\d+ fits")),
    ("judging", re.compile("judging$")),
    ("verdict", re.compile("beat tomorrow = today|better than naive|[Cc]annot tell")),
    ("plots and report", re.compile("^plots and report")),
    ("paths", re.compile("^report +")),
)
COMMANDS = {
    "small": ("run --models moving_average,linear,ridge", ["run", "--models", "moving_average,linear,ridge"]),
    "default": ("run", ["run"]),
    "forecast": ("forecast --run", ["forecast", "^GSPC"]),
    "help": ("--help", ["--help"]),
}


def watched(source: Path, words: list[str]) -> dict[str, tuple[float, float | None]]:
    """When each stage was first seen on the command's output; the last one is its end, with its processor time."""
    variables = {**os.environ, "PYTHONPATH": str(source / "src"), "PYTHONUNBUFFERED": "1", "COLUMNS": "160"}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # else every start compiles our sources anew: 0.3 seconds
    code = "from beatnaive.cli import main; main()"
    start, seen = time.perf_counter(), dict[str, tuple[float, float | None]]()
    running = subprocess.Popen(
        [sys.executable, "-c", code, *words], env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    def follow(lines: object) -> None:
        for line in lines:  # type: ignore[attr-defined]
            for name, pattern in STAGES:
                if pattern.search(line.strip()):
                    seen.setdefault(name, (time.perf_counter() - start, None))

    readers = [threading.Thread(target=follow, args=(pipe,)) for pipe in (running.stdout, running.stderr)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{source}: beatnaive {' '.join(words)} ended with {running.returncode}")
    seen["end"] = (time.perf_counter() - start, used.ru_utime + used.ru_stime)
    return seen


def main() -> None:
    """Measure in turns, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="*", type=Path, metavar="CHECKOUT", default=[HERE])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(COMMANDS))
    options = parser.parse_args()
    found: dict[tuple[str, str, Path], list[tuple[float, float | None]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(options.rounds):
            for which in options.only.split(","):
                for k, source in enumerate(options.checkouts):
                    words = list(COMMANDS[which][1])
                    saved = folder / f"forecast-{k}"
                    if which == "forecast":
                        if not saved.exists():
                            watched(source, ["run", "--models", "ridge", "--out", str(saved)])
                        words += ["--run", str(saved)]
                    elif which != "help":
                        words += ["--out", str(folder / f"{which}-{k}-{number}")]
                    for stage, seconds in watched(source.resolve(), words).items():
                        found[which, stage, source].append(seconds)
    print(f"{os.cpu_count()} cores, medians of {options.rounds} rounds: seconds by the wall clock (processor)")
    for which in options.only.split(","):
        print(f"\nbeatnaive {COMMANDS[which][0]}")
        for stage in [name for name, _ in STAGES] + ["end"]:
            for source in options.checkouts:
                if values := found.get((which, stage, source)):
                    wall = statistics.median(value for value, _ in values)
                    used = [value for _, value in values if value is not None]
                    processor = f" ({statistics.median(used):5.2f})" if used else ""
                    print(f"  {stage:<17} {wall:6.2f}{processor:<9} {source.resolve().name}")


if __name__ == "__main__":
    main()

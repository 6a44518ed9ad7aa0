"""The default job, environment ready: seconds, memory summed over its processes, and the command's own start.

    python benchmarks/default_job.py [--rounds 3]

Each round runs the default study into a fresh folder, then the same LSTM fits (as many, of as many epochs, on as many
windows) under Keras on TensorFlow, so that a slow minute of the machine slows both. Medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "networks"))

COMMAND = [sys.executable, "-c", "from beatnaive.cli import main; main()"]


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def memory(pids: list[int]) -> float:
    """GB, shared pages counted once (proportional set size)."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1e6


def watched(words: list[str]) -> tuple[float, float]:
    """Seconds of a command and the peak memory of all its processes, GB."""
    start, peak = time.perf_counter(), 0.0
    running = subprocess.Popen([*COMMAND, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        peak = max(peak, memory(tree(running.pid)))
        time.sleep(0.2)
    assert running.returncode == 0
    return time.perf_counter() - start, peak


def lstm_fits(folder: Path) -> list[tuple[int, int]]:
    """(windows, epochs) of each LSTM fit of a finished run."""
    fits = json.loads((folder / "fits.json").read_text())
    return [(fit["windows"], len(fit["history"]["loss"])) for fit in fits if fit["model"] == "lstm"]


def tensorflow(fits: list[tuple[int, int]]) -> float:
    """Seconds of the same fits under Keras on TensorFlow, imports and the first compilation not counted."""
    from environments import PEERS
    from run import Team

    team = Team(PEERS["Keras/TensorFlow"])
    team.fits([(fits[0][0], 0)], 1)
    seconds = sum(team.fits([(windows, k)], epochs) for k, (windows, epochs) in enumerate(fits))
    team.close()
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true", help="leave Keras/TensorFlow out")
    options = parser.parse_args()
    ours, peaks, theirs, starts = [], [], [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as name:
            seconds, peak = watched(["run", "--out", f"{name}/run"])
            fits = lstm_fits(Path(name) / "run")
        ours.append(seconds)
        peaks.append(peak)
        starts.append(watched(["--help"])[0])
        if not options.no_peer:
            theirs.append(tensorflow(fits))
    print(f"{os.cpu_count()} cores, {options.rounds} rounds, medians")
    print(f"beatnaive run (all of it):              {statistics.median(ours):6.1f} s, peak {max(peaks):.2f} GB")
    print(f"beatnaive --help:                       {statistics.median(starts):6.2f} s")
    if theirs:
        ratio = statistics.median([b / a for a, b in zip(ours, theirs, strict=True)])
        seconds = statistics.median(theirs)
        print(f"its {len(fits)} LSTM fits under Keras/TensorFlow: {seconds:6.1f} s, {ratio:.2f} times the whole")


if __name__ == "__main__":
    main()

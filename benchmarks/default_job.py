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
import sys
import tempfile
from pathlib import Path

from panel import measured

sys.path.insert(0, str(Path(__file__).parent / "networks"))

COMMAND = [sys.executable, "-c", "from beatnaive.cli import main; main()"]


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
            run = measured([*COMMAND, "run", "--out", f"{name}/run"])
            fits = lstm_fits(Path(name) / "run")
        ours.append(run.wall)
        peaks.append(run.peak)
        starts.append(measured([*COMMAND, "--help"]).wall)
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

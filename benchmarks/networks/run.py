"""Training speed against Keras/TensorFlow, Darts, neuralforecast and PyTorch, from one interleaved run.

    python benchmarks/networks/run.py                  the official run: three rounds of some 100 minutes on two cores
    python benchmarks/networks/run.py --epochs 3 --fits 2 --rounds 1 --pooled 4096      a quick look

Every round runs every peer once, so that a slow minute of the machine slows all of them; the median of the rounds is
reported. Workers stay alive, so that imports and compilation count once, in a warm-up that is not timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from dataclasses import replace
from typing import Any

from environments import LIMIT, PEERS, WORKERS, Peer, python_of
from workers.job import BATCH, FLOPS_PER_WINDOW

POOLED_BATCH = 512


class Team:
    """The worker processes of one peer; a list of fits is dealt out among them."""

    def __init__(self, peer: Peer) -> None:
        environment = dict(os.environ)
        if peer.threads is not None:
            names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
            environment |= dict.fromkeys(names, str(peer.threads))
        command = [str(python_of(peer)), "-u", str(WORKERS / f"{peer.worker}.py")]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.members = [
            subprocess.Popen(command, env=environment, text=True, bufsize=1, **pipes) for _ in range(peer.processes)
        ]

    def ask(self, tasks: list[dict[str, Any]]) -> list[Any]:
        """One task per member, at the same time."""
        for member, task in zip(self.members, tasks, strict=False):
            assert member.stdin
            member.stdin.write(json.dumps(task) + "\n")
        return [json.loads(member.stdout.readline()) for member, _ in zip(self.members, tasks, strict=False)]

    def fits(self, jobs: list[tuple[int, int]], epochs: int) -> float:
        """Seconds for all fits (windows, seed)."""
        deal = [jobs[k :: len(self.members)] for k in range(len(self.members))]
        start = time.perf_counter()
        self.ask([{"task": "fits", "jobs": part, "epochs": epochs} for part in deal if part])
        return time.perf_counter() - start

    def pooled(self, windows: int, epochs: int = 1) -> float:
        """Seconds of a fit at batch 512, in one process."""
        start = time.perf_counter()
        self.ask([{"task": "fits", "jobs": [(windows, 0)], "epochs": epochs, "batch": POOLED_BATCH}])
        return time.perf_counter() - start

    def rate(self, batch: int) -> float:
        """Floating-point operations per second of all members together."""
        return sum(answer["flops"] for answer in self.ask([{"task": "rate", "batch": batch}] * len(self.members)))

    def close(self) -> None:
        """End the workers."""
        for member in self.members:
            assert member.stdin
            member.stdin.close()
            member.wait()


def jobs_of(options: argparse.Namespace) -> dict[str, list[tuple[int, int]]]:
    """The fits of each job as (windows, seed); `--fits 0` or `--seeds 0` leaves a job out."""
    folds = [707, 757, 807, 857, 907]
    jobs = {
        f"{options.fits} fits of 907 windows": [(907, seed) for seed in range(options.fits)],
        f"walk-forward, 5 folds x {options.seeds} seeds": [
            (fold, seed) for fold in folds for seed in range(options.seeds)
        ],
    }
    return {job: fits for job, fits in jobs.items() if fits}


def measure(options: argparse.Namespace) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Median seconds per job and peer, and the machine's limit per job, all from the same rounds."""
    names = options.peers or list(PEERS)
    teams, limit = {name: Team(PEERS[name]) for name in names}, Team(LIMIT)
    jobs, pooled = jobs_of(options), f"pooled, {options.pooled} windows at batch {POOLED_BATCH}"
    # large batches in a process of their own: BeatNaive sets JAX up for them when it is imported
    large = {name: Team(replace(PEERS[name], processes=1)) for name in names if PEERS[name].threads is None}
    for team in teams.values():
        team.fits([(907, 0)] * len(team.members), 1)
    for team in large.values():
        team.pooled(options.pooled)
    seconds: dict[str, dict[str, list[float]]] = {job: {name: [] for name in names} for job in (*jobs, pooled)}
    rates: dict[int, list[float]] = {BATCH: [], POOLED_BATCH: []}
    for number in range(options.rounds):
        for name, team in teams.items():
            for batch, values in rates.items():
                values.append(limit.rate(batch))
            for job, fits in jobs.items():
                seconds[job][name].append(team.fits(fits, options.epochs))
            if name in large:
                seconds[pooled][name].append(large[name].pooled(options.pooled, options.pooled_epochs))
            print(
                f"round {number + 1}: {name}: " + ", ".join(f"{v[name][-1]:.1f} s" for v in seconds.values() if v[name])
            )
    for team in (*teams.values(), *large.values(), limit):
        team.close()
    work = {job: sum(-(-fit // BATCH) * BATCH for fit, _ in fits) * options.epochs for job, fits in jobs.items()}
    rate = {batch: statistics.median(values) for batch, values in rates.items()}
    least = {job: FLOPS_PER_WINDOW * count / rate[BATCH] for job, count in work.items()}
    least[pooled] = FLOPS_PER_WINDOW * options.pooled * options.pooled_epochs / rate[POOLED_BATCH]
    medians = {job: {name: statistics.median(v) for name, v in by.items() if v} for job, by in seconds.items()}
    return medians, least


def report(medians: dict[str, dict[str, float]], least: dict[str, float]) -> None:
    """The table of docs/speed.md."""
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    for job, seconds in medians.items():
        ours = seconds.get("BeatNaive")
        print(
            f"\n{job} (the machine's limit: {least[job]:.1f} s)\n\n| | seconds | times BeatNaive | share of the limit |"
        )
        print("|---|---|---|---|")
        for name, value in seconds.items():
            ratio = f"{value / ours:.2f}" if ours else ""
            print(f"| {name} | {value:.1f} | {ratio} | {100 * least[job] / value:.0f} % |")


def main() -> None:
    """Read the options, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--fits", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pooled", type=int, default=20480)
    parser.add_argument("--pooled-epochs", type=int, default=1)
    parser.add_argument("--peers", nargs="*", choices=list(PEERS))
    report(*measure(parser.parse_args()))


if __name__ == "__main__":
    main()

"""One epoch of the published job, alone: seconds on the clock, and the share of the machine's limit that they are.

python benchmarks/networks/workers/epoch.py [--devices 1] [--windows 907] [--batch 32] [--dropout 0.2] [--repeats 25]
start it twice at once to see what two fits side by side cost; PYTHONPATH=<checkout>/src measures another version
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from compiled_epoch import compiled_epoch
from job import BATCH, FLOPS_PER_WINDOW

from beatnaive.core.jax_environment import jax_variables


def main() -> None:
    """Time epochs of one compiled program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--windows", type=int, default=907)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--repeats", type=int, default=25)
    options = parser.parse_args()
    os.environ.update(jax_variables(options.devices))
    from limit import rate

    epoch, shards = compiled_epoch(options.windows, options.batch, options.dropout)
    clock, processor = [], []
    for _ in range(options.repeats):
        start = time.perf_counter(), time.process_time()
        epoch()
        clock.append(time.perf_counter() - start[0])
        processor.append(time.process_time() - start[1])
    work = FLOPS_PER_WINDOW * -(-options.windows // options.batch) * options.batch
    limit = work / rate(options.batch)["flops"] / shards
    seconds = statistics.median(clock)
    used = statistics.median(processor)
    print(f"{seconds:.3f} s an epoch (least {min(clock):.3f}), {used:.3f} s of processor")
    print(f"{options.windows / seconds:,.0f} windows per second, {options.windows / used:,.0f} per second of processor")
    print(f"limit {limit:.3f} s: {100 * limit / seconds:.0f} %")


if __name__ == "__main__":
    main()

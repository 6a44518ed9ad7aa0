"""Where an epoch of the published job goes, by kind of work: what XLA's own tracer says of each piece of its program.

python benchmarks/networks/workers/kinds.py [--windows 907] [--batch 32] [--epochs 3] [--names] [--shapes]

Products are matrix products; tanh, the fused loops that hold one; other loops, all else that is fused; copies, arrays
that are moved; control, what the loops over steps and the start of each piece cost. Tracing costs time of its own: what
it adds to an epoch is taken off, the same for every piece. --names lists the largest; --shapes tells instead how fast
XLA multiplies what a step multiplies, and its neighbours.
"""

from __future__ import annotations

import argparse
import collections
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from compiled_epoch import compiled_epoch
from job import BATCH

from beatnaive.core.jax_environment import jax_variables

os.environ.update(jax_variables(1))

KINDS = {
    "control": r"^while|ThunkExecutor|^call|^conditional",
    "products": r"^dot|ynn_fusion|^convolution",
    "tanh": r"tanh",
    "copies": r"^copy|^concatenate\.|^bitcast_concatenate|dynamic-update-slice|^transpose|^broadcast",
}
"""Patterns of names; the first that fits."""
SHAPES = [(32, 50, 200), (32, 200, 48), (32, 200, 50), (32, 200, 64)]
"""Rows, inner and columns of products: forward, and backward with fewer and with more columns."""


def main() -> None:
    """Trace epochs of one compiled program, and add up its pieces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=907)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--names", action="store_true")
    parser.add_argument("--shapes", action="store_true")
    options = parser.parse_args()
    if options.shapes:
        from limit import rate_of

        for shape in SHAPES:
            print("({}, {}) @ ({}, {})".format(*shape[:2], *shape[1:]), f"{rate_of(*shape) / 1e9:6.0f} GFLOP/s")
        return

    from beatnaive.models.networks.xla import jax

    epoch, _ = compiled_epoch(options.windows, options.batch)

    def seconds() -> float:
        before = time.perf_counter()
        for _ in range(options.epochs):
            epoch()
        return (time.perf_counter() - before) / options.epochs

    plain = seconds()
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            traced = seconds()
        (file,) = Path(folder).rglob("*.xplane.pb")
        spent: dict[str, float] = collections.Counter()
        count: dict[str, float] = collections.Counter()
        for plane in jax.profiler.ProfileData.from_file(str(file)).planes:
            for line in plane.lines:
                if line.name.startswith("tf_XLAEigen"):
                    for name, one in own_seconds(line.events):
                        spent[name] += one / options.epochs
                        count[name] += 1 / options.epochs
    price = (traced - plain) / sum(count.values())
    spent = {name: one - count[name] * price for name, one in spent.items()}
    kinds: dict[str, float] = collections.Counter()
    for name, one in spent.items():
        kinds[kind_of(name)] += one
    print(
        f"{plain:.3f} s an epoch, {traced:.3f} while traced: {sum(count.values()):,.0f} pieces, "
        f"{1e6 * price:.1f} microseconds each for the tracer, taken off"
    )
    for kind, one in sorted(kinds.items(), key=lambda pair: -pair[1]):
        print(f"{kind:12} {one:.4f} s {100 * one / sum(spent.values()):5.1f} %")
    if options.names:
        for name, one in sorted(spent.items(), key=lambda pair: -pair[1])[:40]:
            print(f"{one:8.4f} s  {count[name]:8,.0f} times  {kind_of(name):12} {name}")


def own_seconds(events: Iterable[Any]) -> Iterator[tuple[str, float]]:
    """Name and seconds of every piece without those that it calls: a loop holds the pieces of its steps."""
    open_: list[list[Any]] = []  # end, name, own nanoseconds
    for event in sorted(events, key=lambda one: (one.start_ns, -one.duration_ns)):
        while open_ and open_[-1][0] <= event.start_ns:
            _, name, own = open_.pop()
            yield name, own / 1e9
        if open_:
            open_[-1][2] -= event.duration_ns
        open_.append([event.start_ns + event.duration_ns, event.name, event.duration_ns])
    for _, name, own in open_:
        yield name, own / 1e9


def kind_of(name: str) -> str:
    """What a piece does, by the name that XLA gave it."""
    for kind, pattern in KINDS.items():
        if re.search(pattern, name):
            return kind
    return "other loops"


if __name__ == "__main__":
    main()

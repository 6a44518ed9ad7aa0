"""One LSTM per stock of the panel, 50 epochs each: on a GPU all at once, on a processor one after the other.

python benchmarks/networks/many.py [--symbols 500] [--epochs 50]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from workers.job import FLOPS_PER_WINDOW

from beatnaive.core.types import Samples
from beatnaive.models.base import PerSymbol
from beatnaive.models.lstm import LSTM
from beatnaive.models.networks.backend import jax, jnp
from beatnaive.models.spec import ModelSpec
from beatnaive.prices import Source, load
from beatnaive.study.panel import prepare
from beatnaive.study.spec import Study

PANEL = Path(__file__).resolve().parents[3] / "shared" / "data" / "panel_sp500_2016_2026.parquet"


def samples(symbols: int) -> Samples:
    """All labelled closes of the panel's first symbols."""
    source = Source("file", path=str(PANEL))
    study = Study("many", source, {"naive": ModelSpec("naive")}, features=())
    every, _ = prepare(study, load(source))
    return every.take(np.flatnonzero(every.inputs.symbol[every.rows] < symbols))


def rate(size: int = 4096, times: int = 20) -> float:
    """The chip's own floating-point operations per second, in large single-precision matrix products."""
    a = jnp.ones((size, size))
    product = jax.jit(lambda a: jax.lax.fori_loop(0, times, lambda _, b: (a @ b) / size, a))
    product(a).block_until_ready()
    start = time.perf_counter()
    product(a).block_until_ready()
    return times * 2 * size**3 / (time.perf_counter() - start)


def main() -> None:
    """Fit, time, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=50)
    options = parser.parse_args()
    train = samples(options.symbols)
    for what in ("with compilation", "compiled"):
        start = time.perf_counter()
        fitted = PerSymbol(LSTM(epochs=options.epochs, validation=0.0)).fit(train, np.random.default_rng(0))
        seconds, fits = time.perf_counter() - start, len(fitted.parts)
        done = FLOPS_PER_WINDOW * fitted.facts.windows * options.epochs / seconds
        work = f"{fits} networks, {fitted.facts.windows:,} windows x {options.epochs} epochs"
        print(f"{jax.devices()[0].device_kind}, {what}: {work}: {seconds:.1f} s, {fits / seconds:.1f} fits per second,")
        print(f"    {done / 1e9:,.0f} GFLOP/s, {100 * done / rate():.1f} % of what its large matrix products reach")


if __name__ == "__main__":
    main()

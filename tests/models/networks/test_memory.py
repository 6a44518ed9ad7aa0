"""Windows are never made: a fit on long windows needs no more memory than one on short windows."""

import os
import subprocess
import sys
from pathlib import Path

ROWS, SHORT, LONG = 200_000, 20, 260

PROGRAM = f"""
import resource
import numpy as np
from panels import market, samples_of
from beatnaive.models.nlinear import NLinear
samples = samples_of(market(np.random.default_rng(0).normal(0, 0.01, ({ROWS}, 1)), lags=1))
for lookback in ({SHORT}, {SHORT}, {LONG}):
    model = NLinear(lookback=lookback, epochs=1, updates=1)
    fitted = model.fit(samples, np.random.default_rng(0))
    fitted.predict(samples.inputs, samples.rows)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def test_memory_does_not_grow_with_the_lookback() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "support")}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    _, before, after = map(int, done.stdout.split())
    as_arrays = 4 * ROWS * (LONG - SHORT)
    assert after - before < as_arrays / 4

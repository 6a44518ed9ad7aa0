"""The bits of a fit do not depend on the number of cores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import hashlib, sys
import numpy as np
from panels import market, samples_of
from beatnaive.models.lstm import LSTM
samples = samples_of(market(np.random.default_rng(0).normal(0, 0.01, (400, 1)), lags=1))
for batch in (32, 256):
    fitted = LSTM(lookback=20, units=(50,), epochs=2, batch=batch).fit(samples, np.random.default_rng(0))
    print(hashlib.sha256(fitted.predict(samples.inputs, samples.rows).mean.tobytes()).hexdigest())
"""


def fingerprint(cores: str) -> str:
    root = Path(__file__).resolve().parents[2] / "support"
    environment = {name: value for name, value in os.environ.items() if name not in ("PJRT_NPROC", "KERAS_BACKEND")}
    environment["PYTHONPATH"] = str(root)
    command = ["taskset", "-c", cores, sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(
    shutil.which("taskset") is None or len(os.sched_getaffinity(0)) < 2, reason="needs taskset and two cores"
)
def test_one_core_and_two_give_the_same_bits() -> None:
    one, two = sorted(os.sched_getaffinity(0))[:2]
    assert fingerprint(f"{one}") == fingerprint(f"{one},{two}") != ""

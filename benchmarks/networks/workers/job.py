"""What every worker shares: the data of the published job, its cost, and how tasks arrive. NumPy only."""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

STEPS, UNITS, DENSE, DROPOUT, BATCH, RATE = 60, 50, 25, 0.2, 32, 1e-3
FLOPS_PER_WINDOW = 2 * STEPS * (2 * (4 * UNITS + 3 * 4 * UNITS * UNITS) + 3 * 4 * UNITS * UNITS)
"""Matrix products only: outputs and weight gradients of all products, input gradients of all but the first."""


def closes(windows: int) -> np.ndarray:
    """(windows + 60,) prices on 0..1: as many windows as asked for, each with a next price."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=windows + STEPS))
    return ((walk - walk.min()) / (walk.max() - walk.min())).astype(np.float32)


def windows(count: int) -> tuple[np.ndarray, np.ndarray]:
    """x (count, 60, 1) and y (count, 1)."""
    close = closes(count)
    at = np.arange(count)[:, None] + np.arange(STEPS)
    return close[at][:, :, None], close[STEPS:, None]


def quiet() -> None:
    """Lightning's chatter off, before it is imported."""
    warnings.filterwarnings("ignore")
    for name in ("pytorch_lightning", "lightning", "darts", "neuralforecast"):
        logging.getLogger(name).setLevel(logging.ERROR)


def serve(tasks: dict[str, Callable[..., Any]]) -> None:
    """A JSON task per line in, its seconds (or what it returns) per line out; libraries' chatter goes to stderr."""
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        task = json.loads(line)
        start = time.perf_counter()
        result = tasks[task.pop("task")](**task)
        print(json.dumps(time.perf_counter() - start if result is None else result), file=out, flush=True)

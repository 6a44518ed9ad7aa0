"""Large batches are split over two host devices, which a process must have before it imports JAX."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from beatnaive.core.jax_environment import jax_variables

HERE = Path(__file__).parent


def test_a_large_batch_on_two_devices() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", str(HERE / "two_devices.py")]
    done = subprocess.run(command, env={**os.environ, **jax_variables(2)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout

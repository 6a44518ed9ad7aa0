"""What JAX and Keras read from the environment when they are imported; nothing has an effect after that.

XLA splits sums by the size of its thread pool, so the pool is fixed to one thread and a study is parallel by processes:
the bits do not depend on the number of cores. A large batch is split over two host devices, with a thread each. Small
batches get a single device: with two, a program of one device goes back and forth between the threads, and an epoch
of the published network costs a quarter more.
"""

from __future__ import annotations

import os
import sys

LARGE = 256
"""Batches of this size and more are split over two host devices, whatever the number of cores."""

COUNT = "--xla_force_host_platform_device_count"


def devices_of(batch: int) -> int:
    """Host devices that training with such batches is spread over.

    >>> devices_of(32), devices_of(512)
    (1, 2)
    """
    return 2 if batch >= LARGE and batch % 2 == 0 else 1


def jax_variables(devices: int | None = None) -> dict[str, str]:
    """Variables of a process that trains on so many host devices; None = as many as it is set up for, else one.

    Other flags of XLA that the user has set stay.

    >>> jax_variables(2)["KERAS_BACKEND"], "device_count=2" in jax_variables(2)["XLA_FLAGS"]
    ('jax', True)
    """
    flags = os.environ.get("XLA_FLAGS", "").split()
    if devices is not None or not any(flag.startswith(COUNT) for flag in flags):
        flags = [*(flag for flag in flags if not flag.startswith(COUNT)), f"{COUNT}={devices or 1}"]
    return {"KERAS_BACKEND": "jax", "PJRT_NPROC": "1", "XLA_FLAGS": " ".join(flags)}


def prepare(devices: int | None = None) -> None:
    """Set this process up, unless JAX or Keras is imported; to be called before any code that may import them."""
    if "jax" not in sys.modules and "keras" not in sys.modules:
        os.environ.update(jax_variables(devices))

"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
import sys


def trim() -> None:
    """Return freed pages that the C library, and Arrow where it is loaded, keep for later; a panel leaves gigabytes.

    Does nothing where the C library has no such call (it is glibc's).
    """
    if (arrow := sys.modules.get("pyarrow")) is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux" and (call := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        call(0)

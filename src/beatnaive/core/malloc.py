"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
import sys


def trim() -> None:
    """Return freed pages that the C library keeps for later; a panel leaves gigabytes of them.

    Does nothing where the C library has no such call (it is glibc's).
    """
    if sys.platform == "linux" and (call := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        call(0)

"""Memory that was freed: used again while a panel is worked on, given back to the system after."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
REUSED, USUAL = 1 << 30, 1 << 25
"""Bytes of the largest array that is put where another was: in `reusing`, and the most that glibc chooses by itself."""


def trim() -> None:
    """Return freed pages that the C library, and Arrow where it is loaded, keep for later; a panel leaves gigabytes.

    Does nothing where the C library has no such call (it is glibc's).
    """
    if (arrow := sys.modules.get("pyarrow")) is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux" and (call := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        call(0)


@contextmanager
def reusing() -> Iterator[None]:
    """In here arrays up to a gigabyte lie where freed ones lay, not in new pages, which the system has to clear first.

    The columns of 5,060 symbols are made and freed by the hundred. `trim` gives back what nobody uses; so does the end.
    """
    _reuse(REUSED)
    try:
        yield
    finally:
        _reuse(USUAL)
        trim()


def _reuse(largest: int) -> None:
    if sys.platform == "linux" and (call := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        call(MMAP_THRESHOLD, largest)
        call(TRIM_THRESHOLD, largest)

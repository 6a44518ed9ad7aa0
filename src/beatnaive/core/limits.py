"""Numbers with their limits, for the fields of what people write: pydantic holds them at the boundary.

The upper limits are no advice: what lies beyond them is a slip of the keyboard, and would be found out by hours of work
or by the last byte of memory.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, TypeAlias

from annotated_types import Ge, Gt, Le, Lt, MaxLen

Sessions: TypeAlias = Annotated[int, Ge(1), Le(1_000_000)]
"""A number of sessions."""
Count: TypeAlias = Annotated[int, Ge(1), Le(10_000)]
"""Seeds, worlds, epochs, trees, orders: things that take time each."""
Natural: TypeAlias = Annotated[int, Ge(0), Le(1_000_000)]
"""A number that may be zero."""
Width: TypeAlias = Annotated[int, Ge(1), Lt(2**31)]
"""Units, filters or neurons of a layer: what an array can have; whether memory holds them, `memory` says."""
Widths: TypeAlias = Annotated[tuple[Width, ...], MaxLen(20)]
"""A layer's width each."""
Layers: TypeAlias = Annotated[int, Ge(1), Le(20)]
"""Layers, blocks, orders of a lag polynomial."""
Seed: TypeAlias = Annotated[int, Ge(0), Lt(2**63)]
"""The root of random numbers."""
Share: TypeAlias = Annotated[float, Gt(0), Lt(1)]
"""A part of a whole, neither nothing nor all."""
ShareOrNone: TypeAlias = Annotated[float, Ge(0), Lt(1)]
"""A part of a whole that may be nothing."""
Positive: TypeAlias = Annotated[float, Gt(0), Le(1e9)]
"""A finite number above zero."""
NotNegative: TypeAlias = Annotated[float, Ge(0), Le(1e9)]
"""A finite number, zero or above."""


def memory() -> int:
    """Bytes of memory that a process can have here: the machine's, less where a container or `ulimit -v` says so.

    2**63 where the system does not tell.
    """
    found = [2**63]
    with suppress(ValueError, OSError, AttributeError):  # Windows has no sysconf
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(ValueError, OSError):  # "max", or no such file
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    if sys.platform != "win32":
        import resource

        found.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    return min(one for one in found if one > 0)  # -1 is no limit

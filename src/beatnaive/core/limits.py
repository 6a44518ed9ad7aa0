"""Numbers with their limits, for the fields of what people write: pydantic holds them at the boundary.

The upper limits are no advice: what lies beyond them is a slip of the keyboard, and would be found out by hours of work
or by the last byte of memory.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from annotated_types import Ge, Gt, Le, Lt

Sessions: TypeAlias = Annotated[int, Ge(1), Le(1_000_000)]
"""A number of sessions."""
Count: TypeAlias = Annotated[int, Ge(1), Le(10_000)]
"""Seeds, worlds, epochs, trees, orders: things that take time each."""
Natural: TypeAlias = Annotated[int, Ge(0), Le(1_000_000)]
"""A number that may be zero."""
Width: TypeAlias = Annotated[int, Ge(1), Le(4096)]
"""Units, filters or neurons of a layer: at 4,096, an LSTM's weights and their optimiser take two gigabytes."""
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

"""The path of prices inside a network: for architectures that are made for levels rather than changes."""

from __future__ import annotations

from typing import Any

from beatnaive.models.networks.windows import WindowUnit


def path(window: Any, unit: WindowUnit) -> Any:
    """(batch, steps, features) levels less the last one, x_k - x_L; changes are summed to levels first."""
    from keras import ops

    levels = window if unit == "price" else ops.cumsum(window, axis=1)
    return levels - levels[:, -1:]


def from_last(change: Any, window: Any, unit: WindowUnit, columns: tuple[str, ...]) -> Any:
    """(batch, 1) a change of the close as the network's target: a price is the last close plus it."""
    if unit == "return" or "Close" not in columns:
        return change
    close = columns.index("Close")
    return change + window[:, -1, close : close + 1]

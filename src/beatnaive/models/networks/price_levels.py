"""The path of prices inside a network: for architectures that are made for levels rather than changes."""

from __future__ import annotations

from typing import Any

from beatnaive.models.networks.windows import WindowUnit


def path(window: Any, unit: WindowUnit) -> Any:
    """(batch, steps, features) x_k - x_L, levels less the last one; changes are summed to levels first.

    window: (batch, steps, features) prices, or log changes, scaled. Adding a constant to all levels changes nothing,
    which is what makes linear models of levels work on series that wander (Zeng et al. 2023).
    """
    from keras import ops

    levels = window if unit == "price" else ops.cumsum(window, axis=1)
    return levels - levels[:, -1:]


def from_last(change: Any, window: Any, unit: WindowUnit, columns: tuple[str, ...]) -> Any:
    """(batch, 1) the target from a change of the close (batch, 1): the change itself, or the last close plus it.

    With prices as columns but not the close among them there is no last close: the change is then the answer.
    """
    if unit == "return" or "Close" not in columns:
        return change
    close = columns.index("Close")
    return change + window[:, -1, close : close + 1]

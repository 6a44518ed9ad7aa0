"""A strategy's parameters, as documented: a value, the default unless told otherwise, and a range to search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["BooleanParameter", "CategoricalParameter", "DecimalParameter", "IntParameter", "RealParameter"]


class Parameter:
    """value: the default; range: all values that a search would try, here the value alone, as outside a search."""

    def __init__(self, default: Any, space: str | None = None, optimize: bool = True, load: bool = True) -> None:
        self.value, self.space, self.optimize, self.load = default, space, optimize, load

    @property
    def range(self) -> list[Any]:
        """Outside a search, the value only."""
        return [self.value]


class _Bounded(Parameter):
    def __init__(self, low: Any, high: Any = None, *, default: Any, **named: Any) -> None:
        low, high = low if high is None else (low, high)
        super().__init__(default, named.get("space"), named.get("optimize", True), named.get("load", True))
        self.low, self.high = low, high


class IntParameter(_Bounded):
    """A whole number.

    >>> IntParameter(5, 50, default=14, space="buy").value
    14
    """


class RealParameter(_Bounded):
    """A number."""


class DecimalParameter(_Bounded):
    """A number rounded to some decimals.

    >>> DecimalParameter(0.0, 1.0, default=0.12345, decimals=2).value
    0.12
    """

    def __init__(self, low: Any, high: Any = None, *, default: float, decimals: int = 3, **named: Any) -> None:
        super().__init__(low, high, default=float(np.round(default, decimals)), **named)


class CategoricalParameter(Parameter):
    """One of several.

    >>> CategoricalParameter(["sma", "ema"], default="ema").value
    'ema'
    """

    def __init__(self, categories: Sequence[Any], *, default: Any = None, **named: Any) -> None:
        chosen = categories[0] if default is None else default
        super().__init__(chosen, named.get("space"), named.get("optimize", True), named.get("load", True))
        self.opt_range = list(categories)


class BooleanParameter(CategoricalParameter):
    """Yes or no."""

    def __init__(self, *, default: Any = None, **named: Any) -> None:
        super().__init__([True, False], default=default, **named)

"""The gradients of statsforecast's ARIMA without SciPy's bookkeeping: the same bits in two thirds of the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from beatnaive.core.types import Floats

PATCHED = ("2.0", "2.1")
"""Versions of statsforecast whose ARIMA lets SciPy difference its loss; `tests/models/test_univariate.py` says when
this module can go. Another version runs as it is: the same bits, in half as much time again."""

STEP = float(np.sqrt(np.finfo(float).eps))
"""SciPy's own, for forward differences."""


@contextmanager
def quick_slopes() -> Iterator[None]:
    """Inside, statsforecast's ARIMA takes its gradients from `Slopes`.

    Nearly half of an order search is what SciPy does around each of some ten thousand differences of a few numbers.
    """
    from importlib.metadata import version

    from statsforecast import arima

    if ".".join(version("statsforecast").split(".")[:2]) not in PATCHED:
        yield
        return
    names = vars(arima)
    before = names["minimize"]

    def minimize(
        loss: Callable[..., float], start: Floats, args: tuple[Any, ...] = (), *, method: str | None = None,
        tol: float | None = None, options: Mapping[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        slopes = Slopes(loss)
        return before(slopes.value, start, args=args, jac=slopes.at, method=method, tol=tol, options=options)

    names["minimize"] = minimize
    try:
        yield
    finally:
        names["minimize"] = before


class Slopes:
    """A loss and its forward differences, (f(x + h e_i) - f(x)) / h; a point asked for twice is evaluated once.

    >>> slopes = Slopes(lambda x: float(x @ x))
    >>> slopes.value(np.array([1.0, 2.0])), slopes.at(np.array([1.0, 2.0])).round(6).tolist()
    (5.0, [2.0, 4.0])
    """

    def __init__(self, loss: Callable[..., float]) -> None:
        self.loss = loss
        self.last: tuple[bytes, float] = b"", 0.0

    def value(self, x: Floats, *args: Any) -> float:
        """The loss at x."""
        if self.last[0] != (key := x.tobytes()):
            self.last = key, self.loss(x, *args)
        return self.last[1]

    def at(self, x: Floats, *args: Any) -> Floats:
        """The slope of the loss at x."""
        here, slope = self.value(x, *args), np.empty(len(x))
        for i, xi in enumerate(x.tolist()):
            moved = x.copy()
            moved[i] = xi + STEP
            slope[i] = (self.loss(moved, *args) - here) / (moved[i] - xi)
        return slope

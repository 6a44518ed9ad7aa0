"""`Samples` and `Fold`: what can be learnt from or scored, and the cut between the two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import Floats, Instants, Ints, as_slice, by_code, counted, freeze, of_codes
from beatnaive.core.inputs import Inputs


@dataclass(frozen=True)
class Target:
    """What is forecast, in which unit, judged how.

    name "return" (log return over `horizon` sessions, naive = 0) or "volatility" (variance of the next
    `horizon` sessions); `benchmarks` are the models that "better" must beat; `loss` the default loss.
    """

    name: str
    horizon: int
    unit: str
    benchmarks: tuple[str, ...]
    loss: str
    label: Callable[[Inputs, Ints, int], Floats]


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows that can be learnt from or scored: positions `rows` in `inputs` (ascending), label y and when it is known.

    y (k,) in the target's unit; known_at (k,) UTC instant of the close that reveals it.
    """

    inputs: Inputs
    rows: Ints
    y: Floats
    known_at: Instants
    target: Target

    def __post_init__(self) -> None:
        freeze(self.rows, self.y, self.known_at)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: NDArray[Any] | slice) -> Samples:
        """The same samples at these indices; the inputs stay whole. A slice copies nothing."""
        return replace(self, rows=self.rows[index], y=self.y[index], known_at=self.known_at[index])

    def known_by(self, cutoff: np.datetime64) -> Samples:
        """What may be learnt from at `cutoff`: labels known by then, inputs cut there; this comparison purges."""
        part = self.take(self.known_at <= cutoff)
        return replace(part, inputs=self.inputs.until(cutoff))

    def at(self, rows: Ints) -> Ints:
        """The indices in these samples of positions `rows` in the inputs."""
        return np.searchsorted(self.rows, rows)

    def of(self, codes: Iterable[int]) -> Ints:
        """Ascending indices of the samples of these symbols."""
        return of_codes(self._by_symbol, codes)

    @cached_property
    def _by_symbol(self) -> Mapping[int, Ints]:
        return by_code(self.inputs.symbol[self.rows])


WARMUP = -1
"""Number of the extra fold whose forecasts start the intervals' residuals; it is never scored."""


@dataclass(frozen=True, eq=False)
class Fold:
    """One fit and the rows it forecasts: `train` and `test` are ascending indices into the samples."""

    number: int
    cutoff: np.datetime64
    train: Ints
    test: Ints

    @property
    def is_warmup(self) -> bool:
        """Whether its forecasts only start the intervals."""
        return self.number == WARMUP

    def __getstate__(self) -> dict[str, Any]:
        """With a run of consecutive rows as its two ends: the folds of a panel are gigabytes otherwise."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return own | {name: as_slice(own[name]) for name in ("train", "test")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            rows = counted(value.start, value.stop) if isinstance(value, slice) else value
            object.__setattr__(self, name, rows)

"""The kind `prices`: another symbol's closes, joined by the instants of closes across exchanges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.types import CLOSE
from beatnaive.prices import Source, load
from beatnaive.releases.join import Transform
from beatnaive.releases.table import Releases


@dataclass(frozen=True)
class OtherPrices:
    """Closes of another symbol (an index, oil, the sector), known at its own exchange's close.

    Tokyo's close of a day is known in New York on that day, New York's in Tokyo on the next. series: the symbol;
    source: sample, yahoo, or a CSV or Parquet file. Closes as traded, since an adjustment knows later dividends.
    """

    series: str
    source: str = "sample"
    calendar: str | None = None
    parts: ClassVar[tuple[str, ...]] = ("", "_change")
    transform: ClassVar[Transform] = "log"

    def read(self, symbols: Sequence[str]) -> Releases:
        """The whole series; it concerns every symbol. Raises what loading prices raises."""
        source = Source(kind=self.source, symbols=(self.series,), calendar=self.calendar)
        if self.source.lower().endswith((".csv", ".parquet")):
            source = Source(kind="file", path=self.source, symbols=(self.series,), calendar=self.calendar)
        one = load(source, traded=True)[0]
        known = np.flatnonzero(np.isfinite(one.bars[:, CLOSE]))
        return Releases.of(
            name=self.series, period_end=one.sessions[known], known_at=one.closes_at[known],
            value=one.bars[known, CLOSE], provenance=one.provenance,
        )  # fmt: skip

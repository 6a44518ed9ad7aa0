"""What tabular models share: rows of several symbols brought to one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.models.base import design
from beatnaive.types import Floats, Inputs, Ints, Samples

_CHUNK = 65536  # rows scaled at a time: a panel is not held twice more in memory


@dataclass(frozen=True, eq=False)
class SymbolScaling:
    """z = (x - mean) / deviation, column by column and symbol by symbol, from each symbol's training rows.

    Prices of one symbol then mean the same as those of any other, whatever their currency, and the pooled model
    learns labels in units of the symbol's own root mean square. shift, scale (symbols, p); unit (symbols,).
    A symbol without two training rows takes the pool's figures.
    """

    shift: Floats
    scale: Floats
    unit: Floats

    @classmethod
    def of(cls, train: Samples, x: Floats) -> SymbolScaling:
        """From training rows x (k, p) and their labels."""
        symbols = len(train.inputs.symbols)
        codes = train.inputs.symbol[train.rows]
        shift, scale, unit = np.empty((symbols, x.shape[1])), np.empty((symbols, x.shape[1])), np.empty(symbols)
        pool = _figures(x, train.y)
        for code in range(symbols):
            mine = np.flatnonzero(codes == code)
            shift[code], scale[code], unit[code] = _figures(x[mine], train.y[mine]) if len(mine) > 1 else pool
        return cls(shift, scale, unit)

    def __call__(self, inputs: Inputs, rows: Ints, columns: Sequence[str] | None) -> Floats:
        """(k, p) scaled columns of these rows."""
        x = design(inputs, rows, columns)
        for begin in range(0, len(rows), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            codes = inputs.symbol[rows[part]]
            x[part] -= self.shift[codes]
            x[part] /= self.scale[codes]
        return x

    def arrays(self) -> dict[str, Floats]:
        """For an .npz file."""
        return {"shift": self.shift, "scale": self.scale, "unit": self.unit}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> SymbolScaling:
        """The inverse of `arrays`."""
        return cls(data["shift"], data["scale"], data["unit"])


def _figures(x: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    shift, scale = x.mean(axis=0), x.std(axis=0)
    constant = scale <= 1e-12 * np.maximum(np.abs(shift), np.finfo(float).tiny)
    unit = float(np.sqrt(np.mean(y**2)))
    return shift, np.where(constant, 1.0, scale), unit if unit > 0 else 1.0

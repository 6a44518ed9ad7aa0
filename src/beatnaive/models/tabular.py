"""What tabular models share: rows of several symbols brought to one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from beatnaive.core import mapped
from beatnaive.core.types import Floats, Inputs, Ints, Samples
from beatnaive.models.base import design

Order: TypeAlias = Literal["C", "F"]
_CHUNK = 16384  # rows scaled at a time: a panel is not held twice in memory, nor once where its columns are in a file


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
    def of(cls, train: Samples, columns: Sequence[str] | None) -> SymbolScaling:
        """From the training rows' columns and labels; a symbol's rows at a time, so that no panel is copied."""
        known = [
            _figures(design(train.inputs, train.rows[mine], columns), train.y[mine]) if len(mine) > 1 else None
            for mine in _by_code(train)
        ]
        if None in known:
            pool = _figures(design(train.inputs, train.rows, columns), train.y)
            known = [pool if one is None else one for one in known]
        mapped.forget(train.inputs.x)
        shift, scale, unit = zip(*(one for one in known if one is not None), strict=True)
        return cls(np.array(shift), np.array(scale), np.array(unit))

    def __call__(self, inputs: Inputs, rows: Ints, columns: Sequence[str] | None, *, order: Order = "C") -> Floats:
        """(k, p) scaled columns of these rows; order "F" lays each column together, for whoever reads by columns."""
        z = np.empty((len(rows), self.shift.shape[1]), order=order)
        for begin in range(0, len(rows), _CHUNK):
            part = rows[begin : begin + _CHUNK]
            codes = inputs.symbol[part]
            x = design(inputs, part, columns)
            x -= self.shift[codes]
            x /= self.scale[codes]
            z[begin : begin + _CHUNK] = x
            mapped.forget(inputs.x)
        return z

    def arrays(self) -> dict[str, Floats]:
        """For an .npz file."""
        return {"shift": self.shift, "scale": self.scale, "unit": self.unit}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> SymbolScaling:
        """The inverse of `arrays`."""
        return cls(data["shift"], data["scale"], data["unit"])


def _by_code(train: Samples) -> list[Ints]:
    """The training rows of every symbol, ascending."""
    codes = train.inputs.symbol[train.rows]
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.searchsorted(codes[order], np.arange(1, len(train.inputs.symbols))))


def _figures(x: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    shift, scale = x.mean(axis=0), x.std(axis=0)
    constant = scale <= 1e-12 * np.maximum(np.abs(shift), np.finfo(float).tiny)
    unit = float(np.sqrt(np.mean(y**2)))
    return shift, np.where(constant, 1.0, scale), unit if unit > 0 else 1.0

"""Scaling per symbol, estimated on training windows only: what makes symbols of any price comparable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import by_code
from beatnaive.core.types import BARS, CLOSE, Floats, Inputs, Ints, Samples
from beatnaive.models.base import Scaling, price_to_return
from beatnaive.models.networks.windows import Panel, WindowUnit


@dataclass(frozen=True, eq=False)
class Scalings:
    """Per symbol: `columns` scales the inputs (shift and scale (symbols, features)), `target` the label (symbols,).

    Symbols without training rows hold NaN, and so do their forecasts.
    """

    symbols: tuple[str, ...]
    unit: WindowUnit
    columns: Scaling
    target: Scaling

    @classmethod
    def of(
        cls, samples: Samples, panel: Panel, names: tuple[str, ...], unit: WindowUnit, *,
        declared: tuple[float, float] | None = None,
    ) -> Scalings:  # fmt: skip
        """Estimate from the rows that the training windows cover.

        Returns: inputs by mean and deviation, label by its deviation alone, so that an untrained network says naive.
        Prices: inputs by their range onto 0..1, label by that of the close. `declared` replaces the range of prices.
        """
        inputs, ends = samples.inputs, panel.rank[samples.rows]
        covered = np.flatnonzero(panel.covered(ends))
        close = np.empty(len(panel.values))
        close[panel.rank] = inputs.close
        columns, target = [], []
        covered_by, labelled = by_code(panel.symbol[covered]), by_code(panel.symbol[ends])
        for code in range(len(inputs.symbols)):
            seen = covered[covered_by.get(code, ends[:0])]
            labels = samples.y[labelled.get(code, ends[:0])]
            if len(seen) == 0:
                columns.append(_constant(np.nan, len(names)))
                target.append(_constant(np.nan, 1))
            elif unit == "return":
                columns.append(Scaling.standard(panel.values[seen]))
                target.append(Scaling(np.zeros(1), Scaling.standard(labels[:, None]).scale))
            else:
                columns.append(_declared(_range(panel.values[seen]), names, declared))
                target.append(_declared(_range(close[seen, None]), ("Close",), declared))
        return cls(inputs.symbols, unit, _stack(columns), _stack(target))

    def inputs(self, values: Floats, codes: Ints) -> Floats:
        """(n, features) scaled values of symbols `codes`."""
        return Scaling(self.columns.shift[codes], self.columns.scale[codes])(values)

    def label(self, samples: Samples) -> Floats:
        """(n,) what the network is trained to say: the return in units of its deviation, or the price in its range."""
        codes, close = samples.inputs.symbol[samples.rows], samples.inputs.close[samples.rows]
        y: Floats = samples.y if self.unit == "return" else close * np.exp(samples.y)
        return Scaling(self.target.shift[codes, 0], self.target.scale[codes, 0])(y)

    def forecast(self, out: Floats, codes: Ints, close: Floats) -> Floats:
        """(n,) log returns from what the network says."""
        value = Scaling(self.target.shift[codes, 0], self.target.scale[codes, 0]).undo(out)
        return value if self.unit == "return" else price_to_return(value, close)

    def codes(self, inputs: Inputs, symbol: NDArray[Any]) -> Ints:
        """These symbols' codes in here (symbols are matched by name); -1 = never seen."""
        known = {name: code for code, name in enumerate(self.symbols)}
        codes: Ints = np.array([known.get(name, -1) for name in inputs.symbols])[symbol]
        return codes

    def to_json(self) -> dict[str, Any]:
        """Plain lists; floats survive JSON exactly."""
        parts = {"columns": self.columns.to_json(), "target": self.target.to_json()}
        return {"symbols": list(self.symbols), "unit": self.unit, **parts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scalings:
        """The inverse of `to_json`."""
        rows = len(data["symbols"])
        columns, target = (
            Scaling(flat.shift.reshape(rows, -1), flat.scale.reshape(rows, -1))
            for flat in (Scaling.from_json(data["columns"]), Scaling.from_json(data["target"]))
        )
        return cls(tuple(data["symbols"]), data["unit"], columns, target)


def _range(values: Floats) -> Scaling:
    return Scaling.minmax(values.min(0), values.max(0))


def _declared(scaling: Scaling, names: tuple[str, ...], declared: tuple[float, float] | None) -> Scaling:
    """The declared range for the price columns, the estimated one for the others."""
    if declared is None:
        return scaling
    price = np.array([name in BARS[: CLOSE + 1] for name in names])
    low, high = declared
    return Scaling(np.where(price, low, scaling.shift), np.where(price, high - low, scaling.scale))


def _constant(value: float, columns: int) -> Scaling:
    return Scaling(np.full(columns, value), np.full(columns, value))


def _stack(parts: list[Scaling]) -> Scaling:
    return Scaling(np.stack([part.shift for part in parts]), np.stack([part.scale for part in parts]))

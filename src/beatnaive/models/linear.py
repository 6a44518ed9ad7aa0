"""Linear regression and ridge on the study's features, standardised with the training rows' mean and deviation."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from beatnaive.core.limits import Count, NotNegative
from beatnaive.core.types import Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import (
    Recipe,
    Scaling,
    design,
    price_to_return,
    read_json,
    require_rows,
    write_json,
)
from beatnaive.models.moments import LabelUnit, Moments, moments_of, solutions, squared_errors, total


@dataclass(frozen=True)
class Linear(Recipe):
    """Ordinary least squares: y_hat = b0 + z b, z = (x - mean) / deviation of the training rows.

    Standardising is not optional: among columns of very different size (volume is of order 1e8) least squares drops
    the small singular values and the forecast is ruined. The rows are read once, a part at a time, and only their
    moments are kept (`moments`): a pooled panel is not copied. columns: features or bars by name, None = all features;
    target "return" regresses the log return, "price" the price `horizon` sessions later, converted on the way out.
    """

    columns: tuple[str, ...] | None = None
    target: LabelUnit = "return"
    least_squares: ClassVar[bool] = True
    light: ClassVar[bool] = True
    reference: ClassVar[str] = "Hastie, Tibshirani and Friedman 2009, section 3.2, doi:10.1007/978-0-387-84858-7"

    def fit(self, train: Samples, rng: np.random.Generator) -> LinearFitted:
        """Least squares of minimal norm on the training rows."""
        require_rows(train, 2, "linear")
        (known,) = moments_of(train, self.columns, self.target, np.zeros(len(train), np.int64), 1)
        scaling, (weights,) = solutions(known, np.zeros(1))
        return _fitted(self, known, scaling, weights)

    def load(self, folder: Path) -> LinearFitted:
        """The inverse of `LinearFitted.save`."""
        return LinearFitted.load(folder)


@dataclass(frozen=True)
class Ridge(Recipe):
    """Ridge regression: b = argmin |y - z b|^2 + penalty |b|^2, the penalty chosen inside training.

    The candidates are a grid from `penalties`; each is scored by forward-chaining: the training rows are cut into
    `chains` + 1 chronological blocks, block k+1 is forecast from blocks 1..k (labels known by then), and the penalty
    with the least squared error wins. Reference: Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634.
    """

    columns: tuple[str, ...] | None = None
    target: LabelUnit = "return"
    penalties: tuple[NotNegative, ...] = tuple(float(10.0**k) for k in range(-2, 7))
    chains: Count = 4
    light: ClassVar[bool] = True
    reference: ClassVar[str] = "Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634"

    def fit(self, train: Samples, rng: np.random.Generator) -> LinearFitted:
        """Choose the penalty on forward-chaining folds, then fit on all training rows."""
        require_rows(train, 2 * (self.chains + 1), "ridge")
        known, errors = self._chained_errors(train)
        penalty = self.penalties[int(np.argmin(errors))]
        scaling, (weights,) = solutions(known, np.array([penalty]))
        return _fitted(self, known, scaling, weights, penalty)

    def _chained_errors(self, train: Samples) -> tuple[Moments, Floats]:
        """The moments of all rows, and (penalties,) squared errors over the chain, in the unit of the target.

        Rows are put into cells by the block they lie in and the first block before whose start their label was known:
        the past of a block is a sum of cells, and so is the block.
        """
        edges = np.linspace(0, len(train), self.chains + 2).astype(int)[1:]
        starts = train.inputs.origin[train.rows[edges[:-1]]]
        known_before = np.searchsorted(starts, train.known_at, "left")  # of block k and of all later ones
        block = np.searchsorted(edges, np.arange(len(train)), "right")  # 0: before the first that is forecast
        chained = self.chains + 1
        cells = moments_of(train, self.columns, self.target, block * chained + known_before, chained * chained)
        width, errors = len(cells[0].mean), np.zeros(len(self.penalties))
        for k in range(self.chains):
            past = total((one for code, one in enumerate(cells) if code % chained <= k), width)
            if past.n < 2:
                continue
            scaling, weights = solutions(past, np.array(self.penalties))
            errors += squared_errors(total(cells[(k + 1) * chained : (k + 2) * chained], width), past, scaling, weights)
        return total(cells, width), errors

    def load(self, folder: Path) -> LinearFitted:
        """The inverse of `LinearFitted.save`."""
        return LinearFitted.load(folder)


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearFitted:
    """Weights on standardised columns."""

    columns: tuple[str, ...] | None
    target: LabelUnit
    scaling: Scaling
    weights: Floats
    mean: float
    facts: Fit = field(default_factory=Fit)
    penalty: float | None = None

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """mean + z weights; einsum, because a matrix product's bits depend on how many rows are asked for."""
        z = self.scaling(design(inputs, rows, self.columns))
        value = self.mean + np.einsum("ij,j->i", z, self.weights)
        return Forecast(value if self.target == "return" else price_to_return(value, inputs.close[rows]))

    def save(self, folder: Path) -> None:
        """JSON."""
        data: dict[str, Any] = {
            "columns": self.columns,
            "target": self.target,
            "scaling": self.scaling.to_json(),
            "weights": self.weights.tolist(),
            "mean": self.mean,
            "penalty": self.penalty,
        }
        write_json(folder, data)

    @classmethod
    def load(cls, folder: Path) -> LinearFitted:
        """The inverse of `save`."""
        data = read_json(folder)
        columns = None if data["columns"] is None else tuple(data["columns"])
        weights = np.array(data["weights"])
        facts = Fit(parameters=len(weights) + 1)
        return cls(
            columns=columns,
            target=data["target"],
            scaling=Scaling.from_json(data["scaling"]),
            weights=weights,
            mean=data["mean"],
            facts=facts,
            penalty=data["penalty"],
        )


def _fitted(
    model: Linear | Ridge, known: Moments, scaling: Scaling, weights: Floats, penalty: float | None = None
) -> LinearFitted:
    facts = Fit(parameters=len(weights) + 1, windows=known.n)
    return LinearFitted(
        columns=model.columns, target=model.target, scaling=scaling, weights=weights, mean=float(known.mean[-1]),
        facts=facts, penalty=penalty,
    )  # fmt: skip

"""Linear regression and ridge on the study's features, standardised with the training rows' mean and deviation."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from beatnaive.core.limits import Count, NotNegative
from beatnaive.core.types import CLOSE, Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import (
    Recipe,
    Scaling,
    design,
    price_to_return,
    read_json,
    require_rows,
    write_json,
)

LabelUnit = Literal["return", "price"]


@dataclass(frozen=True)
class Linear(Recipe):
    """Ordinary least squares: y_hat = b0 + z b, z = (x - mean) / deviation of the training rows.

    Standardising is not optional: among columns of very different size (volume is of order 1e8) least squares drops
    the small singular values and the forecast is ruined. columns: features or bars by name, None = all features;
    target "return" regresses the log return, "price" the price `horizon` sessions later, converted on the way out.
    """

    columns: tuple[str, ...] | None = None
    target: LabelUnit = "return"
    least_squares: ClassVar[bool] = True
    reference: ClassVar[str] = "Hastie, Tibshirani and Friedman 2009, section 3.2, doi:10.1007/978-0-387-84858-7"

    def fit(self, train: Samples, rng: np.random.Generator) -> LinearFitted:
        """Least squares of minimal norm on the training rows."""
        x = design(train.inputs, train.rows, self.columns)
        require_rows(train, 2, "linear")
        scaling, z, y, mean = _prepare(train, x, self.target)
        weights: Floats = np.linalg.lstsq(z, y - mean, rcond=None)[0].astype(float)
        return LinearFitted(
            columns=self.columns,
            target=self.target,
            scaling=scaling,
            weights=weights,
            mean=mean,
            facts=_facts(train, weights),
        )

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
    reference: ClassVar[str] = "Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634"

    def fit(self, train: Samples, rng: np.random.Generator) -> LinearFitted:
        """Choose the penalty on forward-chaining folds, then fit on all training rows."""
        require_rows(train, 2 * (self.chains + 1), "ridge")
        x = design(train.inputs, train.rows, self.columns)
        penalty = self.penalties[int(np.argmin(self._chained_errors(train, x)))]
        scaling, z, y, mean = _prepare(train, x, self.target)
        weights = _ridge_path(z, y - mean, np.array([penalty]))[0]
        return LinearFitted(
            columns=self.columns,
            target=self.target,
            scaling=scaling,
            weights=weights,
            mean=mean,
            facts=_facts(train, weights),
            penalty=penalty,
        )

    def _chained_errors(self, train: Samples, x: Floats) -> Floats:
        """(penalties,) summed squared error over the forward-chaining folds, in the unit of the target."""
        origin = train.inputs.origin[train.rows]
        edges = np.linspace(0, len(train), self.chains + 2).astype(int)[1:]
        errors = np.zeros(len(self.penalties))
        for begin, end in pairwise(edges):
            past = np.flatnonzero(train.known_at <= origin[begin])
            if len(past) < 2:
                continue
            scaling, z, y, mean = _prepare(train.take(past), x[past], self.target)
            weights = _ridge_path(z, y - mean, np.array(self.penalties))
            outcome = _label(train.take(np.arange(begin, end)), self.target)
            forecast = mean + scaling(x[begin:end]) @ weights.T
            errors += ((forecast - outcome[:, None]) ** 2).sum(axis=0)
        return errors

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


def _prepare(train: Samples, x: Floats, target: LabelUnit) -> tuple[Scaling, Floats, Floats, float]:
    scaling = Scaling.standard(x)
    y = _label(train, target)
    return scaling, scaling(x), y, float(y.mean())


def _label(samples: Samples, target: LabelUnit) -> Floats:
    close = samples.inputs.bars[samples.rows, CLOSE]
    return samples.y if target == "return" else close * np.exp(samples.y)


def _ridge_path(z: Floats, y: Floats, penalties: Floats) -> Floats:
    """(penalties, columns) solutions from one eigendecomposition of z'z."""
    values, vectors = np.linalg.eigh(z.T @ z)
    turned = vectors.T @ (z.T @ y)
    shrunk = turned / (np.maximum(values, 0.0) + penalties[:, None])
    return np.asarray(shrunk @ vectors.T)


def _facts(train: Samples, weights: Floats) -> Fit:
    return Fit(parameters=len(weights) + 1, windows=len(train))

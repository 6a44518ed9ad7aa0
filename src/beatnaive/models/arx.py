"""Autoregression on lagged returns, with further columns where asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from beatnaive.core.limits import Sessions
from beatnaive.core.types import Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, Scaling, design, read_json, require_rows, write_json


@dataclass(frozen=True)
class ARX(Recipe):
    """y_hat = c + sum_i b_i r_{t+1-i} + sum_j g_j x_{j,t}: least squares on the last `lags` session returns.

    Direct: for a horizon h the label is the cumulated return of the next h sessions, not a return fed back.
    lags: five, a trading week, beyond which daily autocorrelation is not told from noise (Lo and MacKinlay 1988);
    columns: features or bars by name, none by default. With per_symbol = false the coefficients are pooled.
    """

    lags: Sessions = 5
    columns: tuple[str, ...] = ()
    least_squares: ClassVar[bool] = True
    reference: ClassVar[str] = "Lo and MacKinlay 1988, doi:10.1093/rfs/1.1.41"

    @property
    def lookback(self) -> int:
        """The closes behind the lagged returns."""
        return self.lags + 1

    def fit(self, train: Samples, rng: np.random.Generator) -> ARXFitted:
        """Least squares on the rows whose lags are all known."""
        x = _regressors(train.inputs, train.rows, self.lags, self.columns)
        complete = np.flatnonzero(np.isfinite(x).all(axis=1))
        require_rows(train.take(complete), 2 * (x.shape[1] + 1), "arx")
        scaling, y = Scaling.standard(x[complete]), train.y[complete]
        weights: Floats = np.linalg.lstsq(scaling(x[complete]), y - y.mean(), rcond=None)[0]
        facts = Fit(parameters=len(weights) + 1, windows=len(complete))
        return ARXFitted(self.lags, self.columns, scaling, weights, float(y.mean()), facts)

    def load(self, folder: Path) -> ARXFitted:
        """The inverse of `ARXFitted.save`."""
        data = read_json(folder)
        weights = np.array(data["weights"])
        scaling, facts = Scaling.from_json(data["scaling"]), Fit(parameters=len(weights) + 1)
        return ARXFitted(data["lags"], tuple(data["columns"]), scaling, weights, data["mean"], facts)


@dataclass(frozen=True, eq=False)
class ARXFitted:
    """Weights on standardised regressors."""

    lags: Sessions
    columns: tuple[str, ...]
    scaling: Scaling
    weights: Floats
    mean: float
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """NaN where a lag or a column is unknown; einsum, because a matrix product's bits depend on the other rows."""
        z = self.scaling(_regressors(inputs, rows, self.lags, self.columns))
        return Forecast(self.mean + np.einsum("ij,j->i", z, self.weights))

    def save(self, folder: Path) -> None:
        """JSON."""
        write_json(
            folder,
            {
                "lags": self.lags,
                "columns": self.columns,
                "scaling": self.scaling.to_json(),
                "weights": self.weights.tolist(),
                "mean": self.mean,
            },
        )


def _regressors(inputs: Inputs, rows: Ints, lags: int, columns: tuple[str, ...]) -> Floats:
    """(k, lags + columns) the last session returns, newest last, and the columns."""
    history = inputs.history(rows, lags + 1)
    returns = np.diff(np.log(np.where(history >= 0, inputs.close[history], np.nan)), axis=1)
    return np.hstack([returns, design(inputs, rows, columns)]) if columns else returns

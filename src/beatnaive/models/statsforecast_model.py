"""Any Nixtla statsforecast model as a forecaster: `kind = "statsforecast.models:AutoCES"`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.registry import foreign
from beatnaive.core.types import Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, read_json, require_rows, write_json
from beatnaive.models.univariate import Univariate


@dataclass(frozen=True)
class StatsforecastModel(Recipe):
    """A statsforecast model of one symbol's log prices, asked anew at every origin with the prices up to it.

    kind: import string of the model's class; parameters: its own. Between fits the model is rolled forward by its
    own `forward`, which keeps the parameters; one that has none (the simple averages, say) is estimated at each
    origin. Its one-pass `fitted` values are not used: some of them look ahead.
    """

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reference: ClassVar[str] = "https://nixtlaverse.nixtla.io/statsforecast"

    def __post_init__(self) -> None:
        statsforecast_model(self.kind, self.parameters)

    def fit(self, train: Samples, rng: np.random.Generator) -> StatsforecastFitted:
        """Fit on all closes known at the cutoff."""
        require_rows(train, 2, self.kind)
        if (train.inputs.symbol != train.inputs.symbol[0]).any():
            raise InputError(f"{self.kind} models one symbol at a time: set per_symbol = true")
        since = train.inputs.session[train.rows[0]]
        return self._fitted(Univariate.series(train.inputs, since)[1], train.target.horizon, since)

    def load(self, folder: Path) -> StatsforecastFitted:
        """Fit again on the stored prices: these models have no file format that is safe to open."""
        data = read_json(folder)
        return self._fitted(np.array(data["log_price"]), data["horizon"], np.datetime64(data["since"], "D"))

    def _fitted(self, log_price: Floats, horizon: int, since: np.datetime64) -> StatsforecastFitted:
        model = statsforecast_model(self.kind, self.parameters)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(log_price)
        said = tuple(dict.fromkeys(str(warning.message).strip() for warning in caught))
        return StatsforecastFitted(model, log_price, horizon, since, Fit(windows=len(log_price), warnings=said))


def statsforecast_model(kind: str, parameters: Mapping[str, Any]) -> Any:
    """A fresh, unfitted model. Raises InputError when a parameter does not exist."""
    try:
        return foreign(kind)(**parameters)
    except TypeError as error:
        raise InputError(f"{kind} cannot be made from {dict(parameters)}: {error}") from error


def adapt(kind: str, found: Any, options: Mapping[str, Any]) -> StatsforecastModel | None:
    """A forecaster for a statsforecast model's class, None for anything else."""
    if not all(hasattr(found, name) for name in ("fit", "predict", "forecast", "predict_in_sample")):
        return None
    return StatsforecastModel(kind, options)


@dataclass(frozen=True, eq=False)
class StatsforecastFitted:
    """A fitted model and the log prices it was fitted on, from which it can be had again."""

    model: Any
    log_price: Floats
    horizon: int
    since: np.datetime64
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """One call per origin; NaN where the origin has no close."""
        known, log_price = Univariate.series(inputs, self.since)
        mean = np.full(len(rows), np.nan)
        for k, row in enumerate(rows):
            end = int(np.searchsorted(known, row, "right"))
            if end and known[end - 1] == row:
                mean[k] = self._last(log_price[:end]) - log_price[end - 1]
        return Forecast(mean)

    def _last(self, log_price: Floats) -> float:
        """The log price expected `horizon` sessions after the last one given."""
        ask = getattr(self.model, "forward", self.model.forecast)
        return float(ask(log_price, h=self.horizon)["mean"][-1])

    def save(self, folder: Path) -> None:
        """JSON."""
        write_json(folder, {"horizon": self.horizon, "since": str(self.since), "log_price": self.log_price.tolist()})

"""Any scikit-learn regressor as a forecaster: `kind = "sklearn.linear_model:Lasso"`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from beatnaive.core.containers import read_npz
from beatnaive.core.errors import InputError
from beatnaive.core.registry import foreign
from beatnaive.core.types import Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, require_rows
from beatnaive.models.tabular import SymbolScaling


@dataclass(frozen=True)
class SklearnModel(Recipe):
    """A regressor on the study's columns, standardised, learning labels in units of their training deviation.

    kind: import string of a regressor's class, or of a ready instance; parameters: its own; columns: features or
    bars by name, None = all features. A regressor with a `random_state` is fitted once per seed.
    """

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    copies: ClassVar[float] = 1.0  # of which the regressor may make more
    reference: ClassVar[str] = "Pedregosa et al. 2011, https://jmlr.org/papers/v12/pedregosa11a.html"

    def __post_init__(self) -> None:
        random = "random_state" in regressor(self.kind, self.parameters).get_params(deep=False)
        object.__setattr__(self, "stochastic", random)  # a fact of the regressor, not of the class

    def fit(self, train: Samples, rng: np.random.Generator) -> SklearnFitted:
        """Fit a fresh regressor on the training rows."""
        require_rows(train, 2, self.kind)
        scaling = SymbolScaling.of(train, self.columns)
        x = scaling(train.inputs, train.rows, self.columns)
        y = train.y / scaling.unit[train.inputs.symbol[train.rows]]
        return self._fitted(scaling, x, y, int(rng.integers(2**31)))

    def load(self, folder: Path) -> SklearnFitted:
        """Fit again on the stored training rows: regressors have no file format that is safe to open."""
        data = read_npz(folder / "training.npz")
        return self._fitted(SymbolScaling.from_arrays(data), data["x"], data["y"], int(data["seed"]))

    def _fitted(self, scaling: SymbolScaling, x: Floats, y: Floats, seed: int) -> SklearnFitted:
        model = regressor(self.kind, self.parameters)
        # a random_state that the user fixed stays
        if "random_state" in model.get_params(deep=False) and "random_state" not in self.parameters:
            model.set_params(random_state=seed)
        model.fit(x, y)
        return SklearnFitted(self.columns, scaling, model, x, y, seed)


def regressor(kind: str, parameters: Mapping[str, Any]) -> Any:
    """A fresh, unfitted regressor. Raises InputError when `kind` names none or a parameter does not exist."""
    from sklearn.base import clone, is_regressor

    found = foreign(kind)
    try:
        made = found(**parameters) if isinstance(found, type) else clone(found).set_params(**parameters)
    except (TypeError, ValueError) as error:
        raise InputError(f"{kind} cannot be made from {dict(parameters)}: {' '.join(str(error).split())}") from error
    if not is_regressor(made):
        raise InputError(f"{kind} is not a regressor: a forecast is a number, not a class")
    return made


def adapt(kind: str, found: Any, options: Mapping[str, Any]) -> SklearnModel | None:
    """A forecaster for a scikit-learn estimator, None for anything else; `columns` is ours, other options its own."""
    if not all(hasattr(found, name) for name in ("fit", "predict", "get_params")):
        return None
    columns = options.get("columns")
    parameters = {name: value for name, value in options.items() if name != "columns"}
    return SklearnModel(kind, parameters, None if columns is None else tuple(columns))


@dataclass(frozen=True, eq=False)
class SklearnFitted:
    """A fitted regressor and the standardised rows it was fitted on, from which it can be had again."""

    columns: tuple[str, ...] | None
    scaling: SymbolScaling
    model: Any
    x: Floats
    y: Floats
    seed: int

    @property
    def facts(self) -> Fit:
        """Coefficients where the regressor has any; 0 = it does not say."""
        count = sum(np.size(getattr(self.model, name, ())) for name in ("coef_", "intercept_"))
        return Fit(parameters=int(count), windows=len(self.y))

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """The regressor's forecast, back in the symbol's own unit."""
        z = np.asarray(self.model.predict(self.scaling(inputs, rows, self.columns)), dtype=float).ravel()
        return Forecast(z * self.scaling.unit[inputs.symbol[rows]])

    def save(self, folder: Path) -> None:
        """The training rows in .npz (no pickle)."""
        training = {"x": self.x, "y": self.y, "seed": np.array(self.seed)}
        np.savez(folder / "training.npz", allow_pickle=False, **self.scaling.arrays(), **training)

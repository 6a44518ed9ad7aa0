"""From a name and options to a forecaster: the shelf's own rows, and user-supplied models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from inspect import signature
from typing import Any, cast

from beatnaive.core import config
from beatnaive.core.errors import InputError
from beatnaive.core.registry import pick, resolve
from beatnaive.core.types import Forecaster
from beatnaive.models import MODELS, WRAPPERS
from beatnaive.models.base import PerSymbol, Recipe

COMBINATION = "combination"
"""The one kind that is not a forecaster: the equal-weight mean of all other tracks, computed after the walk."""


@dataclass(frozen=True)
class ModelSpec:
    """One row of a study's [models]: a kind of the table (or an import string), its options, and whether it is
    fitted symbol by symbol (None = as the kind prefers). `learn_from` names the symbols whose rows it is trained on
    (None = all). Plain data: it travels to workers, files and clusters."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    per_symbol: bool | None = None
    learn_from: tuple[str, ...] | None = None


def build(name: str, spec: ModelSpec) -> Forecaster:
    """The forecaster of a spec, unwrapped.

    A row of MODELS or a dataclass with `fit` takes its options as fields; anything else (a scikit-learn regressor, a
    function that builds a Keras model, a statsforecast model) goes through the adapters. Raises UnknownName for a
    kind or an option that does not exist, InputError for an object that is not a model.

    >>> build("ma", ModelSpec("moving_average", {"window": 20}))
    MovingAverage(window=20)
    """
    found = pick(MODELS, "model", spec.kind)
    if is_dataclass(found) and isinstance(found, type) and hasattr(found, "fit"):
        return cast("Forecaster", config.build(found, spec.options, f"models.{name}"))
    for wrapper in WRAPPERS:
        wrapped: Forecaster | None = resolve(wrapper)(spec.kind, found, spec.options)
        if wrapped is not None:
            return wrapped
    if isinstance(found, type) and hasattr(found, "fit"):
        return _plain(found, spec)
    if isinstance(found, Forecaster):
        return found
    raise InputError(
        f"models.{name}: {spec.kind} is not a model: give a forecaster (fit(train, rng)), a scikit-learn regressor, "
        "a statsforecast model or a function that builds a Keras model"
    )


def _plain(kind: Any, spec: ModelSpec) -> Forecaster:
    if [name.lower() for name in signature(kind.fit).parameters][1:2] == ["x"]:
        raise InputError(
            f"{spec.kind} has scikit-learn's fit(X, y), but is not a scikit-learn regressor: "
            "derive it from sklearn.base.RegressorMixin and BaseEstimator"
        )
    try:
        made: Forecaster = kind(**spec.options)
    except TypeError as error:
        raise InputError(f"{spec.kind} cannot be made from options {dict(spec.options)}: {error}") from error
    return made


def is_stochastic(forecaster: Forecaster) -> bool:
    """Whether the forecaster is fitted once per seed; a user's own says so by an attribute `stochastic`.

    >>> is_stochastic(build("lstm", ModelSpec("lstm"))), is_stochastic(build("naive", ModelSpec("naive")))
    (True, False)
    """
    return bool(getattr(forecaster, "stochastic", Recipe.stochastic))


def is_per_symbol(forecaster: Forecaster, spec: ModelSpec) -> bool:
    """The study's word first, then the kind's preference."""
    if spec.per_symbol is not None:
        return spec.per_symbol
    return bool(getattr(forecaster, "per_symbol", Recipe.per_symbol))


def contestant(name: str, spec: ModelSpec) -> Forecaster:
    """The forecaster of a spec as the walk fits it: one model, or one per symbol.

    >>> contestant("pooled", ModelSpec("linear", {}, per_symbol=False))
    Linear(columns=None, target='return')
    """
    forecaster = build(name, spec)
    return PerSymbol(forecaster) if is_per_symbol(forecaster, spec) else forecaster

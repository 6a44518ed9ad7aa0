"""`audit`: find out what an object is, and look for look-ahead in it by experiment."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.checks.auditing.answers import Form
from beatnaive.checks.auditing.features import ROWS, Found
from beatnaive.checks.auditing.findings import KINDS, AuditReport, Kind, refuse
from beatnaive.checks.auditing.forecasts import is_forecast_table
from beatnaive.checks.auditing.own_data import market_of
from beatnaive.checks.auditing.strategies.stand_in import freqtrade
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.registry import pick
from beatnaive.core.trust import allow
from beatnaive.core.types import BARS, Forecaster, Progress
from beatnaive.core.user_code import guarded
from beatnaive.features import FEATURES, FeatureSet
from beatnaive.models import MODELS

if TYPE_CHECKING:
    import pandas as pd

SHAPES = {"shape", "input_shape", "steps", "timesteps", "lookback", "n_steps", "features", "n_features", "window"}
"""Parameter names by which a builder of Keras models is known."""
STEPS, WIDTH = 20, 4
CALLS: dict[Kind, str] = {
    "feature": "{}(bars)", "pipeline": "{}(prices)", "estimator": "fit or predict of {}",
    "keras": "building or fitting {}", "forecaster": "fit or predict of {}", "transformer": "fit or transform of {}",
    "strategy": "populating {}", "notebook": "{}",
}  # fmt: skip
"""What is called of each kind, for the message when it raises."""


def audit(
    subject: Any, *, kind: Kind | None = None, runs: int | None = None, seconds: float | None = None,
    data: str | Path | pd.DataFrame | None = None, progress: Progress | None = None,
) -> AuditReport:  # fmt: skip
    """Look for look-ahead in a feature function, transformer, estimator, Keras model, forecaster, pipeline or strategy.

    subject: the object, an import string (`module:name`, `file.py:name`), or the name of a shipped feature set or
    model. kind: "feature", "transformer", "estimator", "keras", "forecaster", "pipeline" or "strategy"; None = found
    out (an object with `fit(train, rng)` is a forecaster, another with `fit` and `predict`, or a function that returns
    one, an estimator, with `transform` a transformer; a function of a shape, or one that returns a Keras model, is
    keras; a class with `populate_indicators` a strategy; a function of a frame is a pipeline when it answers with
    `origin` and `prediction`, else a feature). runs: how often a pipeline may run, at least 6; None = as often as the
    time allows. seconds: the time to spend, None = 12 for a feature function, 45 for a pipeline; what is slower than
    that is still tried a few times. data: your own bars (a file or frame) as the market; None = the embedded index.
    progress(done, total, what) is called on the way.
    Returns an `AuditReport`. Raises InputError for an object that is none of these.

    >>> audit(lambda bars: bars["Close"].shift(-1).rename("tomorrow"), seconds=1).clean
    False
    """
    if kind is not None and kind not in KINDS[:-1]:
        raise UnknownName("kind", kind, KINDS[:-1])
    market = None if data is None else market_of(data)
    how = Settings(runs=runs, seconds=seconds, market=market, progress=progress)
    with warnings.catch_warnings(), freqtrade():  # a strategy imports it, whether it is installed or not
        # the subject is run on markets it was not written for: what it warns of there concerns nobody
        warnings.simplefilter("ignore")
        if isinstance(subject, str):
            name = subject
            allow(subject)  # the user named it, here and now
            found = pick({**FEATURES, **MODELS}, "feature set or model", subject)
        else:
            stated = getattr(subject, "__name__", None) or getattr(subject, "name", None)
            name, found = str(stated or type(subject).__name__), subject
        short, columns = name.rpartition(":")[2], BARS if market is None else tuple(map(str, market.columns))
        with guarded(f"{name} could not be audited: {short}(bars)", columns):
            settled = kind or kind_of(found, name, market)
        with guarded(f"{name} could not be audited: {CALLS[settled].format(short)}", columns):
            came_to = _experiments(settled, found, name, how)
    return AuditReport(name, settled, came_to.experiments, came_to.reach, came_to.warm_up)


def assert_no_lookahead(subject: Any, *, strict: bool = False, **options: Any) -> None:
    """For a test of one's own: raise AssertionError, with the report, where `audit` finds a leak.

    strict: a doubt raises, too. options: those of `audit`.

    >>> assert_no_lookahead(lambda bars: bars["Close"].diff(), seconds=1)
    """
    refuse(audit(subject, **options), strict=strict)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How often and how long, on which market, told to whom: see `audit`."""

    runs: int | None
    seconds: float | None
    market: pd.DataFrame | None
    progress: Progress | None


def _experiments(kind: Kind, subject: Any, name: str, how: Settings) -> Found:
    """What the experiments of this kind take, made from the subject, and their results. Their imports are heavy."""
    spent: dict[str, Any] = {"market": how.market, "seconds": how.seconds, "progress": how.progress}
    if kind == "feature":
        from beatnaive.checks.auditing.features import audit_features

        if isinstance(subject, FeatureSet):
            return audit_features(subject.compute, scheduled=subject.scheduled, **spent)
        return audit_features(subject, **spent)

    if kind == "transformer":
        from beatnaive.checks.auditing.transformers import audit_transformer

        return audit_transformer(_factory(subject, "transform"), **spent)

    if kind == "strategy":
        from beatnaive.checks.auditing.strategies.audit import audit_strategy

        return audit_strategy(subject, **spent)

    if kind == "pipeline":
        from beatnaive.checks.auditing.pipelines import audit_pipeline

        return audit_pipeline(subject, runs=how.runs, **spent)

    if how.market is not None:
        raise InputError(f"{name} is audited as {kind}, which is tried on arrays, not on bars", option="data")
    if kind == "estimator":
        from beatnaive.checks.auditing.learners import audit_learner, estimator_learner

        return Found(audit_learner(estimator_learner(_factory(subject, "fit"))))

    if kind == "keras":
        from beatnaive.checks.auditing.learners import audit_learner, keras_learner

        required = _required(subject)
        if len(required) > 2:
            raise InputError(
                f"{name} needs {', '.join(required)}: a builder takes nothing, a shape, or steps and features"
            )
        arguments: tuple[Any, ...] = ((), ((STEPS, WIDTH),), (STEPS, WIDTH))[len(required)]
        return Found(audit_learner(keras_learner(lambda: subject(*arguments))))

    from beatnaive.checks.auditing.forecasters import audit_forecaster

    made = subject() if isinstance(subject, type) or not hasattr(subject, "fit") else subject
    if not isinstance(made, Forecaster):
        raise InputError(f"{name} is not a forecaster: it needs fit(train, rng) and load(folder)")
    return Found(audit_forecaster(made))


def kind_of(subject: Any, name: str, market: pd.DataFrame | None = None) -> Kind:
    """What an object is: known by what it has, by what its parameters are called, at last by what it returns.

    Raises InputError, naming the option `kind`, when it cannot be told.

    >>> kind_of(lambda steps, features: None, "build")
    'keras'
    """
    if isinstance(subject, FeatureSet):
        return "feature"
    if hasattr(subject, "populate_indicators"):
        return "strategy"
    if hasattr(subject, "fit"):
        return _learns(subject)
    if not callable(subject):
        raise InputError(f"{name} is a {type(subject).__name__}: audit takes a function, an estimator or a forecaster")

    required = _required(subject)
    if not required:  # a factory
        made = subject()
        if hasattr(made, "layers") and hasattr(made, "compile"):
            return "keras"
        if hasattr(made, "fit"):
            return _learns(made)
        raise InputError(f"{name}() returns {type(made).__name__}: a factory returns an estimator, model or forecaster")
    if set(required) & SHAPES:
        return "keras"

    import pandas as pd

    from beatnaive.checks.markets import index_frame

    _, answer = Form.of(subject, index_frame(ROWS) if market is None else market)
    if is_forecast_table(answer):
        return "pipeline"
    if isinstance(answer, pd.DataFrame | pd.Series | np.ndarray | list | tuple) or hasattr(answer, "toarray"):
        return "feature"
    raise InputError(
        f"{name} answers prices with {type(answer).__name__}: a feature function returns columns on the frame's "
        "index, a pipeline a table of origin and prediction; or say its kind",
        option="kind",
    )


def _learns(subject: Any) -> Kind:
    """What an object with `fit` is."""
    if _takes(subject.fit, "rng"):
        return "forecaster"
    return "transformer" if hasattr(subject, "transform") and not hasattr(subject, "predict") else "estimator"


def _required(function: Callable[..., Any]) -> list[str]:
    empty = inspect.Parameter.empty
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.default is empty and one.kind not in kinds]


def _takes(function: Callable[..., Any], name: str) -> bool:
    return name in inspect.signature(function).parameters


def _factory(subject: Any, verb: str) -> Callable[[], Any]:
    """A class or function makes a fresh one; an instance is cloned, or copied where scikit-learn cannot clone it."""
    if isinstance(subject, type) or not hasattr(subject, verb):
        make: Callable[[], Any] = subject
        return make
    if hasattr(subject, "get_params"):
        from sklearn.base import clone

        return lambda: clone(subject)
    import copy

    return lambda: copy.deepcopy(subject)

"""`audit`: find out what an object is, and look for look-ahead in it by experiment."""

from __future__ import annotations

import functools
import inspect
import itertools
import warnings
from collections.abc import Callable
from typing import Any

from beatnaive.checks.auditing.findings import KINDS, AuditReport, Experiment, Kind
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.registry import pick
from beatnaive.core.trust import allow
from beatnaive.core.types import BARS, Forecaster, Progress
from beatnaive.core.user_code import guarded
from beatnaive.features import FEATURES, FeatureSet
from beatnaive.models import MODELS

SHAPES = {"shape", "input_shape", "steps", "timesteps", "lookback", "n_steps", "features", "n_features", "window"}
"""Parameter names by which a builder of Keras models is known."""
STEPS, WIDTH = 20, 4
CALLS: dict[Kind, str] = {
    "feature": "{}(bars)", "pipeline": "{}(prices)", "estimator": "fit or predict of {}",
    "keras": "building or fitting {}", "forecaster": "fit or predict of {}",
}  # fmt: skip
"""What is called of each kind, for the message when it raises."""


def audit(subject: Any, *, kind: Kind | None = None, runs: int = 12, progress: Progress | None = None) -> AuditReport:
    """Look for look-ahead in a feature function, estimator, Keras model, forecaster or pipeline, by experiment.

    subject: the object, an import string (`module:name`, `file.py:name`), or the name of a shipped feature set or
    model. kind: "feature", "estimator", "keras", "forecaster" or "pipeline"; None = found out (an object with
    `fit(train, rng)` is a forecaster, another with `fit` and `predict`, or a function that returns one, an estimator;
    a function of a shape, or one that returns a Keras model, is keras; a function of a frame is a pipeline when it
    answers with `origin` and `prediction`, else a feature). runs: how often a pipeline may run, at least 6;
    progress(done, total, what) is called before each of its runs.
    Returns an `AuditReport`. Raises InputError for an object that is none of these.

    >>> audit(lambda bars: bars["Close"].shift(-1).rename("tomorrow")).clean
    False
    """
    if isinstance(subject, str):
        name = subject
        allow(subject)  # the user named it, here and now
        found = pick({**FEATURES, **MODELS}, "feature set or model", subject)
    else:
        stated = getattr(subject, "__name__", None) or getattr(subject, "name", None)
        name, found = str(stated or type(subject).__name__), subject
    if kind is not None and kind not in KINDS:
        raise UnknownName("kind", kind, KINDS)
    with warnings.catch_warnings():
        # the subject is run on markets it was not written for: what it warns of there concerns nobody
        warnings.simplefilter("ignore")
        short = name.rpartition(":")[2]
        with guarded(f"{name} could not be audited: {short}(bars)", BARS):
            settled = kind or kind_of(found, name)
        with guarded(f"{name} could not be audited: {CALLS[settled].format(short)}", BARS):
            return AuditReport(name, settled, _experiments(settled, found, name, runs, progress))


def _experiments(kind: Kind, subject: Any, name: str, runs: int, progress: Progress | None) -> tuple[Experiment, ...]:
    """What the experiments of this kind take, made from the subject, and their results. Their imports are heavy."""
    if kind == "feature":
        from beatnaive.checks.auditing.features import audit_features

        own = subject if isinstance(subject, FeatureSet) else FeatureSet(name.rpartition(":")[2], subject)
        return audit_features(own)

    if kind == "estimator":
        from beatnaive.checks.auditing.learners import audit_learner, estimator_learner

        return audit_learner(estimator_learner(_factory(subject)))

    if kind == "keras":
        from beatnaive.checks.auditing.learners import audit_learner, keras_learner

        required = _required(subject)
        if len(required) > 2:
            raise InputError(
                f"{name} needs {', '.join(required)}: a builder takes nothing, a shape, or steps and features"
            )
        arguments: tuple[Any, ...] = ((), ((STEPS, WIDTH),), (STEPS, WIDTH))[len(required)]
        return audit_learner(keras_learner(lambda: subject(*arguments)))

    if kind == "forecaster":
        from beatnaive.checks.auditing.forecasters import audit_forecaster

        made = subject() if isinstance(subject, type) or not hasattr(subject, "fit") else subject
        if not isinstance(made, Forecaster):
            raise InputError(f"{name} is not a forecaster: it needs fit(train, rng) and load(folder)")
        return audit_forecaster(made)

    from beatnaive.checks.auditing.pipelines import audit_pipeline

    done = itertools.count()

    @functools.wraps(subject)
    def counted(prices: Any) -> Any:
        if progress is not None:
            progress(next(done), runs, "pipeline")
        return subject(prices)

    return audit_pipeline(counted, runs)


def kind_of(subject: Any, name: str) -> Kind:
    """What an object is: known by what it has, by what its parameters are called, at last by what it returns.

    Raises InputError, naming the option `kind`, when it cannot be told.

    >>> kind_of(lambda steps, features: None, "build")
    'keras'
    """
    import pandas as pd

    from beatnaive.checks.auditing.pipelines import ROWS
    from beatnaive.checks.markets import index_frame

    if isinstance(subject, FeatureSet):
        return "feature"
    if hasattr(subject, "fit"):
        return "forecaster" if _takes(subject.fit, "rng") else "estimator"
    if not callable(subject):
        raise InputError(f"{name} is a {type(subject).__name__}: audit takes a function, an estimator or a forecaster")

    required = _required(subject)
    if not required:  # a factory
        made = subject()
        if hasattr(made, "layers") and hasattr(made, "compile"):
            return "keras"
        if hasattr(made, "fit"):
            return "forecaster" if _takes(made.fit, "rng") else "estimator"
        raise InputError(f"{name}() returns {type(made).__name__}: a factory returns an estimator, model or forecaster")
    if set(required) & SHAPES:
        return "keras"

    answer = subject(index_frame(ROWS))
    if isinstance(answer, pd.DataFrame) and {"origin", "prediction"} <= set(answer.columns):
        return "pipeline"
    if isinstance(answer, pd.DataFrame | pd.Series):
        return "feature"
    raise InputError(
        f"{name} answers prices with {type(answer).__name__}: a feature function returns columns on the frame's "
        "index, a pipeline a table of origin and prediction; or say its kind",
        option="kind",
    )


def _required(function: Callable[..., Any]) -> list[str]:
    empty = inspect.Parameter.empty
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.default is empty and one.kind not in kinds]


def _takes(function: Callable[..., Any], name: str) -> bool:
    return name in inspect.signature(function).parameters


def _factory(subject: Any) -> Callable[[], Any]:
    """A class or function makes a fresh one; an instance is cloned, or copied where scikit-learn cannot clone it."""
    if isinstance(subject, type) or not hasattr(subject, "fit"):
        make: Callable[[], Any] = subject
        return make
    if hasattr(subject, "get_params"):
        from sklearn.base import clone

        return lambda: clone(subject)
    import copy

    return lambda: copy.deepcopy(subject)

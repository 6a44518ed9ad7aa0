"""A study with other models, features or horizon, as the command line and notebooks ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from beatnaive.backtest.targets import target
from beatnaive.core.trust import allow
from beatnaive.models.spec import ModelSpec
from beatnaive.study.spec import Study, TargetSpec, parse_again


def changed(
    study: Study, *, models: Sequence[str] | Mapping[str, Any] | None = None, features: Sequence[str] | None = None,
    horizon: int | None = None,
) -> Study:  # fmt: skip
    """The study, changed; the target's benchmarks always run along, and a model of the study keeps its options.

    models: kinds by name, or {name: ModelSpec}. Names of code are allowed: whoever calls this wrote them.
    Raises InputError for what no study can have.

    >>> from beatnaive.study.spec import load_study
    >>> list(changed(load_study("default"), models=["drift"]).models)
    ['naive', 'drift']
    """
    changes: dict[str, Any] = {}
    if horizon is not None:
        changes["target"] = TargetSpec(kind=study.target.kind, horizon=horizon)
    if features is not None:
        names = (features,) if isinstance(features, str) else tuple(features)
        changes["features"], changes["exclude"] = names, ()
        allow(*names)
    if models is not None:
        wanted = {models: models} if isinstance(models, str) else dict(models) if isinstance(models, Mapping) else {
            (kind.rpartition(":")[2] if ":" in kind else kind): kind for kind in models
        }  # fmt: skip
        allow(*(kind for kind in wanted.values() if isinstance(kind, str)))
        rivals = target(study.target.kind, study.target.horizon).benchmarks
        every = {**{name: name for name in rivals}, **wanted}
        changes["models"] = {
            name: kind if isinstance(kind, ModelSpec) else study.models.get(name) or ModelSpec(kind)
            for name, kind in every.items()
        }
    return parse_again(replace(study, **changes)) if changes else study

"""Audit of BeatNaive forecasters: the contract's experiments, told as an audit, and two markets without a signal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from beatnaive.checks.auditing.findings import Experiment, experiment, sighting
from beatnaive.checks.auditing.learners import finds, no_skill
from beatnaive.checks.base import difference
from beatnaive.checks.markets import index_frame, samples_of, walk_frame
from beatnaive.checks.models import Trial, quick
from beatnaive.core.types import Floats, Forecaster, Inputs, Samples

ROWS = 700
TOLERANCE = 1e-6
"""In standard deviations of the forecasts."""


def audit_forecaster(forecaster: Forecaster) -> tuple[Experiment, ...]:
    """All experiments on a forecaster, made small where it has epochs or units."""
    small = quick(forecaster)
    target = getattr(forecaster, "targets", ("return",))[0]
    trial = Trial.of(small, _market(target))
    fitted = trial.fit()
    whole = trial.forecast(fitted)
    moved = partial(_moved, trial, whole)
    points = np.unique(np.linspace(1, len(trial.rows) - 1, 6).astype(int))
    experiments = [
        moved(
            "truncate the future", [(k, _known(trial, fitted, k)) for k in points], "when later sessions are cut off"
        ),
        moved("perturb the future", [(k, _other(trial, fitted, k)) for k in points], "when later sessions are others"),
        moved("batch dependence", [(1, _alone(trial, fitted))], "when a row is asked for alone"),
    ]
    if target == "return":
        experiments += _no_signal(small), _planted(small)
    return tuple(experiments)


def _market(target: str, *, planted: bool = False, noise: bool = False) -> Samples:
    frame = walk_frame(ROWS, seed=9) if noise else index_frame(ROWS)
    return samples_of({"MARKET": frame}, ("returns",), target=target, planted=planted)


def _known(trial: Trial, fitted: Any, k: int) -> Floats:
    """Forecasts of the first k rows from inputs cut after the last of them."""
    rows = trial.rows[:k]
    return np.asarray(fitted.predict(trial.inputs.until(trial.inputs.origin[rows[-1]]), rows).mean)


def _other(trial: Trial, fitted: Any, k: int) -> Floats:
    """Forecasts of the first k rows from inputs whose later sessions are three times as dear."""
    rows = trial.rows[:k]
    later = (trial.inputs.origin > trial.inputs.origin[rows[-1]])[:, None]
    changed: Inputs = replace(
        trial.inputs,
        bars=np.where(later, 3.0 * trial.inputs.bars, trial.inputs.bars),
        x=np.where(later, 3.0 * trial.inputs.x + 1.0, trial.inputs.x),
    )
    return np.asarray(fitted.predict(changed, rows).mean)


def _alone(trial: Trial, fitted: Any) -> Floats:
    return np.asarray(fitted.predict(trial.inputs, trial.rows[:1]).mean)


def _moved(trial: Trial, whole: Floats, test: str, answers: list[tuple[int, Floats]], when: str) -> Experiment:
    spread = np.array([float(np.nanstd(whole)) or float(np.nanmax(np.abs(whole), initial=0.0)) or 1.0])
    changed, size = np.zeros(len(whole), bool), 0.0
    for k, answer in answers:
        found = difference(whole[:k, None], answer[:, None], tolerance=TOLERANCE, spread=spread)
        changed[:k] |= found.changed[:, 0]
        size = max(size, float(found.size[0]))
    days = [str(day) for day in trial.inputs.session[trial.rows[changed]]]
    words = f"{len(days)} of {len(whole)} forecasts change {when}, by up to {size:.2g} standard deviations"
    seen = [sighting(test, "forecast", days, size, words)] if days else []
    return experiment(test, len(answers), seen, f"no forecast changes {when}")


def _no_signal(forecaster: Forecaster) -> Experiment:
    trial = Trial.of(forecaster, _market("return", noise=True))
    return no_skill("pure noise", trial.forecast(trial.fit()), _outcomes(trial), _days(trial))


def _planted(forecaster: Forecaster) -> Experiment:
    """Tomorrow's return as a feature: found, or no feature is used at all."""
    trial = Trial.of(forecaster, _market("return", planted=True))
    forecast = trial.forecast(trial.fit())
    mixed = trial.samples.inputs.x.copy()
    mixed[:, -1] = np.random.default_rng(0).permutation(mixed[:, -1])
    blind = Trial.of(forecaster, replace(trial.samples, inputs=replace(trial.inputs, x=mixed)))
    if np.array_equal(forecast, blind.forecast(blind.fit()), equal_nan=True):
        return Experiment("planted signal", 2, "not possible", "the forecaster uses no feature")
    return finds("planted signal", forecast, _outcomes(trial), _days(trial))


def _outcomes(trial: Trial) -> Floats:
    return np.asarray(trial.samples.y[trial.samples.at(trial.rows)])


def _days(trial: Trial) -> tuple[str, ...]:
    return tuple(str(day) for day in trial.inputs.session[trial.rows])

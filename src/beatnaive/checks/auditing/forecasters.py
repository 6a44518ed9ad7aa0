"""Audit of BeatNaive forecasters: the contract's experiments, told as an audit, and two markets without a signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatnaive.checks.auditing.findings import Experiment, experiment, sighting
from beatnaive.checks.auditing.learners import finds, no_skill
from beatnaive.checks.base import difference
from beatnaive.checks.markets import index_frame, samples_of, walk_frame
from beatnaive.checks.models import Trial, quick
from beatnaive.core.types import Floats, Forecaster, Samples

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
    # forecasts of the first k rows: with the sessions after them cut off, and with those three times as dear
    cut_off, dearer = [], []
    for k in np.unique(np.linspace(1, len(trial.rows) - 1, 6).astype(int)):
        rows, inputs = trial.rows[:k], trial.inputs
        last = inputs.origin[rows[-1]]
        cut_off.append(fitted.predict(inputs.until(last), rows).mean)
        later = (inputs.origin > last)[:, None]
        bars, x = np.where(later, 3.0 * inputs.bars, inputs.bars), np.where(later, 3.0 * inputs.x + 1.0, inputs.x)
        dearer.append(fitted.predict(replace(inputs, bars=bars, x=x), rows).mean)
    alone = [fitted.predict(trial.inputs, trial.rows[:1]).mean]
    experiments = [
        _moved(trial, whole, "truncate the future", cut_off, "when later sessions are cut off"),
        _moved(trial, whole, "perturb the future", dearer, "when later sessions are others"),
        _moved(trial, whole, "batch dependence", alone, "when a row is asked for alone"),
    ]
    if target == "return":
        noise = Trial.of(small, _market("return", noise=True))
        experiments.append(no_skill("pure noise", noise.forecast(noise.fit()), _outcomes(noise), _days(noise)))
        experiments.append(_planted(small))
    return tuple(experiments)


def _market(target: str, *, planted: bool = False, noise: bool = False) -> Samples:
    frame = walk_frame(ROWS, seed=9) if noise else index_frame(ROWS)
    return samples_of({"MARKET": frame}, ("returns",), target=target, planted=planted)


def _moved(trial: Trial, whole: Floats, test: str, answers: Sequence[Floats], when: str) -> Experiment:
    """What the answers, forecasts of the first rows made otherwise, differ in from those of the whole."""
    spread = np.array([float(np.nanstd(whole)) or float(np.nanmax(np.abs(whole), initial=0.0)) or 1.0])
    changed, size = np.zeros(len(whole), bool), 0.0
    for answer in answers:
        k = len(answer)
        found = difference(whole[:k, None], answer[:, None], tolerance=TOLERANCE, spread=spread)
        changed[:k] |= found.changed[:, 0]
        size = max(size, float(found.size[0]))
    days = [str(day) for day in trial.inputs.session[trial.rows[changed]]]
    words = f"{len(days)} of {len(whole)} forecasts change {when}, by up to {size:.2g} standard deviations"
    seen = [sighting(test, "forecast", days, size, words)] if days else []
    return experiment(test, len(answers), seen, f"no forecast changes {when}")


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

"""The smallest piece of work that is recorded: one fit and its forecasts, made wherever the engine says."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import numpy as np

from beatnaive.core.arrays import among, as_slice
from beatnaive.core.errors import BeatNaiveError
from beatnaive.core.interruption import by_a_person
from beatnaive.core.names import model_of
from beatnaive.core.types import Fit, Fitted, Floats, Fold, Inputs, Ints, Samples
from beatnaive.core.user_code import told
from beatnaive.models.base import mean_of
from beatnaive.models.spec import ModelSpec, contestant

MEAN_SEED = -1
"""Number of the only fit of a model without randomness, and of the mean over seeds in tables."""
SYMBOLS_PER_GROUP = 128
"""Symbols that one unit fits where a model is fitted symbol by symbol: what an interruption loses stays small."""


@dataclass(frozen=True)
class FitKey:
    """Which fit: of which model, on which fold, with which seed, of which group of symbols."""

    model: str
    fold: int
    seed: int
    group: int

    @property
    def path(self) -> str:
        """Where its record lies in a run folder.

        >>> FitKey("lstm", fold=0, seed=4, group=0).path
        'lstm/0/4/0'
        """
        return f"{self.model}/{self.fold}/{self.seed}/{self.group}"


@dataclass(frozen=True, eq=False)
class Outcome:
    """The result of a unit: forecasts (k,) for rows (k,), the facts of the fit, the saved model, or why it failed.

    rows are positions in the inputs; mean is in the target's unit, NaN where the fit failed; saved are the model's
    files by relative path, empty unless the job asked for them.
    """

    rows: Ints
    mean: Floats
    fit: Fit = field(default_factory=Fit)
    saved: Mapping[str, bytes] = field(default_factory=dict)
    failure: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Job:
    """A unit with all that a worker needs: the spec travels as plain data, samples and folds once per worker.

    per_symbol: whether the model is fitted symbol by symbol, `key.group` then says which; save_model: whether the
    outcome holds the model's files; check_look_ahead: whether the forecasts are made twice, to catch one that changes
    when later rows are taken away.
    """

    key: FitKey
    spec: ModelSpec
    samples: Samples
    fold: Fold
    study_seed: int
    per_symbol: bool
    save_model: bool
    check_look_ahead: bool


class Engine(Protocol):
    """Runs jobs somewhere and yields their outcomes as they finish; at_once: units that share this machine's memory."""

    @property
    def at_once(self) -> int: ...

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[FitKey, Outcome]]:
        """Every job's key and outcome, in any order."""
        ...


class Serial:
    """One after the other, in this process."""

    at_once = 1

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[FitKey, Outcome]]:
        """Every job's key and outcome, in order."""
        for job in jobs:
            yield job.key, complete(job)


def forecast_index(job: Job) -> Ints:
    """(k,) indices of the samples that this unit forecasts: the fold's, or those of its group of symbols."""
    if not job.per_symbol:
        return job.fold.test
    codes = job.samples.inputs.symbol[job.samples.rows[as_slice(job.fold.test)]]
    mine: Ints = job.fold.test[codes // SYMBOLS_PER_GROUP == job.key.group]
    return mine


def is_of(outcome: Outcome, job: Job) -> bool:
    """Whether a recorded outcome forecasts the very rows of this job: a file may have been put in its place."""
    return np.array_equal(outcome.rows, job.samples.rows[forecast_index(job)])


def training(job: Job) -> Samples:
    """What the unit may learn from: labels known at the fold's cutoff, over inputs that end there."""
    samples, symbols, index = job.samples, job.samples.inputs.symbols, job.fold.train
    wanted = set(range(len(symbols)) if job.spec.learn_from is None else map(symbols.index, job.spec.learn_from))
    if job.per_symbol:  # a symbol that is not forecast needs no model of its own
        wanted &= set(np.unique(samples.inputs.symbol[samples.rows[forecast_index(job)]]).tolist())
    if len(wanted) < len(symbols):
        own = samples.of(wanted)
        index = own[among(own, index)]
    return replace(samples.take(as_slice(index)), inputs=samples.inputs.until(job.fold.cutoff))


def generator(study_seed: int, key: FitKey) -> np.random.Generator:
    """The unit's randomness: a function of the study's seed, the model, the fold and the seed, and of nothing else.

    Neither the order of the fits nor the other models of the study can change it. A twin, named model~release, has its
    model's own: the two differ in what they know, and in nothing else.

    >>> a, b = (generator(0, FitKey("lstm", 0, seed, 0)).normal() for seed in (0, 1))
    >>> a == generator(0, FitKey("lstm", 0, 0, 0)).normal(), a == b
    (True, False)
    """
    return np.random.default_rng([study_seed, crc32(model_of(key.model).encode()), key.fold + 1, key.seed + 1])


def complete(job: Job, fitted: Fitted | None = None) -> Outcome:
    """The job's outcome: fitted here unless it comes fitted. A model that fails says so and harms nobody else.

    Raises only what a user can mend and no user-supplied model is to blame for (too few rows, say): it ends the study.
    """
    from threadpoolctl import threadpool_limits

    try:
        with threadpool_limits(1):
            start = time.perf_counter()
            fitted = fit(job) if fitted is None else fitted
            return record(job, fitted, time.perf_counter() - start)
    except BeatNaiveError as error:
        if ":" not in job.spec.kind:
            raise
        failure = str(error)
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # a user-supplied model may raise anything
        if isinstance(error, KeyboardInterrupt) and by_a_person():
            raise
        failure = told(error)  # and the study goes on
    rows = job.samples.rows[forecast_index(job)]
    return Outcome(rows, np.full(len(rows), np.nan), failure=failure)


def complete_together(jobs: Sequence[Job]) -> list[Outcome]:
    """The outcomes of units of one network, whose fits are made at once by its `fit_many`."""
    network: Any = contestant(jobs[0].key.model, jobs[0].spec)
    fits = network.fit_many([(training(job), generator(job.study_seed, job.key)) for job in jobs])
    return [complete(job, fitted) for job, fitted in zip(jobs, fits, strict=True)]


def fit(job: Job) -> Fitted:
    """The job's model, fitted on what was known at the fold's cutoff."""
    return contestant(job.key.model, job.spec).fit(training(job), generator(job.study_seed, job.key))


def record(job: Job, fitted: Fitted, seconds: float) -> Outcome:
    """What is kept of a fit that took so many seconds: forecasts of the test rows, facts, and the files of the model.

    Raises InputError when the model does not return one number per row.
    """
    rows = job.samples.rows[forecast_index(job)]
    inputs = job.samples.inputs
    if len(rows):  # whatever comes after the last forecast is not even handed to the model
        inputs = inputs.until(inputs.origin[rows[-1]])
    mean = mean_of(fitted.predict(inputs, rows), rows)
    facts = replace(fitted.facts, seconds=max(seconds, fitted.facts.seconds))
    failure = looks_ahead(fitted, inputs, rows, mean) if job.check_look_ahead else None
    if failure is not None:
        return Outcome(rows, np.full(len(rows), np.nan), facts, failure=failure)
    saved: dict[str, bytes] = {}
    if job.save_model:  # as bytes: a worker on another machine has no folder of ours
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            fitted.save(folder)
            files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
            saved = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return Outcome(rows, mean, facts, saved)


def looks_ahead(fitted: Fitted, inputs: Inputs, rows: Ints, mean: Floats) -> str | None:
    """Why the model is invalid, if it looks ahead: it forecasts the first half again without the second half's inputs.

    A forecast that differs by more than 1e-9 of the largest one has used rows that were not known yet.
    """
    middle = inputs.origin[rows[len(rows) // 2]]
    early = np.flatnonzero(inputs.origin[rows] <= middle)
    gap = np.abs(fitted.predict(inputs.until(middle), rows[early]).mean - mean[early])
    scale = max(float(np.nanmax(np.abs(mean), initial=0.0)), 1e-12)
    caught = np.flatnonzero(gap > 1e-9 * scale)
    if not len(caught):
        return None
    worst = rows[early[int(np.nanargmax(gap))]]
    return (
        f"peeks: {len(caught)} of {len(early)} forecasts change when later rows are taken away, most at "
        f"{inputs.symbols[inputs.symbol[worst]]} {inputs.session[worst]} (by {np.nanmax(gap):.3g})"
    )

"""Fit on the past, predict, record: every model on every fold with every seed, as units that can be resumed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import numpy as np

from beatnaive.core.errors import BeatNaiveError, UnknownName
from beatnaive.core.types import (
    WARMUP,
    Fit,
    Fitted,
    Floats,
    Fold,
    Forecast,
    Inputs,
    Ints,
    Progress,
    Samples,
    Track,
)
from beatnaive.models.base import PerSymbol, mean_of
from beatnaive.models.spec import COMBINATION, ModelSpec, contestant, is_stochastic

MEAN_SEED = -1
SYMBOLS_PER_GROUP = 128


@dataclass(frozen=True)
class Unit:
    """The smallest piece of work that is recorded: one fit and its forecasts."""

    model: str
    fold: int
    seed: int
    group: int

    @property
    def path(self) -> str:
        """Where its record lies in a run folder."""
        return f"{self.model}/{self.fold}/{self.seed}/{self.group}"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a unit leaves: forecasts (k,) for rows (k,), the facts of the fit, the saved model, or why it failed."""

    rows: Ints
    mean: Floats
    fit: Fit = field(default_factory=Fit)
    saved: Mapping[str, bytes] = field(default_factory=dict)
    failure: str | None = None


@dataclass(frozen=True, eq=False)
class Job:
    """A unit with all that a worker needs: the spec travels as plain data, the samples once per worker."""

    unit: Unit
    spec: ModelSpec
    samples: Samples
    fold: Fold
    study_seed: int
    keep: bool
    look: bool


class UnitStore(Protocol):
    """Where finished units are kept; only the parent process writes."""

    def load(self, unit: Unit) -> Outcome | None:
        """The recorded outcome, or None."""
        ...

    def save(self, unit: Unit, outcome: Outcome) -> None:
        """Record an outcome; it counts from the moment this returns."""
        ...


class Engine(Protocol):
    """Runs jobs somewhere and yields their outcomes as they finish."""

    def run(self, work: Callable[[Job], Outcome], jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """Every job's unit and outcome, in any order."""
        ...


class Serial:
    """One after the other, in this process."""

    def run(self, work: Callable[[Job], Outcome], jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """Every job's unit and outcome, in order."""
        for job in jobs:
            yield job.unit, work(job)


class MemoryStore:
    """A store that forgets with the process."""

    def __init__(self) -> None:
        self.outcomes: dict[Unit, Outcome] = {}

    def load(self, unit: Unit) -> Outcome | None:
        """The recorded outcome, or None."""
        return self.outcomes.get(unit)

    def save(self, unit: Unit, outcome: Outcome) -> None:
        """Record an outcome."""
        self.outcomes[unit] = outcome


def walk(
    samples: Samples, folds: Sequence[Fold], models: Mapping[str, ModelSpec], *, seed: int = 0, seeds: int = 5,
    store: UnitStore | None = None, engine: Engine | None = None, progress: Progress | None = None,
) -> dict[str, Track]:  # fmt: skip
    """A track per model: fitted on every fold with every seed, forecast on that fold's test rows.

    A stochastic model is fitted `seeds` times and its forecast is the mean over them; every generator is a function
    of `seed`, the model's name, the fold and the number of the fit. store keeps finished units, which are not fitted
    again (default: memory); engine says where units run (default: here, one after the other); progress is told how
    many units of how many are finished. Returns tracks in the order of `models`; the combination, if requested, is
    computed from the others.
    """
    store = MemoryStore() if store is None else store
    engine = Serial() if engine is None else engine
    progress = (lambda done, total, what: None) if progress is None else progress
    jobs = list(_jobs(samples, folds, models, seed, seeds))
    outcomes = {job.unit: found for job in jobs if (found := store.load(job.unit)) is not None}
    todo = [job for job in jobs if job.unit not in outcomes]
    progress(len(outcomes), len(jobs), "")
    for unit, outcome in engine.run(fit_unit, todo):
        store.save(unit, outcome)
        outcomes[unit] = outcome
        progress(len(outcomes), len(jobs), unit.model)
    fitted = [name for name, spec in models.items() if spec.kind != COMBINATION]
    tracks = {name: _track(name, samples, [(u, o) for u, o in outcomes.items() if u.model == name]) for name in fitted}
    return {name: tracks[name] if name in tracks else combine(name, list(tracks.values())) for name in models}


def _jobs(
    samples: Samples, folds: Sequence[Fold], models: Mapping[str, ModelSpec], study_seed: int, seeds: int
) -> Iterator[Job]:
    """Seeds before models, so that the long fits start first and the table fills evenly."""
    last, first = folds[-1].number, min(fold.number for fold in folds if not fold.is_warmup)
    for name, spec in models.items():
        if spec.kind == COMBINATION:
            continue
        forecaster = contestant(name, spec)
        inner = forecaster.inner if isinstance(forecaster, PerSymbol) else forecaster
        numbers = range(seeds) if is_stochastic(inner) else [MEAN_SEED]
        groups = -(-len(samples.inputs.symbols) // SYMBOLS_PER_GROUP) if isinstance(forecaster, PerSymbol) else 1
        for fold in folds:
            for seed in numbers if not fold.is_warmup else [numbers[0]]:
                for group in range(groups):
                    unit = Unit(name, fold.number, seed, group)
                    look = fold.number == first and seed == numbers[0]
                    yield Job(unit, spec, samples, fold, study_seed, fold.number == last, look)


def generator(study_seed: int, unit: Unit) -> np.random.Generator:
    """The unit's randomness: a function of the study's seed, the model, the fold and the seed, and of nothing else."""
    return np.random.default_rng([study_seed, crc32(unit.model.encode()), unit.fold + 1, unit.seed + 1])


def fit_unit(job: Job) -> Outcome:
    """One fit on what was known at the cutoff, and its forecasts; a model that fails says so and harms nobody else."""
    forecaster = contestant(job.unit.model, job.spec)
    return _outcome(job, forecaster.fit, _cut(job, grouped=isinstance(forecaster, PerSymbol)))


def fit_together(jobs: Sequence[Job]) -> list[Outcome]:
    """Units of one network by its `fit_many`, then each one's forecasts as ever."""
    network: Any = contestant(jobs[0].unit.model, jobs[0].spec)
    cuts = [_cut(job, grouped=False) for job in jobs]
    fits = network.fit_many(
        [(train, generator(job.study_seed, job.unit)) for job, (train, _) in zip(jobs, cuts, strict=True)]
    )
    return [_outcome(job, lambda *_, made=made: made, cut) for job, made, cut in zip(jobs, fits, cuts, strict=True)]


def _outcome(job: Job, fit: Callable[[Samples, np.random.Generator], Fitted], cut: tuple[Samples, Ints]) -> Outcome:
    from threadpoolctl import threadpool_limits

    train, rows = cut
    inputs = job.samples.inputs.until(job.samples.inputs.origin[rows[-1]]) if len(rows) else job.samples.inputs
    try:
        with threadpool_limits(1):
            return _fitted(job, fit, train, inputs, rows)
    except BeatNaiveError as error:
        if ":" not in job.spec.kind:
            raise
        return Outcome(rows, np.full(len(rows), np.nan), failure=str(error))
    except Exception as error:  # noqa: BLE001 - a model that a user brought may raise anything; the study goes on
        return Outcome(rows, np.full(len(rows), np.nan), failure=f"raised {type(error).__name__}: {error}")


def _cut(job: Job, grouped: bool) -> tuple[Samples, Ints]:
    """Training samples and test rows, of the job's group of symbols where a model is fitted symbol by symbol."""
    samples, fold = job.samples, job.fold
    index, test = fold.train, fold.test
    if job.spec.learn_from is not None:
        index = index[np.isin(samples.inputs.symbol[samples.rows[index]], _codes(job.spec.learn_from, samples.inputs))]
    if grouped and len(samples.inputs.symbols) > 1:
        codes = samples.inputs.symbol[samples.rows]
        test = test[codes[test] // SYMBOLS_PER_GROUP == job.unit.group]
        index = index[np.isin(codes[index], codes[test])]  # a symbol that is not forecast needs no model of its own
    return replace(samples.take(index), inputs=samples.inputs.until(fold.cutoff)), samples.rows[test]


def _codes(names: Sequence[str], inputs: Inputs) -> list[int]:
    for name in names:
        if name not in inputs.symbols:
            raise UnknownName("symbol in learn_from", name, inputs.symbols)
    return [inputs.symbols.index(name) for name in names]


def _fitted(
    job: Job, fit: Callable[[Samples, np.random.Generator], Fitted], train: Samples, inputs: Inputs, rows: Ints
) -> Outcome:
    start = time.perf_counter()
    fitted = fit(train, generator(job.study_seed, job.unit))
    seconds = time.perf_counter() - start
    mean = mean_of(fitted.predict(inputs, rows), rows)
    failure = _peeks(fitted, inputs, rows, mean) if job.look else None
    saved = _files(fitted) if job.keep and failure is None else {}
    facts = replace(fitted.facts, seconds=max(seconds, fitted.facts.seconds))
    return Outcome(rows, mean if failure is None else np.full(len(rows), np.nan), facts, saved, failure)


def _peeks(fitted: Fitted, inputs: Inputs, rows: Ints, mean: Floats) -> str | None:
    """Forecast the first half again without the second half's inputs: what changes has looked ahead."""
    cut = inputs.origin[rows[len(rows) // 2]]
    early = np.flatnonzero(inputs.origin[rows] <= cut)
    again = fitted.predict(inputs.until(cut), rows[early]).mean
    gap = np.abs(again - mean[early])
    scale = max(float(np.nanmax(np.abs(mean), initial=0.0)), 1e-12)
    caught = np.flatnonzero(gap > 1e-9 * scale)
    if not len(caught):
        return None
    worst = rows[early[int(np.nanargmax(gap))]]
    return (
        f"peeks: {len(caught)} of {len(early)} forecasts change when later rows are taken away, most at "
        f"{inputs.symbols[inputs.symbol[worst]]} {inputs.session[worst]} (by {np.nanmax(gap):.3g})"
    )


def _files(fitted: Fitted) -> dict[str, bytes]:
    """The saved model as bytes by relative path: a worker on another machine has no folder of ours."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fitted.save(folder)
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }


def _track(name: str, samples: Samples, parts: Iterable[tuple[Unit, Outcome]]) -> Track:
    ordered = sorted(parts, key=lambda part: (part[0].seed, part[0].fold, part[0].group))
    failure = next((outcome.failure for _, outcome in ordered if outcome.failure), None)
    facts: dict[tuple[int, int], Fit] = {}
    for unit, outcome in ordered:
        key = (unit.fold, unit.seed)
        facts[key] = _add(facts[key], outcome.fit) if key in facts else outcome.fit
    rows, fold = _rows(ordered)
    seeds = {seed: _of_seed(ordered, seed, rows) for seed in sorted({unit.seed for unit, _ in ordered})}
    scored = np.flatnonzero(fold != WARMUP)
    mean = np.where(fold == WARMUP, seeds[min(seeds)], np.mean(list(seeds.values()), axis=0))
    return Track(
        name, rows, fold, Forecast(mean), {seed: Forecast(values) for seed, values in seeds.items()}, facts,
        failure or _not_finite(samples.inputs, rows[scored], mean[scored]),
    )  # fmt: skip


def _rows(parts: Sequence[tuple[Unit, Outcome]]) -> tuple[Ints, np.ndarray]:
    """All rows that the first seed forecast (every seed forecasts the same), ascending, and their folds."""
    first = parts[0][0].seed
    mine = [(unit, outcome) for unit, outcome in parts if unit.seed == first]
    rows = np.concatenate([outcome.rows for _, outcome in mine])
    fold = np.concatenate([np.full(len(outcome.rows), unit.fold, np.int32) for unit, outcome in mine])
    order = np.argsort(rows, kind="stable")
    return rows[order], fold[order]


def _of_seed(parts: Sequence[tuple[Unit, Outcome]], seed: int, rows: Ints) -> Floats:
    values = np.full(len(rows), np.nan)
    for unit, outcome in parts:
        if unit.seed == seed:
            values[np.searchsorted(rows, outcome.rows)] = outcome.mean
    return values


def _add(one: Fit, other: Fit) -> Fit:
    """Two groups of symbols of one fold and seed."""
    return Fit(
        parameters=one.parameters + other.parameters,
        windows=one.windows + other.windows,
        seconds=one.seconds + other.seconds,
        warnings=tuple(dict.fromkeys((*one.warnings, *other.warnings))),
    )


def _not_finite(inputs: Inputs, rows: Ints, mean: Floats) -> str | None:
    bad = np.flatnonzero(~np.isfinite(mean))
    if not len(bad):
        return None
    where = rows[bad[0]]
    return (
        f"{len(bad)} of {len(rows)} forecasts are not a positive, finite price, first at "
        f"{inputs.symbols[inputs.symbol[where]]} {inputs.session[where]}"
    )


def combine(name: str, tracks: Sequence[Track]) -> Track:
    """The equal-weight combination: the mean of all valid tracks' forecasts (Bates and Granger 1969).

    doi:10.1057/jors.1969.103. Its parameters are none of its own.
    """
    valid = [track for track in tracks if track.failure is None]
    if not valid:
        return replace(tracks[0], model=name, failure="no valid model to combine")
    mean = np.mean([track.forecast.mean for track in valid], axis=0)
    forecast = Forecast(mean)
    facts = {(int(fold), MEAN_SEED): Fit() for fold in np.unique(valid[0].fold)}
    return Track(name, valid[0].rows, valid[0].fold, forecast, {MEAN_SEED: forecast}, facts)

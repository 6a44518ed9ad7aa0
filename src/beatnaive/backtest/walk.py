"""Fit on the past, predict, record: every model on every fold with every seed, as units that can be resumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from beatnaive.backtest.units import MEAN_SEED, SYMBOLS_PER_GROUP, Engine, FitKey, Job, Outcome, Serial, is_of
from beatnaive.core.errors import UnknownName
from beatnaive.core.types import WARMUP, Fit, Fold, Forecast, Progress, Samples, Track
from beatnaive.models.base import PerSymbol, pooled_facts
from beatnaive.models.spec import COMBINATION, ModelSpec, contestant, is_stochastic


class UnitStore(Protocol):
    """Where finished units are kept; only the parent process writes."""

    def load(self, key: FitKey) -> Outcome | None:
        """The recorded outcome, or None."""
        ...

    def save(self, key: FitKey, outcome: Outcome) -> None:
        """Record an outcome; it counts from the moment this returns."""
        ...

    def expect(self, missing: int) -> None:
        """Be told how many units are about to be fitted."""
        ...


class MemoryStore:
    """A store that forgets with the process."""

    def __init__(self) -> None:
        self.outcomes: dict[FitKey, Outcome] = {}

    def load(self, key: FitKey) -> Outcome | None:
        """The recorded outcome, or None."""
        return self.outcomes.get(key)

    def save(self, key: FitKey, outcome: Outcome) -> None:
        """Record an outcome."""
        self.outcomes[key] = outcome

    def expect(self, missing: int) -> None:
        """Nothing: nobody reads it."""


def walk(
    samples: Samples, folds: Sequence[Fold], models: Mapping[str, ModelSpec], *, seed: int = 0, seeds: int = 5,
    store: UnitStore | None = None, engine: Engine | None = None, progress: Progress | None = None,
) -> dict[str, Track]:  # fmt: skip
    """A track per model: fitted on every fold with every seed, forecast on that fold's test rows.

    A stochastic model is fitted `seeds` times and its forecast is the mean over them; every generator is a function
    of `seed`, the model's name, the fold and the number of the fit. store keeps finished units, which are not fitted
    again (default: memory); engine says where units run (default: here, one after the other); progress is told how
    many units of how many are finished. Returns tracks in the order of `models`; the combination, if requested, is
    computed from the others. Raises UnknownName for a symbol in learn_from that the samples do not have.

    >>> from beatnaive.backtest.samples import assemble, gather
    >>> from beatnaive.backtest.splits import Split, walk_forward
    >>> from beatnaive.backtest.targets import target
    >>> from beatnaive.prices import Source, load
    >>> prices = load(Source(kind="sample", symbols=("AAPL",)))
    >>> inputs = gather(prices, (), [np.empty((len(prices[0].sessions), 0))])
    >>> samples = assemble(inputs, target("return", 1), lookback=1)
    >>> tracks = walk(samples, walk_forward(samples, Split()), {"naive": ModelSpec("naive")})
    >>> float(abs(tracks["naive"].forecast.mean).max())
    0.0
    """
    store = MemoryStore() if store is None else store
    engine = Serial() if engine is None else engine
    progress = (lambda done, total, what: None) if progress is None else progress
    jobs = list(_jobs(samples, folds, models, seed, seeds))
    outcomes = {job.key: found for job in jobs if (found := store.load(job.key)) is not None and is_of(found, job)}
    store.expect(len(jobs) - len(outcomes))
    progress(len(outcomes), len(jobs), "")
    for key, outcome in engine.run([job for job in jobs if job.key not in outcomes]):
        store.save(key, outcome)
        outcomes[key] = outcome
        progress(len(outcomes), len(jobs), key.model)
    tracks: dict[str, Track] = {}
    for name in (name for name, spec in models.items() if spec.kind != COMBINATION):
        own = {key: outcomes.pop(key) for key in list(outcomes) if key.model == name}
        tracks[name] = _sharing_rows(_track(name, samples, own), tracks.values())
    return {name: tracks[name] if name in tracks else combine(name, list(tracks.values())) for name in models}


def _sharing_rows(track: Track, others: Iterable[Track]) -> Track:
    """The same with the rows and folds of one of the others that has them, too: a panel has millions."""
    for one in others:
        if np.array_equal(one.rows, track.rows) and np.array_equal(one.fold, track.fold):
            return replace(track, rows=one.rows, fold=one.fold)
    return track


def _jobs(
    samples: Samples, folds: Sequence[Fold], models: Mapping[str, ModelSpec], study_seed: int, seeds: int
) -> Iterator[Job]:
    """A job per model, fold, seed and group of symbols; the warm-up fold is fitted with the first seed only.

    The last fold's models are saved, as they forecast tomorrow; a look ahead is searched in the first scored fold.
    """
    symbols = samples.inputs.symbols
    last, first = folds[-1].number, min(fold.number for fold in folds if not fold.is_warmup)
    for name, spec in models.items():
        if spec.kind == COMBINATION:
            continue
        for symbol in spec.learn_from or ():
            if symbol not in symbols:
                raise UnknownName("symbol in learn_from", symbol, symbols)
        forecaster = contestant(name, spec)
        inner = forecaster.inner if isinstance(forecaster, PerSymbol) else forecaster
        numbers = range(seeds) if is_stochastic(inner) else [MEAN_SEED]
        per_symbol = isinstance(forecaster, PerSymbol) and len(symbols) > 1
        groups = -(-len(symbols) // SYMBOLS_PER_GROUP) if per_symbol else 1
        for fold in folds:
            for number in numbers if not fold.is_warmup else [numbers[0]]:
                for group in range(groups):
                    yield Job(
                        key=FitKey(name, fold.number, number, group),
                        spec=spec,
                        samples=samples,
                        fold=fold,
                        study_seed=study_seed,
                        per_symbol=per_symbol,
                        save_model=fold.number == last,
                        check_look_ahead=fold.number == first and number == numbers[0],
                    )


def _track(name: str, samples: Samples, outcomes: Mapping[FitKey, Outcome]) -> Track:
    """One model's units put together: rows ascending, the mean over seeds, and the first reason to be invalid."""
    ordered = sorted(outcomes.items(), key=lambda part: (part[0].seed, part[0].fold, part[0].group))
    failure = next((outcome.failure for _, outcome in ordered if outcome.failure), None)
    facts: dict[tuple[int, int], list[Fit]] = {}  # a fold and seed has a fit per group of symbols
    for key, outcome in ordered:
        facts.setdefault((key.fold, key.seed), []).append(outcome.fit)

    # The first seed forecasts all rows; the others the same, but for the warm-up fold, which they leave NaN.
    first = [(key, outcome) for key, outcome in ordered if key.seed == ordered[0][0].seed]
    rows = np.concatenate([outcome.rows for _, outcome in first])
    fold = np.concatenate([np.full(len(outcome.rows), key.fold, np.int32) for key, outcome in first])
    order = np.argsort(rows, kind="stable")
    rows, fold = rows[order], fold[order]
    seeds = {number: np.full(len(rows), np.nan) for number in sorted({key.seed for key, _ in ordered})}
    for key, outcome in ordered:
        seeds[key.seed][np.searchsorted(rows, outcome.rows)] = outcome.mean
    by_seed = {number: Forecast(values) for number, values in seeds.items()}
    forecast = by_seed[min(seeds)]
    if len(seeds) > 1:
        forecast = Forecast(np.where(fold == WARMUP, forecast.mean, np.mean(list(seeds.values()), axis=0)))

    scored = np.flatnonzero(fold != WARMUP)
    bad = rows[scored[~np.isfinite(forecast.mean[scored])]]
    if failure is None and len(bad):
        inputs = samples.inputs
        failure = (
            f"{len(bad)} of {len(scored)} forecasts are not a positive, finite price, first at "
            f"{inputs.symbols[inputs.symbol[bad[0]]]} {inputs.session[bad[0]]}"
        )
    return Track(
        model=name, rows=rows, fold=fold, forecast=forecast, seeds=by_seed,
        facts={which: pooled_facts(of_groups) for which, of_groups in facts.items()}, failure=failure,
    )  # fmt: skip


def combine(name: str, tracks: Sequence[Track]) -> Track:
    """The equal-weight combination: the mean of all valid tracks' forecasts (Bates and Granger 1969).

    doi:10.1057/jors.1969.103. Its parameters are none of its own; it is invalid where no track is valid.
    """
    valid = [track for track in tracks if track.failure is None]
    if not valid:
        return replace(tracks[0], model=name, failure="no valid model to combine")
    forecast = Forecast(np.mean([track.forecast.mean for track in valid], axis=0))
    facts = {(int(fold), MEAN_SEED): Fit() for fold in np.unique(valid[0].fold)}
    return Track(
        model=name, rows=valid[0].rows, fold=valid[0].fold, forecast=forecast, seeds={MEAN_SEED: forecast}, facts=facts
    )

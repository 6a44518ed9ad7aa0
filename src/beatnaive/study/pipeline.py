"""The pipeline that answers a study. `run_study` is the architecture of BeatNaive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol
from zlib import crc32

import numpy as np

from beatnaive.backtest.conformal import calibrate
from beatnaive.backtest.splits import walk_forward, warmup_fold
from beatnaive.backtest.targets import target as make_target
from beatnaive.backtest.units import Engine, Serial
from beatnaive.backtest.walk import MemoryStore, UnitStore, walk
from beatnaive.core.errors import InputError
from beatnaive.core.trust import allow
from beatnaive.core.types import (
    OF_QUANTILES,
    Evidence,
    Finding,
    Fold,
    Losses,
    Prices,
    Progress,
    Samples,
    Track,
)
from beatnaive.judging.diagnosis import Diagnosis, diagnose
from beatnaive.judging.losses import pointwise
from beatnaive.judging.ruling import rule
from beatnaive.judging.scores import Score, table
from beatnaive.judging.significance import Examination, Trials, examine
from beatnaive.judging.significance.placebo import flip, largest_gain, placebo
from beatnaive.judging.verdict import Verdict
from beatnaive.prices import load
from beatnaive.prices.quality import examine_quality, refuse_fatal
from beatnaive.study import learning_curve
from beatnaive.study.information import Backtest, Information, ask
from beatnaive.study.learning_curve import Curve
from beatnaive.study.panel import prepare
from beatnaive.study.room import require_room
from beatnaive.study.spec import Study
from beatnaive.study.traded import gain_of, placebo_of_worth, tape_of

MIN_TRAIN_FOR_WARMUP = 100
"""Training sessions below which no fifth of them is set aside to start the intervals."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """Everything a study found.

    study: resolved, so that it runs again to the same numbers; prices: one entry per symbol; findings: what is wrong
    or noteworthy about the data; samples, folds, tracks: the forecasts and what they were made from; scores: the rows
    of scores.csv; losses: pointwise, on the rows that all models share; evidence, verdict: what can be said of them;
    reasons: why a model does as it does; placebo: the contest where nothing can be forecast, if it was asked for;
    placebo_of_worth: what the study's trading rule earned there; information: what the releases were worth, where the
    study has any.
    """

    study: Study
    prices: tuple[Prices, ...]
    findings: tuple[Finding, ...]
    samples: Samples
    folds: tuple[Fold, ...]
    tracks: Mapping[str, Track]
    scores: Sequence[Score]
    losses: Losses
    evidence: Examination
    verdict: Verdict
    reasons: tuple[Diagnosis, ...] = ()
    placebo: Evidence | None = None
    placebo_of_worth: Evidence | None = None
    information: Information | None = None

    @cached_property
    def curve(self) -> Curve | None:
        """The gap to naive against the amount of training data, where the study asked for it."""
        return learning_curve.curve(self.losses, self.tracks, self.study.models, seed=self.study.seed)


class Store(UnitStore, Protocol):
    """Where a study is recorded: its units, what is run, and which earlier trials are counted."""

    def begin(self, study: Study, samples: Samples) -> None:
        """Called once, before the first fit: records what is run, and which earlier trials will be counted."""
        ...

    def trials(self, losses: Losses) -> Trials | None:
        """The earlier trials' losses on this run's rows, or None where no earlier trial is known."""
        ...


class Unrecorded(MemoryStore):
    """A store of a study that leaves nothing behind: no record is begun, no earlier trial is known."""

    def begin(self, study: Study, samples: Samples) -> None:
        """Nothing is recorded."""

    def trials(self, losses: Losses) -> None:
        """No earlier trial is known."""


@dataclass(frozen=True)
class Execution:
    """How a study runs, which changes none of its numbers: on which engine, and who is told of its progress.

    keep: whether the result has the bars that were loaded; without, they are let go once they are in the samples, where
    a panel's memory has room for them once.
    """

    engine: Engine = field(default_factory=Serial)
    progress: Progress | None = None
    keep: bool = True


# fmt: off
def run_study(study: Study, store: Store | None = None, execution: Execution | None = None) -> Result:
    """From prices to a verdict: the method of every study.

    store: keeps finished units (default: in memory); execution: where they run and who is told (default: here,
    nobody). Nothing else is written. Raises DataRefused for a fatal finding, InputError for a study that cannot be run.
    """
    allow(*study.code)  # whoever made the study wrote these names, or was asked by load_study
    store, execution = store or Unrecorded(), execution or Execution()
    prices   = load(study.source)                                                    # prices/
    study    = resolve(expand(study, prices), prices)                                # study/: what was really asked
    findings = examine_quality(prices, study.source.fill)                            # prices/quality/
    refuse_fatal(findings, study.source.fill)
    samples, notes = prepare(study, prices)                                          # features/, backtest/samples.py
    prices   = prices if execution.keep else still_needed(prices, study)
    store.begin(study, samples)                                                      # runs/store.py, runs/trials.py
    folds    = walk_forward(samples, study.split)                                    # backtest/splits.py
    fitted   = with_warmup(study, samples, folds)
    require_room(study, samples, fitted, execution.engine.at_once)                   # study/room.py
    tracks   = walk(samples, fitted, study.models, seed=study.seed, seeds=study.seeds,
                    store=store, engine=execution.engine, progress=execution.progress)    # backtest/walk.py, models/
    tracks   = calibrate(tracks, samples, study.intervals)                           # backtest/conformal.py
    losses   = pointwise(tracks, samples, folds, study.loss)                         # judging/losses.py
    evidence = examine(losses, seed=study.seed, trials=store.trials(losses))         # judging/significance/
    verdict  = rule(losses, evidence, findings)                                      # judging/ruling.py
    run      = Backtest(study=study, prices=prices, samples=samples, folds=fitted, scored=folds, tracks=tracks,
                        engine=execution.engine, progress=execution.progress)
    known    = ask(run, store)                                                       # study/information.py
    scores   = scores_of(tracks, samples, evidence, known)                           # judging/scores.py
    reasons  = diagnose(losses, tracks)                                              # judging/diagnosis.py
    sham     = placebo_worlds(run, losses) if study.placebo else Shams()             # study/traded.py
    return Result(
        study=study, prices=prices, findings=(*findings, *notes), samples=samples, folds=folds, tracks=tracks,
        scores=scores, losses=losses, evidence=evidence, verdict=verdict, reasons=reasons, placebo=sham.contest,
        placebo_of_worth=sham.worth, information=known,
    )
# fmt: on


def still_needed(prices: Sequence[Prices], study: Study) -> tuple[Prices, ...]:
    """Whose prices they were, and the bars themselves where the study makes samples of them once more."""
    if study.placebo or study.releases:
        return tuple(prices)
    return tuple(one.take(np.arange(0)) for one in prices)


def scores_of(
    tracks: Mapping[str, Track], samples: Samples, evidence: Examination, known: Information | None
) -> Sequence[Score]:
    """The rows of scores.csv; the twins of models that use releases stand beside them."""
    if known is None:
        return table(tracks, samples, evidence.skills())
    skills = {symbol: {**own, **known.skills.get(symbol, {})} for symbol, own in evidence.skills().items()}
    return table({**tracks, **known.twins}, samples, skills)


@dataclass(frozen=True)
class Shams:
    """What worlds without direction say of the contest, and of what its forecasts would have earned."""

    contest: Evidence | None = None
    worth: Evidence | None = None


def placebo_worlds(run: Backtest, losses: Losses) -> Shams:
    """The same contest, refitted and traded, in `study.placebo` worlds whose returns had random signs."""
    study, gains, earned = run.study, list[float](), list[float | None]()
    traded = study.target.kind == "return"
    for world in range(study.placebo):
        flipped = flip(run.prices, np.random.default_rng([study.seed, crc32(b"placebo"), world]))
        samples, _ = prepare(study, flipped)
        folds = walk_forward(samples, study.split)
        wanted = with_warmup(study, samples, folds) if study.loss in OF_QUANTILES else folds
        tracks = walk(samples, wanted, study.models, seed=study.seed, seeds=study.seeds, engine=run.engine)
        if study.loss in OF_QUANTILES:
            tracks = calibrate(tracks, samples, study.intervals)
        own = pointwise(tracks, samples, folds, study.loss)
        gains.append(largest_gain(own))
        if traded:
            earned.append(gain_of(own, tape_of(samples, tracks, flipped), study.worth))
        if run.progress is not None:
            run.progress(world + 1, study.placebo, "placebo world")
    contest = placebo(largest_gain(losses), gains)
    if not traded:
        return Shams(contest)
    here = gain_of(losses, tape_of(run.samples, run.tracks, run.prices), study.worth)
    return Shams(contest, placebo_of_worth(here, earned, study.worth))


def expand(study: Study, prices: Sequence[Prices]) -> Study:
    """The study with its learning curve written out: a model per size and order, and one symbol to forecast.

    Raises InputError for a study without a benchmark of its target: hours of fits would have nothing to be judged by.
    """
    for name in make_target(study.target.kind, study.target.horizon).benchmarks:
        if name not in study.models:
            raise InputError(
                f"the study has no model {name!r}, against which all others are measured: add [models.{name}]"
            )
    if study.learning_curve is None:
        return study
    spec, symbols = study.learning_curve, tuple(one.symbol for one in prices)
    models = learning_curve.contestants(study.models, spec, symbols, seed=study.seed)
    split = replace(study.split, test=(learning_curve.stock_of(spec, symbols),))
    return replace(study, models=models, split=split, learning_curve=None)


def with_warmup(study: Study, samples: Samples, folds: Sequence[Fold]) -> tuple[Fold, ...]:
    """The folds, preceded by the one whose forecasts start the intervals.

    Left out where training is too short, and for a learning curve: its fits are many, and compared by their errors.
    """
    first = folds[0]
    if any(spec.learn_from for spec in study.models.values()):
        return tuple(folds)
    if len(np.unique(samples.inputs.session[samples.rows[first.train]])) < MIN_TRAIN_FOR_WARMUP:
        return tuple(folds)
    return (warmup_fold(samples, first), *folds)


def resolve(study: Study, prices: Sequence[Prices]) -> Study:
    """The study with the dates that were really used: it asks for the same data however late it runs again."""
    first = min(one.sessions[0] for one in prices)
    last = max(one.sessions[-1] for one in prices)
    known = [one.as_of for one in prices if one.as_of is not None]
    source = replace(
        study.source,
        symbols=tuple(one.symbol for one in prices),
        start=first.astype(object),
        end=last.astype(object),
        as_of=max(known).astype(object) if known else study.source.as_of,
        years=None,
    )
    return replace(study, source=source)

"""Twins and leaks: what a study runs beside its models to tell whether knowing a release helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from beatnaive.backtest.conformal import calibrate
from beatnaive.backtest.units import Engine
from beatnaive.backtest.walk import UnitStore, walk
from beatnaive.core.names import BY_DATE, TWIN
from beatnaive.core.types import Fold, Losses, Prices, Progress, Samples, Track
from beatnaive.features.released import Joined
from beatnaive.judging.information import Gain, gains, words_of
from beatnaive.judging.losses import pointwise
from beatnaive.judging.significance.contest import contest
from beatnaive.judging.significance.loss_rows import by_symbol
from beatnaive.judging.significance.skill import skill
from beatnaive.models.spec import COMBINATION, ModelSpec, build, is_stochastic
from beatnaive.prices.quality import fill_gaps
from beatnaive.releases.placebo import exchange_years
from beatnaive.study.panel import inputs_of

if TYPE_CHECKING:
    from beatnaive.study.spec import Study


@dataclass(frozen=True, eq=False, kw_only=True)
class Information:
    """What a study's releases were worth: the twins' tracks and skills, the gains, and the words."""

    twins: Mapping[str, Track] = field(default_factory=dict)
    skills: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    gains: tuple[Gain, ...] = ()
    words: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """The parts of a study that has been run: what its twins must share."""

    study: Study
    prices: Sequence[Prices]
    samples: Samples
    folds: Sequence[Fold]
    scored: Sequence[Fold]
    tracks: Mapping[str, Track]
    engine: Engine
    progress: Progress | None = None

    def forecast(self, samples: Samples, models: Mapping[str, ModelSpec], store: UnitStore | None) -> dict[str, Track]:
        """Tracks of more models on the same rows and folds, with the study's seeds, and their intervals."""
        study = self.study
        made = walk(samples, self.folds, models, seed=study.seed, seeds=study.seeds, store=store, engine=self.engine,
                    progress=self.progress)  # fmt: skip
        return calibrate(made, samples, study.intervals)

    def losses(self, more: Mapping[str, Track]) -> Losses:
        """The losses of all models on the rows that they share with `more`."""
        return pointwise({**self.tracks, **more}, self.samples, self.scored, self.study.loss)


def ask(run: Backtest, store: UnitStore) -> Information | None:
    """Whether knowing each release helped each model that uses it; None for a study without releases.

    A twin is the same model, with the same seeds and folds, without the release's columns; it is no trial. With the
    leak premium the model is fitted once more on a join by reference date, in memory alone.
    """
    if not run.study.releases:
        return None
    joined = Joined.read(run.study.releases, run.samples.inputs.symbols)
    wanted = list(twins(run.study, run.samples.inputs.features, joined.columns))
    if not wanted:
        names = ", ".join(run.study.releases)
        return Information(words=f"No model of the study uses {names}: name its columns in a model's columns.")
    made = run.forecast(run.samples, {f"{one}{TWIN}{release}": spec for one, release, spec in wanted}, store)
    leaks = dict(leaked(run, [(one, release) for one, release, _ in wanted]))
    losses = run.losses({**made, **leaks})
    nested = [one for one, _, _ in wanted if _least_squares(run.study, one)]
    found = with_placebo(run, joined, made, gains(losses, nested), nested)
    failed = [f"{name} is invalid: {track.failure}." for name, track in made.items() if track.failure]
    return Information(
        twins=made, skills=skills_of(losses, list(made)), gains=found, words=" ".join([words_of(found), *failed])
    )


def twins(
    study: Study, features: Sequence[str], columns: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, ModelSpec]]:
    """(model, release, the twin's spec) for every model that uses a column of a release.

    A model without columns of its own that reads features by name uses them all.
    """
    for name, spec in study.models.items():
        if spec.kind == COMBINATION:
            continue
        model = build(name, spec)
        if not hasattr(model, "columns"):
            continue
        used: tuple[str, ...] = tuple(features if model.columns is None else model.columns)
        for release, own in columns.items():
            left = tuple(column for column in used if column not in own)
            network = getattr(model, "steps", None) is not None or is_stochastic(model)
            if len(left) < len(used) and (left or not network):
                yield name, release, replace(spec, options={**spec.options, "columns": left})


def given_to(models: Mapping[str, ModelSpec], columns: Sequence[str]) -> dict[str, ModelSpec]:
    """The models, with these columns for those that take further ones by name and have none (`arx`, `har`)."""
    return {
        name: replace(spec, options={**spec.options, "columns": tuple(columns)})
        if spec.kind != COMBINATION and getattr(build(name, spec), "columns", None) == ()
        else spec
        for name, spec in models.items()
    }


def leaked(run: Backtest, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Track]]:
    """Tracks of the models that were given a release by reference date: the future, made to be measured.

    Where the study does not ask for them they are made for models without randomness, whose fits are cheap.
    """
    study = run.study
    if study.leak_premium is False:
        return
    for release in dict.fromkeys(release for _, release in pairs):
        models = {
            f"{name}{BY_DATE}{release}": study.models[name]
            for name, other in pairs
            if other == release and (study.leak_premium or not is_stochastic(build(name, study.models[name])))
        }
        if models:
            prices = fill_gaps(run.prices, study.source.fill)
            inputs, _ = inputs_of(study, prices, by_date=release)
            samples = replace(run.samples, inputs=inputs)
            if np.isfinite(inputs.x[samples.rows]).all():
                yield from run.forecast(samples, models, None).items()


def with_placebo(
    run: Backtest, joined: Joined, made: Mapping[str, Track], found: Sequence[Gain], nested: Sequence[str]
) -> tuple[Gain, ...]:
    """The gains, with how often each release did as well in worlds in which its years were exchanged."""
    worlds, counts = run.study.placebo_release, dict.fromkeys(range(len(found)), 0)
    if not worlds:
        return tuple(found)
    for release in dict.fromkeys(one.release for one in found):
        mine = [k for k, one in enumerate(found) if one.release == release]
        models = {found[k].model: run.study.models[found[k].model] for k in mine}
        for world in range(worlds):
            rng = np.random.default_rng([run.study.seed, crc32(f"placebo {release}".encode()), world])
            sham = replace(joined, tables={**joined.tables, release: exchange_years(joined.tables[release], rng)})
            inputs, _ = inputs_of(run.study, fill_gaps(run.prices, run.study.source.fill), released=sham)
            tracks = run.forecast(replace(run.samples, inputs=inputs), models, None)
            twins_of = {name: track for name, track in made.items() if name.partition(TWIN)[2] == release}
            losses = pointwise({**run.tracks, **tracks, **twins_of}, run.samples, run.scored, run.study.loss)
            p = {one.model: one.p_value for one in gains(losses, nested)}
            for k in mine:
                counts[k] += p.get(found[k].model, 1.0) <= found[k].p_value
            if run.progress is not None:
                run.progress(world + 1, worlds, f"placebo of {release}")
    return tuple(replace(one, placebo=(counts[k], worlds)) for k, one in enumerate(found))


def skills_of(losses: Losses, names: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """{symbol: {twin: skill against naive, %}}, a panel's pooled ones under "*"."""
    kept = [name for name in (*losses.benchmarks, *names) if name in losses.loss]
    if len(kept) == len(losses.benchmarks):
        return {}
    own = replace(losses, loss={name: losses.loss[name] for name in kept})
    parts = [own] if len(losses.symbols) == 1 else [own, *by_symbol(own)]
    found: dict[str, dict[str, float | None]] = {}
    for part in parts:
        one = contest(part)
        values: list[Any] = skill(one)[0].tolist()
        found[one.symbol] = {
            name: value if np.isfinite(value) else None for name, value in zip(one.models, values, strict=True)
        }
    return found


def _least_squares(study: Study, name: str) -> bool:
    """Whether a model is ordinary least squares in the loss that rules: its twin is then nested in it."""
    model = build(name, study.models[name])
    return (
        getattr(model, "least_squares", False) and study.target.kind == "return"
        and getattr(model, "target", "return") == "return" and study.loss in (None, "squared")
    )  # fmt: skip

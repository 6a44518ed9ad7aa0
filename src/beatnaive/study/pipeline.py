"""The study: what is asked, and the pipeline that answers it. `run` is the architecture of BeatNaive."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import numpy as np

from beatnaive.backtest.conformal import IntervalSettings, calibrate
from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.splits import Split, walk_forward, warmup_fold
from beatnaive.backtest.targets import target as make_target
from beatnaive.backtest.walk import Memory, Plan, Store, walk
from beatnaive.core import config
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.malloc import give_back
from beatnaive.core.types import (
    BARS,
    OF_QUANTILES,
    Evidence,
    Finding,
    Floats,
    Fold,
    Inputs,
    Losses,
    Prices,
    Samples,
    Track,
)
from beatnaive.features import compute
from beatnaive.judging.diagnosis import Diagnosis, diagnose
from beatnaive.judging.losses import score
from beatnaive.judging.scores import Score, table
from beatnaive.judging.significance import Examination, examine
from beatnaive.judging.significance.placebo import flip, largest_gain, placebo
from beatnaive.judging.verdict import Verdict, judge
from beatnaive.models.spec import COMBINATION, ModelSpec, build
from beatnaive.prices import Source, load
from beatnaive.prices.quality import examine_quality, fill_gaps, refuse_fatal
from beatnaive.study import learning_curve
from beatnaive.study.learning_curve import Curve, CurveSpec

MIN_TRAIN_FOR_WARMUP = 100
"""Training sessions below which no fifth of them is set aside to start the intervals."""

Loss = Literal["squared", "absolute", "scaled", "qlike", "pinball", "crps", "winkler"]


@dataclass(frozen=True)
class TargetSpec:
    """What is forecast: "return" (the close) or "volatility" (the variance), `horizon` sessions ahead."""

    kind: Literal["return", "volatility"] = "return"
    horizon: int = 1


@dataclass(frozen=True)
class Study:
    """One question, complete: data, target, features, folds, models, seeds. Reads from and writes to TOML."""

    name: str
    source: Source
    models: Mapping[str, ModelSpec]
    target: TargetSpec = field(default_factory=TargetSpec)
    features: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    split: Split = field(default_factory=Split)
    intervals: IntervalSettings = field(default_factory=IntervalSettings)
    seed: int = 0
    seeds: int = 5
    loss: Loss | None = None
    placebo: int = 0
    learning_curve: CurveSpec | None = None

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise InputError(f"seeds = {self.seeds}: a stochastic model needs at least 1 seed")
        if self.target.horizon < 1:
            raise InputError(f"horizon = {self.target.horizon}: give at least 1 session")
        if not self.models:
            raise InputError("the study has no models: add at least [models.naive]")

    @cached_property
    def lookback(self) -> int:
        """Sessions of history that the most demanding model needs: every model is judged on the same rows."""
        kinds = [build(name, spec) for name, spec in self.models.items() if spec.kind != COMBINATION]
        return max((int(getattr(one, "lookback", 1)) for one in kinds), default=1)

    def to_toml(self) -> str:
        """The complete study; reading it back gives an equal one."""
        import tomli_w

        body = {
            "source": _plain(asdict(self.source)),
            "target": asdict(self.target),
            "features": list(self.features),
            "exclude": list(self.exclude),
            "split": _plain(asdict(self.split)),
            "intervals": asdict(self.intervals),
            "seed": self.seed,
            "seeds": self.seeds,
            "placebo": self.placebo,
            **({"loss": self.loss} if self.loss else {}),
            **({"learning_curve": _plain(asdict(self.learning_curve))} if self.learning_curve else {}),
            "models": {name: _model_toml(spec) for name, spec in self.models.items()},
        }
        return tomli_w.dumps(body)


def _model_toml(spec: ModelSpec) -> dict[str, Any]:
    own = _plain({"per_symbol": spec.per_symbol, "learn_from": spec.learn_from})
    return {"kind": spec.kind, **own, **_plain(spec.options)}


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: what is not given is left out."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items() if value is not None}


def presets() -> dict[str, Path]:
    """The studies that ship with the package, by name."""
    folder = Path(str(files("beatnaive.study") / "presets"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_study(name: str | Path) -> Study:
    """A shipped study by name, or one from a TOML file. Raises UnknownName, InputError for anything it cannot mean."""
    path = Path(name)
    if path.suffix != ".toml":
        shipped = presets()
        if str(name) not in shipped:
            raise UnknownName("study", str(name), shipped)
        path = shipped[str(name)]
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"no such study file: {path}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    return parse(data, path.stem)


def parse(data: Mapping[str, Any], name: str) -> Study:
    """A study from plain data; unknown keys are refused with the nearest right one."""
    known = {f.name for f in fields(Study)} - {"name"}
    for key in data:
        if key not in known:
            raise UnknownName(f"key in study {name}", key, known)
    parts: dict[str, Any] = {key: value for key, value in data.items() if not isinstance(value, dict)}
    parts["name"] = name
    parts["models"] = {key: _model_spec(key, value) for key, value in data.get("models", {}).items()}
    for key, kind in (("source", Source), ("target", TargetSpec), ("split", Split), ("intervals", IntervalSettings)):
        parts[key] = config.build(kind, data.get(key, {}), key)
    if "learning_curve" in data:
        parts["learning_curve"] = config.build(CurveSpec, data["learning_curve"], "learning_curve")
    study = config.build(Study, parts, name)
    return replace(study, models=parts["models"])


def parse_again(study: Study) -> Study:
    """The study checked anew, after its parts were replaced one by one."""
    return parse(tomllib.loads(study.to_toml()), study.name)


def _model_spec(name: str, data: Any) -> ModelSpec:
    if not isinstance(data, dict):
        raise InputError(f"models.{name} = {data!r}: write a table, [models.{name}]")
    options = {key: value for key, value in data.items() if key not in ("kind", "per_symbol", "learn_from")}
    learn_from = tuple(data["learn_from"]) if "learn_from" in data else None
    spec = ModelSpec(data.get("kind", name), options, data.get("per_symbol"), learn_from)
    if spec.kind != COMBINATION:
        build(name, spec)
    return spec


@dataclass(frozen=True, eq=False)
class Result:
    """Everything a study found. `study` is resolved (it runs again to the same numbers), `scores` are scores.csv."""

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

    @cached_property
    def curve(self) -> Curve | None:
        """The gap to naive against the amount of training data, where the study asked for it."""
        return learning_curve.curve(self.losses, self.tracks, self.study.models, seed=self.study.seed)


# fmt: off
def run(study: Study, store: Store | None = None, plan: Plan | None = None) -> Result:
    """From prices to a verdict: the method of every study.

    store keeps finished units (default: memory), plan says where they run and who is told (default: here, nobody).
    Nothing else is written. Raises DataRefused for a fatal finding, InputError for a study that cannot be run.
    """
    store, plan = store or Memory(), plan or Plan()
    prices   = load(study.source)                                                       # prices/
    study    = resolve(expand(study, prices), prices)                                   # learning.py
    findings = examine_quality(prices, study.source.fill)                               # quality/
    refuse_fatal(findings, study.source.fill)
    samples, notes = prepare(study, prices)                                             # features/, samples.py
    store.begin(study, samples)                                                         # runs.py, trials.py
    folds    = walk_forward(samples, study.split)                                       # splits.py
    tracks   = walk(samples, with_warmup(study, samples, folds), study.models, store, planned(plan, study))    # walk.py
    tracks   = calibrate(tracks, samples, study.intervals)                              # intervals.py
    scores   = table(tracks, samples)                                           # metrics.py
    losses   = score(tracks, samples, folds, study.loss)                                # losses.py
    evidence = examine(losses, seed=study.seed, trials=store.trials(losses))            # significance/
    verdict  = judge(losses, evidence, findings)                                        # verdict.py
    reasons  = diagnose(losses, tracks)                                                 # diagnose.py
    sham     = placebo_worlds(study, prices, losses, plan) if study.placebo else None   # significance/placebo.py
    findings = (*findings, *notes)
    return Result(study, prices, findings, samples, folds, tracks, scores, losses, evidence, verdict, reasons, sham)
# fmt: on


def placebo_worlds(study: Study, prices: Sequence[Prices], losses: Losses, plan: Plan) -> Evidence:
    """The same contest, refitted, in `study.placebo` worlds whose returns had their signs drawn at random."""
    gains = []
    for world in range(study.placebo):
        flipped = flip(prices, np.random.default_rng([study.seed, crc32(b"placebo"), world]))
        samples, _ = prepare(study, flipped)
        folds = walk_forward(samples, study.split)
        wanted = with_warmup(study, samples, folds) if study.loss in OF_QUANTILES else folds
        tracks = walk(samples, wanted, study.models, Memory(), replace(planned(plan, study), progress=None))
        if study.loss in OF_QUANTILES:
            tracks = calibrate(tracks, samples, study.intervals)
        gains.append(largest_gain(score(tracks, samples, folds, study.loss)))
        if plan.progress is not None:
            plan.progress(world + 1, study.placebo, "placebo world")
    return placebo(largest_gain(losses), gains)


def prepare(study: Study, prices: Sequence[Prices]) -> tuple[Samples, tuple[Finding, ...]]:
    """Filled bars, features and labels as samples; notes on columns that the data could not give."""
    inputs, notes = inputs_of(study, fill_gaps(prices, study.source.fill))
    give_back()
    return assemble(inputs, make_target(study.target.kind, study.target.horizon), lookback=study.lookback), notes


def inputs_of(study: Study, prices: Sequence[Prices]) -> tuple[Inputs, tuple[Finding, ...]]:
    """The panel of bars and features; a column that one symbol lacks is left out for all."""
    tables = [compute(one.bars, one.sessions, study.features, symbol=one.symbol) for one in prices]
    shared = [name for name in tables[0][0] if all(name in columns for columns, _, _ in tables)]
    wanted = [name for name in shared if name not in _known(study.exclude, tables[0][0])]
    chosen: list[Floats] = []
    notes: list[Finding] = []
    for columns, x, found in tables:
        same = list(columns) == wanted
        chosen.append(x if same else x[:, [columns.index(name) for name in wanted]])
        notes.extend(found)
    return gather(prices, wanted, chosen), tuple(notes)


def _known(exclude: Sequence[str], columns: Sequence[str]) -> Sequence[str]:
    for name in exclude:
        if name not in columns and name not in BARS:
            raise UnknownName("column in exclude", name, columns)
    return exclude


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
    asked, symbols = study.learning_curve, tuple(one.symbol for one in prices)
    models = learning_curve.contestants(study.models, asked, symbols, seed=study.seed)
    split = replace(study.split, test=(learning_curve.stock_of(asked, symbols),))
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


def planned(plan: Plan, study: Study) -> Plan:
    """The plan with the study's own seeds."""
    return replace(plan, seeds=study.seeds, study_seed=study.seed)


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

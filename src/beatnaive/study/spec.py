"""What is asked: a study, one question with all its settings, read from TOML and written back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field, fields, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from beatnaive.backtest.conformal import IntervalSettings
from beatnaive.backtest.splits import Split
from beatnaive.core import config
from beatnaive.core.documents import read_bytes, shown, toml_of
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.limits import Count, Natural, Seed, Sessions
from beatnaive.core.names import apart, checked
from beatnaive.core.trust import admit, names_code, require
from beatnaive.models.spec import COMBINATION, ModelSpec, build
from beatnaive.payoff.plan import Plan
from beatnaive.prices import Source
from beatnaive.releases.spec import ReleaseSpec, make
from beatnaive.study.learning_curve import CurveSpec

Loss = Literal["squared", "absolute", "scaled", "qlike", "pinball", "crps", "winkler"]


@dataclass(frozen=True)
class TargetSpec:
    """What is forecast, and how far ahead.

    kind: "return", the log return from one close to a later one, or "volatility", its variance; horizon: how many
    sessions later.
    """

    kind: Literal["return", "volatility"] = "return"
    horizon: Sessions = 1


@dataclass(frozen=True)
class Study:
    """One question, complete: data, target, features, folds, models, seeds. It reads from TOML and writes itself.

    source: where the prices come from; models: by their names in all tables, the benchmark among them; features: sets
    by name, exclude: columns of them to leave out; split: how the sessions are cut into training and test; seed: the
    root of all randomness; seeds: fits of each stochastic model; loss: what is ruled on (None = the target's own);
    placebo: worlds with sign-flipped returns in which the contest is held again. releases: what else was known, by the
    names of their columns; leak_premium: whether a join by reference date is shown beside (None = where it is cheap);
    placebo_release: worlds in which a release's years are exchanged; worth: how forecasts are
    traded when it is asked whether they would have paid.

    >>> study = Study("mine", Source("sample", symbols=("AAPL",)), {"naive": ModelSpec("naive")}, seed=7)
    >>> study.target, study.seeds
    (TargetSpec(kind='return', horizon=1), 5)
    """

    name: str
    source: Source
    models: Mapping[str, ModelSpec]
    _: KW_ONLY
    target: TargetSpec = field(default_factory=TargetSpec)
    features: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    split: Split = field(default_factory=Split)
    intervals: IntervalSettings = field(default_factory=IntervalSettings)
    seed: Seed = 0
    seeds: Count = 5
    loss: Loss | None = None
    placebo: Natural = 0
    learning_curve: CurveSpec | None = None
    releases: Mapping[str, ReleaseSpec] = field(default_factory=dict)
    leak_premium: bool | None = None
    placebo_release: Natural = 0
    worth: Plan = field(default_factory=Plan)

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise InputError(f"seeds = {self.seeds}: a stochastic model needs at least 1 seed")
        if self.target.horizon < 1:
            raise InputError(f"horizon = {self.target.horizon}: give at least 1 session")
        if not self.models:
            raise InputError("the study has no models: add at least [models.naive]")
        checked(self.name, "study")
        for name in self.models:
            checked(name, "model")
        apart(self.models, "model")
        for name in self.releases:
            checked(name, "release")
        apart(self.releases, "release")

    @property
    def code(self) -> tuple[str, ...]:
        """The names that may be code of a user's: source, feature sets, models, releases."""
        kinds = [spec.kind for spec in self.models.values()] + [spec.kind for spec in self.releases.values()]
        scorers = [str(spec.options["scorer"]) for spec in self.releases.values() if "scorer" in spec.options]
        return self.source.kind, *self.features, *kinds, *scorers

    @cached_property
    def lookback(self) -> int:
        """Sessions of history that the most demanding model needs: every model is judged on the same rows."""
        return max((int(getattr(one, "lookback", 1)) for one in self.forecasters.values()), default=1)

    @property
    def forecasters(self) -> dict[str, Any]:
        """The models by name, built; the combination, which is computed from their tracks, is none of them."""
        return {name: build(name, spec) for name, spec in self.models.items() if spec.kind != COMBINATION}

    def to_toml(self) -> str:
        """The complete study; `parse` of it gives an equal one."""
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
            **({"leak_premium": self.leak_premium} if self.leak_premium is not None else {}),
            **({"placebo_release": self.placebo_release} if self.placebo_release else {}),
            # a plan of its own is written, the usual one is not: older studies keep their sha256
            **({"worth": asdict(self.worth)} if self.worth != Plan() else {}),
            "models": {
                name: {
                    "kind": spec.kind,
                    **_plain({"per_symbol": spec.per_symbol, "learn_from": spec.learn_from}),
                    **_plain(spec.options),
                }
                for name, spec in self.models.items()
            },
        }
        if self.releases:
            body["releases"] = {
                name: {
                    "kind": spec.kind,
                    **_plain({"columns": spec.columns or None, "transform": spec.transform}),
                    **_plain(spec.options),
                }
                for name, spec in self.releases.items()
            }
        return tomli_w.dumps(body)


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: what is not given is left out."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items() if value is not None}


def presets() -> dict[str, Path]:
    """The studies that ship with the package: {name: TOML file}, in the order of their names.

    >>> "default" in presets()
    True
    """
    folder = Path(str(files("beatnaive.study") / "presets"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_study(name: str | Path, *, trust: bool = False) -> Study:
    """A shipped study by name, or one from a TOML file, which then bears the file's name.

    trust: code that the file names (`FILE.py:NAME`, `module:NAME`) may be imported, now and as long as neither it nor
    the file changes. Raises UnknownName for a study, key or model that does not exist (with the nearest one that does),
    NotTrusted for code that nobody allowed, InputError for a file that is missing or not TOML, and for any value that
    the study cannot have.

    >>> load_study("volatility").target.kind
    'volatility'
    """
    path = Path(name)
    if path.suffix != ".toml":
        shipped = presets()
        if str(name) not in shipped:
            raise UnknownName("study", str(name), shipped)
        path = shipped[str(name)]
    content = read_bytes(path)
    data = toml_of(content, shown(path))
    admit(shown(path), content, code_in(data), trust=trust)
    return parse(data, path.stem)


def code_in(data: Mapping[str, Any]) -> dict[str, str]:
    """The names in a study's plain data that may be code: {place: name}. Nothing is imported, nothing is checked.

    >>> code_in({"features": ["close"], "models": {"mine.py:Model": {}, "ma": {"kind": "moving_average"}}})
    {'features': 'close', 'models.mine.py:Model.kind': 'mine.py:Model', 'models.ma.kind': 'moving_average'}
    """
    source, features = data.get("source"), data.get("features")
    named: dict[str, Any] = {}
    if isinstance(source, dict):
        named["source.kind"] = source.get("kind")
    for k, name in enumerate(features if isinstance(features, list) else []):
        named["features" if k == 0 else f"features, number {k + 1}"] = name
    for table in ("models", "releases"):
        rows = data.get(table)
        for key, one in (rows if isinstance(rows, dict) else {}).items():
            named[f"{table}.{key}.kind"] = one.get("kind", key) if isinstance(one, dict) else None
            if table == "releases" and isinstance(one, dict):
                named[f"{table}.{key}.scorer"] = one.get("scorer")
    return {place: name for place, name in named.items() if isinstance(name, str)}


def parse(data: Mapping[str, Any], name: str) -> Study:
    """A study from plain data, as TOML gives it.

    data: the study's keys; a table per model under "models", whose kind is the table's own name unless it says
    another. Raises UnknownName for a key that does not exist, NotTrusted for code that nobody allowed, InputError for a
    value of the wrong type.

    >>> study = parse({"models": {"naive": {}, "ma": {"kind": "moving_average", "window": 20}}}, "mine")
    >>> study.models["ma"].options
    {'window': 20}
    """
    known = {f.name for f in fields(Study)} - {"name"}
    for key in data:
        if key not in known:
            raise UnknownName(f"key in study {name}", key, known)
    for word in code_in(data).values():
        if names_code(word):
            require(word)
    parts: dict[str, Any] = {}

    models: dict[str, ModelSpec] = {}
    for key, value in config.table(data.get("models", {}), "models").items():
        options = dict(config.table(value, f"models.{key}"))
        own: dict[str, Any] = {word: options.pop(word) for word in ("per_symbol", "learn_from") if word in options}
        kind = options.pop("kind", key)
        models[key] = replace(config.build(ModelSpec, {"kind": kind, **own}, f"models.{key}"), options=options)
        if models[key].kind != COMBINATION:
            build(key, models[key])  # a wrong option is told now, not after an hour of fits
    parts["models"] = models
    releases = releases_in(data.get("releases", {}))
    parts["releases"] = releases

    for key, kind in (("source", Source), ("target", TargetSpec), ("split", Split), ("intervals", IntervalSettings)):
        parts[key] = config.build(kind, data.get(key, {}), key)
    if "worth" in data:
        parts["worth"] = config.build(Plan, data["worth"], "worth")
    if "learning_curve" in data:
        parts["learning_curve"] = config.build(CurveSpec, data["learning_curve"], "learning_curve")
    plain = {
        key: {word: {"kind": spec.kind} for word, spec in of.items()}
        for key, of in (("models", models), ("releases", releases))
    }
    study = config.build(Study, {**data, **plain, "source": data.get("source", {}), "name": name}, name)
    return replace(study, **parts)  # the parts themselves, not validated copies


def releases_in(data: Any) -> dict[str, ReleaseSpec]:
    """The [releases] of a study's plain data, each with its options checked. Raises InputError, UnknownName."""
    found: dict[str, ReleaseSpec] = {}
    for key, value in config.table(data, "releases").items():
        options = dict(config.table(value, f"releases.{key}"))
        own: dict[str, Any] = {word: options.pop(word) for word in ("columns", "transform") if word in options}
        own["kind"] = options.pop("kind", key)
        found[key] = replace(config.build(ReleaseSpec, own, f"releases.{key}"), options=options)
        make(key, found[key])
    return found


def parse_again(study: Study) -> Study:
    """The study checked anew, after its parts were replaced one by one."""
    return parse(tomllib.loads(study.to_toml()), study.name)

"""Options that several commands share, and the study they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beatnaive.core.errors import InputError, UnknownName

if TYPE_CHECKING:
    from beatnaive.models.spec import ModelSpec
    from beatnaive.prices import Source
    from beatnaive.study.spec import Study, TargetSpec

Symbols = Annotated[
    list[str] | None, typer.Argument(help="Symbols, such as AAPL; from Yahoo unless --source is given.")
]
StudyName = Annotated[str, typer.Option("--study", help="A shipped study (see: list studies) or a TOML file.")]
SourceName = Annotated[str | None, typer.Option("--source", help="sample, yahoo, synthetic, or a CSV or Parquet file.")]
Start = Annotated[str | None, typer.Option("--start", help="First session, YYYY-MM-DD.")]
End = Annotated[str | None, typer.Option("--end", help="Last session, YYYY-MM-DD.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Adjust with dividends and splits known on this date.")]
Fill = Annotated[str | None, typer.Option("--fill", help="Fill gaps: none, forward or interpolate (sees the future).")]
Horizon = Annotated[int | None, typer.Option("--horizon", help="Sessions ahead.")]
Out = Annotated[str | None, typer.Option("--out", help="Run folder; default runs/<study>-<UTC time>.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, no table.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")]


@dataclass(frozen=True)
class Asked:
    """What the command line adds to a study."""

    symbols: Sequence[str] = ()
    study: str = "default"
    source: str | None = None
    start: str | None = None
    end: str | None = None
    as_of: str | None = None
    horizon: int | None = None
    target: str | None = None
    models: str | None = None
    features: str | None = None
    loss: str | None = None
    seeds: int | None = None
    placebo: int | None = None
    fill: str | None = None


def study_of(asked: Asked) -> Study:
    """The named study with the command line's words put in."""
    from beatnaive.study.spec import load_study, parse_again

    name = "volatility" if asked.study == "default" and asked.target == "volatility" else asked.study
    study = load_study(name)
    study = replace(study, source=source_of(study.source, asked))
    changes: dict[str, Any] = {}
    if asked.horizon is not None or asked.target is not None:
        changes["target"] = _target(study, asked)
    if asked.features is not None:
        changes["features"], changes["exclude"] = _words(asked.features), ()
    if asked.models is not None:
        changes["models"] = _models(study, _words(asked.models))
    given = {"loss": asked.loss, "seeds": asked.seeds, "placebo": asked.placebo}
    changes.update({key: value for key, value in given.items() if value is not None})
    return parse_again(replace(study, **changes)) if changes else study


def _target(study: Study, asked: Asked) -> TargetSpec:
    from beatnaive.core import config
    from beatnaive.study.spec import TargetSpec

    given = {"kind": asked.target or study.target.kind}
    horizon = study.target.horizon if asked.horizon is None else asked.horizon
    return config.build(TargetSpec, {**given, "horizon": horizon}, "target")


def source_of(source: Source, asked: Asked) -> Source:
    """The study's source with the command line's symbols, kind and dates."""
    from beatnaive.prices import SOURCES

    changes: dict[str, Any] = {}
    if asked.source in SOURCES or ((asked.source or "").count(":") == 1 and not _is_file(asked.source)):
        changes.update(kind=asked.source, symbols=tuple(asked.symbols) or _kept(source, asked.source))
    elif asked.source is not None:
        changes.update(kind="file", path=_absolute(asked.source), symbols=tuple(asked.symbols) or _pinned(source))
    elif asked.symbols:
        changes.update(kind="yahoo", symbols=tuple(asked.symbols))
    for key in ("start", "end", "as_of"):
        text = getattr(asked, key)
        if text is not None:
            changes[key] = date_of(text, "--" + key.replace("_", "-"))
    if asked.fill is not None:
        changes["fill"] = _fill(asked.fill)
    return replace(source, **changes)


def _fill(word: str) -> str:
    if word not in ("none", "forward", "interpolate"):
        raise UnknownName("fill", word, ("none", "forward", "interpolate"))
    return word


def _kept(source: Source, kind: str | None) -> tuple[str, ...]:
    return source.symbols if source.kind == kind else _pinned(source)


def _pinned(source: Source) -> tuple[str, ...]:
    """The symbols of a study about fixed dates of theirs; a study about the last years serves any symbol."""
    return source.symbols if source.years is None else ()


def _is_file(name: str | None) -> bool:
    from pathlib import Path

    return name is not None and Path(name).exists()


def _absolute(name: str) -> str:
    from pathlib import Path

    return str(Path(name).expanduser().resolve())


def date_of(text: str, option: str) -> date:
    """A date from YYYY-MM-DD. Raises InputError naming the option."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise InputError(f"{option} {text!r} is no date: write YYYY-MM-DD") from error


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _models(study: Study, names: Sequence[str]) -> dict[str, ModelSpec]:
    """The asked models, the study's own options kept; the target's benchmarks always run along."""
    from beatnaive.backtest.targets import target
    from beatnaive.models.spec import ModelSpec

    chosen: dict[str, ModelSpec] = {}
    for name in (*target(study.target.kind, study.target.horizon).benchmarks, *names):
        key = name.rpartition(":")[2] if ":" in name else name
        chosen[key] = study.models.get(key) or ModelSpec(name)
    return chosen

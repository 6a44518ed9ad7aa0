"""Options that several commands share, and the study that they describe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.trust import allow

if TYPE_CHECKING:
    from beatnaive.prices import Source
    from beatnaive.study.spec import Study

Symbols = Annotated[
    list[str] | None, typer.Argument(help="Symbols, such as AAPL; from Yahoo unless --source is given.")
]
StudyName = Annotated[str, typer.Option("--study", help="A shipped study (see: list studies) or a TOML file.")]
SourceName = Annotated[str | None, typer.Option("--source", help="sample, yahoo, synthetic, or a CSV or Parquet file.")]
Start = Annotated[str | None, typer.Option("--start", help="First session, YYYY-MM-DD.")]
End = Annotated[str | None, typer.Option("--end", help="Last session, YYYY-MM-DD.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Adjust with dividends and splits known on this date.")]
Fill = Annotated[str | None, typer.Option("--fill", help="Fill gaps: none, forward or interpolate (sees the future).")]
Calendar = Annotated[
    str | None, typer.Option("--calendar", help="Exchange of the prices, such as XLON, or 24/7; default by the symbol.")
]
Dates = Annotated[
    str | None, typer.Option("--dates", help="Order of a file's dates, where they do not show it: DMY, MDY or YMD.")
]
Horizon = Annotated[int | None, typer.Option("--horizon", help="Sessions ahead.")]
Out = Annotated[str | None, typer.Option("--out", help="Run folder; default runs/<study>-<UTC time>.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Trust = Annotated[bool, typer.Option("--trust", help="Let the code that this study or run names run, now and later.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, no table.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")]


FILLS = ("none", "forward", "interpolate")
ORDERS = ("DMY", "MDY", "YMD")


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What the command line changes in a study: an option that was not given changes nothing."""

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
    releases: str | None = None
    leak_premium: bool | None = None
    placebo_release: int | None = None
    cost: float | None = None
    fill: str | None = None
    calendar: str | None = None
    dates: str | None = None
    trust: bool = False


def show_version(wanted: bool) -> None:
    """Say the version and end, before a command is asked for."""
    from beatnaive.cli.show import say
    from beatnaive.core.version import __version__

    if wanted:
        say(f"beatnaive {__version__}")
        raise typer.Exit


def start(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=show_version)
    ] = False,
) -> None:
    """Does any model forecast a stock better than "tomorrow = today", how sure is that, and why?"""


def study_of(given: Overrides) -> Study:
    """The named study, changed as the command line says.

    Raises InputError and UnknownName for an option that no study can have.
    """
    from beatnaive.backtest.targets import target
    from beatnaive.core import config
    from beatnaive.features.released import Joined
    from beatnaive.models.spec import ModelSpec
    from beatnaive.releases.spec import named
    from beatnaive.study.information import given_to
    from beatnaive.study.spec import TargetSpec, load_study, parse_again

    name = "volatility" if given.study == "default" and given.target == "volatility" else given.study
    study = load_study(name, trust=given.trust)
    study = replace(study, source=source_of(study.source, given))
    changes: dict[str, Any] = {}
    if given.horizon is not None or given.target is not None:
        horizon = study.target.horizon if given.horizon is None else given.horizon
        words = {"kind": given.target or study.target.kind, "horizon": horizon}
        changes["target"] = config.build(TargetSpec, words, "target")
    if given.features is not None:
        changes["features"], changes["exclude"] = _words(given.features), ()
        allow(*changes["features"])  # typed by the user, here and now
    if given.models is not None:
        allow(*_words(given.models))
        # the target's benchmarks always run along; a model of the study keeps its options
        models: dict[str, ModelSpec] = {}
        for kind in (*target(study.target.kind, study.target.horizon).benchmarks, *_words(given.models)):
            key = kind.rpartition(":")[2] if ":" in kind else kind
            models[key] = study.models.get(key) or ModelSpec(kind)
        changes["models"] = models
    if given.releases is not None:
        changes["releases"] = {**study.releases, **named(_words(given.releases))}
        allow(*(spec.kind for spec in changes["releases"].values()))  # typed by the user, here and now
        joined = Joined.read(changes["releases"], study.source.symbols)
        changes["models"] = given_to(changes.get("models", study.models), joined.all_columns)
    plain = {
        "loss": given.loss, "seeds": given.seeds, "placebo": given.placebo, "leak_premium": given.leak_premium,
        "placebo_release": given.placebo_release,
    }  # fmt: skip
    if given.cost is not None:
        changes["worth"] = replace(study.worth, cost=given.cost)
    changes.update({key: value for key, value in plain.items() if value is not None})
    return parse_again(replace(study, **changes)) if changes else study


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def source_of(source: Source, given: Overrides) -> Source:
    """The study's source with the command line's symbols, kind, dates, fill and calendar.

    Raises InputError for what is not a date, UnknownName for another fill or order of dates.
    """
    from beatnaive.prices import SOURCES

    changes: dict[str, Any] = {}
    symbols, kind = tuple(given.symbols), given.source
    # a study about fixed dates of its symbols keeps them; one about the last years serves any symbol
    pinned = source.symbols if source.years is None else ()
    if kind is not None and (kind in SOURCES or (kind.count(":") == 1 and not os.path.exists(kind))):  # noqa: PTH110
        allow(kind)  # typed by the user, here and now
        changes.update(kind=kind, symbols=symbols or (source.symbols if source.kind == kind else pinned))
    elif kind is not None:
        # os.path, since Path raises for unknown users, loops of links and names that are too long
        path = os.path.abspath(os.path.expanduser(kind))  # noqa: PTH100, PTH111
        changes.update(kind="file", path=path, symbols=symbols or pinned)
    elif symbols:
        changes.update(kind="yahoo", symbols=symbols)
    for key in ("start", "end", "as_of"):
        text = getattr(given, key)
        if text is not None:
            changes[key] = date_of(text, "--" + key.replace("_", "-"))
    if given.fill is not None:
        if given.fill not in FILLS:
            raise UnknownName("fill", given.fill, FILLS)
        changes["fill"] = given.fill
    if given.calendar is not None:
        changes["calendar"] = given.calendar
    if given.dates is not None:
        if given.dates.upper() not in ORDERS:
            raise UnknownName("order of dates", given.dates, ORDERS)
        changes["dates"] = given.dates.upper()
    return replace(source, **changes)


def date_of(text: str, option: str) -> date:
    """A date from YYYY-MM-DD. Raises InputError naming the option.

    >>> date_of("2024-02-29", "--end")
    datetime.date(2024, 2, 29)
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise InputError(f"{option} {text!r} is not a date: write YYYY-MM-DD") from error

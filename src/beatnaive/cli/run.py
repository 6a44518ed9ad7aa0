"""`beatnaive run`: from prices to a verdict, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beatnaive.cli.options import (
    AsOf,
    Calendar,
    Dates,
    Debug,
    End,
    Fill,
    Horizon,
    Json,
    Out,
    Overrides,
    Quiet,
    SourceName,
    Start,
    StudyName,
    Symbols,
    Trust,
    study_of,
)  # fmt: skip
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    from beatnaive.study.pipeline import Result


def run(
    symbols: Symbols = None,
    study: StudyName = "default",
    source: SourceName = None,
    start: Start = None,
    end: End = None,
    as_of: AsOf = None,
    fill: Fill = None,
    calendar: Calendar = None,
    dates: Dates = None,
    horizon: Horizon = None,
    target: Annotated[str | None, typer.Option("--target", help="return or volatility.")] = None,
    models: Annotated[str | None, typer.Option("--models", help="Names, or module:Name of your own.")] = None,
    features: Annotated[str | None, typer.Option("--features", help="Names, or module:name of your own.")] = None,
    loss: Annotated[
        str | None, typer.Option("--loss", help="squared, absolute, scaled, qlike, pinball, crps or winkler.")
    ] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", help="Fits of each stochastic model.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", help="Processes; default one per core.")] = None,
    placebo: Annotated[int | None, typer.Option("--placebo", help="Worlds with sign-flipped returns.")] = None,
    releases: Annotated[
        str | None, typer.Option("--with", help="What else was known: vix, us10y, cpi, ...; see: list releases.")
    ] = None,
    leak_premium: Annotated[
        bool | None, typer.Option("--leak-premium/--no-leak-premium", help="Show what a join by date would have added.")
    ] = None,
    placebo_release: Annotated[
        int | None, typer.Option("--placebo-release", help="Worlds in which a release's years are exchanged.")
    ] = None,
    cost: Annotated[
        float | None, typer.Option("--cost", help="Basis points of what is traded, for worth; default 5.")
    ] = None,
    worth: Annotated[bool, typer.Option("--worth", help="Show what the forecasts would have earned.")] = False,
    out: Out = None,
    resume: Annotated[str | None, typer.Option("--resume", help="Continue an interrupted run folder.")] = None,
    engine: Annotated[str, typer.Option("--engine", help="local or ray.")] = "local",
    trust: Trust = False,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare models with naive on real prices: a table of honest errors, plots, saved models and a verdict."""
    from beatnaive.cli.show import announce, progress_to, say_json, show_places, show_result
    from beatnaive.runs.record import Recorder, resumed_study

    given = Overrides(
        symbols=symbols or (), study=study, source=source, start=start, end=end, as_of=as_of, fill=fill,
        calendar=calendar, dates=dates,
        horizon=horizon, target=target, models=models, features=features, loss=loss, seeds=seeds, placebo=placebo,
        releases=releases, leak_premium=leak_premium, placebo_release=placebo_release,
        cost=cost,
        trust=trust,
    )  # fmt: skip
    wanted = resumed_study(Path(resume), trust=trust) if resume is not None else study_of(given)
    if worth and wanted.target.kind != "return":
        raise InputError("forecasts of a variance set no position, so nothing is earned: run it without --worth")
    recorder = Recorder.at(wanted, Path(out) if out is not None else None, Path(resume) if resume is not None else None)
    announce(wanted, recorder.folder, quiet or as_json)
    with progress_to(quiet or as_json) as progress:

        def answered(result: Result) -> None:
            """The answer is on the screen before plots and report are made."""
            if as_json:
                say_json((recorder.folder / "verdict.json").read_text(encoding="utf-8"))
            elif progress is not None:
                progress.clear()
                show_result(result)

        recorder.run(wanted, engine=engine, jobs=jobs, progress=progress, answered=answered, keep=False)
    if not (quiet or as_json):
        if worth:
            from beatnaive.cli.worth import show
            from beatnaive.runs.worth import worth as worth_of

            show(worth_of(recorder.folder))
        show_places(recorder.folder, sentence=not worth)

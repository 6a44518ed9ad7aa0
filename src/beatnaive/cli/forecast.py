"""`beatnaive forecast`: the next sessions' closes with their uncertainty."""

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
    Json,
    Overrides,
    Quiet,
    SourceName,
    Start,
    StudyName,
    Trust,
    date_of,
    study_of,
)
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from beatnaive.forecasting.outlook import Outlook


def forecast(
    symbol: Annotated[str | None, typer.Argument(help="Symbol, such as AAPL; with --run one of the run's.")] = None,
    horizon: Annotated[int | None, typer.Option("--horizon", help="Sessions ahead; default the study's.")] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Run folder whose saved models forecast, unrefitted.")
    ] = None,
    study: StudyName = "forecast",
    models: Annotated[
        str | None, typer.Option("--models", help="Models to try instead, such as linear,lstm; without --run.")
    ] = None,
    source: SourceName = None,
    start: Start = None,
    end: End = None,
    as_of: AsOf = None,
    calendar: Calendar = None,
    dates: Dates = None,
    out: Annotated[str | None, typer.Option("--out", help="Write a forecast file, to be scored later.")] = None,
    chart: Annotated[str | None, typer.Option("--chart", help="Write a fan chart, PNG.")] = None,
    trust: Trust = False,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say what the next closes may be: point, 50/80/95 % intervals, chance of a rise, expected volatility."""
    from beatnaive.cli.show import progress_to, say_json
    from beatnaive.forecasting import file
    from beatnaive.forecasting.forecast import forecast as make

    if run is None:
        given = Overrides(
            symbols=() if symbol is None else (symbol,), study=study, source=source, start=start, end=end,
            as_of=as_of, horizon=horizon, models=models, calendar=calendar, dates=dates, trust=trust,
        )  # fmt: skip
        with progress_to(quiet or as_json) as progress:
            outlook = make(symbol, study=study_of(given), progress=progress)
    elif any(option is not None for option in (source, start, as_of, models, calendar, dates)) or study != "forecast":
        raise InputError(
            "--run has its own study: leave out --study, --source, --start, --as-of, --models, --calendar and --dates"
        )
    else:
        stand = None if end is None else date_of(end, "--end")
        outlook = make(symbol, horizon=horizon, run=run, end=stand, trust=trust)
    if out is not None:
        file.write(outlook, Path(out))
    if chart is not None:
        from beatnaive.report import charts
        from beatnaive.report.charts.fan import fan

        charts.save_png(fan(file.to_json(outlook), outlook.recent), Path(chart))
    if as_json:
        import json

        say_json(json.dumps(file.to_json(outlook), indent=1, ensure_ascii=False))
    elif not quiet:
        show(outlook)


def show(outlook: Outlook) -> None:
    """What was found about the prices, what it stands on, a row per session, and what to make of it."""
    from beatnaive.cli.show import console_of, finding_lines

    console = console_of()
    for line in finding_lines(outlook.findings):
        console.print(line, soft_wrap=True)
    if outlook.stale:
        console.print(outlook.stale, style="yellow", markup=False, soft_wrap=True)
    console.print(f"{outlook.symbol}: standing on the close of {outlook.origin}, {outlook.close:,.2f}", markup=False)
    console.print(table_of(outlook))
    for one in outlook.releases:
        assumed = f", assumed: {one.assumed}" if one.assumed else ""
        console.print(
            f"Known of {one.name}: {one.value:g} for the period to {one.period_end}, {one.aged()} old (published "
            f"{one.known_at[:16]}Z{assumed}).",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    if any(step.half_day for step in outlook.steps):
        console.print("* closes early that day", markup=False)
    console.print(
        f"Centre: {outlook.model}, because {outlook.why}. Width: volatility, {outlook.width}. "
        f"Models learnt from what was known on {outlook.cutoff}.",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def table_of(outlook: Outlook) -> Table:
    """A row per session."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("session", "close", "50 %", "80 %", "95 %", "rise", "volatility"):
        table.add_column(name, justify="left" if name == "session" else "right", no_wrap=True)
    for step in outlook.steps:
        spans = [f"{low:,.2f} .. {high:,.2f}" for low, high in map(step.interval, (0.5, 0.8, 0.95))]
        day = f"{step.session}{' *' if step.half_day else ''}"
        table.add_row(day, f"{step.price:,.2f}", *spans, f"{step.p_rise:.0%}", f"{step.volatility:.2%}")
    return table

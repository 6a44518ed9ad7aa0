"""`beatnaive judge`: a verdict on forecasts that somebody brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from beatnaive.cli.options import Debug, Json
from beatnaive.cli.worth import Cost, Filled, Rule, Short
from beatnaive.core.errors import InputError
from beatnaive.core.phrases import p_number

if TYPE_CHECKING:
    from rich.table import Table

    from beatnaive.judging.horizons import HorizonsVerdict
    from beatnaive.judging.verdict import Verdict

STYLES = {"better": "green", "worse": "red", "invalid": "yellow", "naive": "cyan", "cannot tell": ""}


def judge(
    file: Annotated[
        str,
        typer.Argument(
            help="CSV or Parquet: ds, y, a column per model (or NAME_q025 .. NAME_q975), optional symbol, cutoff, "
            "naive, close; or a table of Nixtla, Darts, GluonTS or skforecast as it is."
        ),
    ],
    horizon: Annotated[int, typer.Option("--horizon", help="Rows ahead that were forecast.")] = 1,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            help="log (default for prices), squared, absolute (unit of y), scaled, qlike, pinball, crps, winkler.",
        ),
    ] = None,
    y: Annotated[str, typer.Option("--y", help="What y holds: price, return or variance.")] = "price",
    trials: Annotated[int, typer.Option("--trials", help="How many variants were tried before this one.")] = 0,
    actual: Annotated[
        str | None, typer.Option("--actual", help="A file of the outcomes or prices, where the table has none.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Which column is what: y=actual,ds=date,cutoff=made_on.")
    ] = None,
    dates: Annotated[str | None, typer.Option("--dates", help="DMY or MDY, where 03/04/2024 may be either.")] = None,
    drop: Annotated[str | None, typer.Option("--drop", help="Models to leave out: NAME,NAME.")] = None,
    worth: Annotated[bool, typer.Option("--worth", help="Show what the forecasts would have earned, too.")] = False,
    prices: Annotated[
        str | None,
        typer.Option("--prices", help="For --worth: prices as run takes them; default the table's own closes."),
    ] = None,
    rule: Rule = None,
    cost: Cost = None,
    short: Short = False,
    fill: Filled = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Rule on forecasts of your own: which of them beat naive beyond luck, and what could have been seen at all."""
    from beatnaive.judging.from_table import judge as judge_file

    if not worth and (prices, rule, cost, short, fill) != (None, None, None, False, None):
        raise InputError("prices, rule, cost, short and fill are for what forecasts would have earned: add --worth")
    left_out = tuple(name.strip() for name in drop.split(",")) if drop else ()
    verdict = judge_file(
        file, horizon=horizon, loss=loss, y=y, trials=trials, actual=actual, columns=columns, dates=dates, drop=left_out
    )
    found = None
    if worth:
        from beatnaive.runs.worth import worth as worth_of

        found = worth_of(verdict, prices=prices, rule=rule, cost=cost, short=short or None, fill=fill)
    if as_json:
        import json

        told = {"worth": found.to_json()} if found is not None else {}
        print(json.dumps({**verdict.to_json(), **told}, indent=1))
        return
    show(verdict)
    if found is not None:
        from beatnaive.cli.worth import show as show_worth

        show_worth(found)


def show(verdict: Verdict | HorizonsVerdict) -> None:
    """How the table was read; the rulings; why a model is better or invalid, what speaks against it; the words."""
    from beatnaive.cli.show import console_of
    from beatnaive.judging.verdict import Verdict

    console = console_of()
    for line in verdict.reading:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(table_of(verdict) if isinstance(verdict, Verdict) else table_of_horizons(verdict))
    for name, ruled in verdict.rulings.items():
        for text in ruled.because + ruled.doubts:
            if ruled.ruling in ("better", "invalid") or text in ruled.doubts or "information" in text:
                console.print(f"{name}: {text}", markup=False, soft_wrap=True)
    for line in interval_lines(verdict):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print()
    console.print(verdict.words, markup=False)


def interval_lines(verdict: Verdict | HorizonsVerdict) -> list[str]:
    """What stated quantiles were worth: a line per model, at the nearest horizon where there are several."""
    from beatnaive.judging.verdict import Verdict

    own = not isinstance(verdict, Verdict)
    h, first = (0, verdict) if isinstance(verdict, Verdict) else next(iter(verdict.horizons.items()))
    lines = [score.words(name) for name, score in first.intervals.items()]
    more = [f"... and {len(lines) - 8} more models with quantiles (--json has them all)"] if len(lines) > 8 else []
    return [f"horizon {h}: {line}" if own else line for line in lines[:8]] + more


def table_of_horizons(verdict: HorizonsVerdict) -> Table:
    """A row per model: skill in per cent at every horizon, with its p there, and the ruling over all of them."""
    from rich.markup import escape
    from rich.table import Table

    horizons = list(verdict.horizons)
    shown = horizons if len(horizons) <= 6 else [*horizons[:3], *horizons[-3:]]
    first = verdict.horizons[horizons[0]].examination
    rows = sum(one.examination.n for one in verdict.horizons.values())
    left_out = "" if shown == horizons else f"; of {len(horizons)} horizons the first and last three (--json has all)"
    title = f"n = {rows:,}, horizons {horizons[0]} to {horizons[-1]}, loss {first.loss}: skill % (p adjusted){left_out}"
    table = Table(title=title, title_justify="left")
    table.add_column("model", overflow="fold")
    for h in shown:
        table.add_column(f"h = {h}", justify="right", no_wrap=True)
    table.add_column("all horizons", no_wrap=True)
    errors = [_digits(verdict.horizons[h].examination.naive.rmse) for h in shown]
    table.add_row(f"{escape(first.benchmark)}, RMSE", *errors, "to beat")
    for name, ruled in verdict.rulings.items():
        cells = []
        for h in shown:
            x = verdict.horizons[h].examination.models.get(name)
            cells.append("" if x is None else f"{_fixed(x.skill_pct, '+')} ({p_number(x.p_adjusted)})")
        style = STYLES[ruled.ruling]
        table.add_row(escape(name), *cells, f"[{style}]{ruled.ruling}[/{style}]" if style else ruled.ruling)
    return table


def table_of(verdict: Verdict) -> Table:
    """Naive first, then a row per model: errors, skill with its 90 % interval, p, detectable effect, ruling."""
    from rich.markup import escape
    from rich.table import Table

    found = verdict.examination
    symbols = f", {len(found.symbols)} symbols pooled" if found.symbols else ""
    table = Table(
        title=f"n = {found.n:,}, horizon {found.ahead or found.horizon}, loss {found.loss}{symbols}",
        title_justify="left",
    )
    table.add_column("model", overflow="fold")
    for head in ("n", "RMSE", "skill %", "90 % interval", "p", "p adj.", "MDE %"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("ruling", no_wrap=True)
    table.add_row(escape(found.benchmark), f"{found.n:,}", _digits(found.naive.rmse), *["-"] * 5, "to beat")
    for name, entry in verdict.to_json()["models"].items():
        style = STYLES[entry["ruling"]]
        ruling = f"[{style}]{entry['ruling']}[/{style}]" if style else entry["ruling"]
        interval = entry["skill_ci90"]
        table.add_row(
            escape(name),
            "" if entry["n"] is None else f"{entry['n']:,}",
            _digits(entry["rmse"]),
            _fixed(entry["skill_pct"], "+"),
            f"{interval[0]:+.2f} .. {interval[1]:+.2f}" if interval else "",
            p_number(entry["dm"]["p_value"]),
            p_number(entry["p_adjusted"]),
            _fixed(entry["mde_pct"]),
            ruling,
        )
    return table


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:#.4g}".rstrip(".")


def _fixed(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.2f}"

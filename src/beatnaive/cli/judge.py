"""`beatnaive judge`: a verdict on forecasts that somebody brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from beatnaive.cli.options import Debug, Json
from beatnaive.core.phrases import p_number

if TYPE_CHECKING:
    from rich.table import Table

    from beatnaive.judging.verdict import Verdict

STYLES = {"better": "green", "worse": "red", "invalid": "yellow", "cannot tell": ""}


def judge(
    file: Annotated[
        str,
        typer.Argument(
            help="CSV or Parquet: ds, y, a column per model (or NAME_q025 .. NAME_q975), optional symbol, naive, close."
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
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Rule on forecasts of your own: which of them beat naive beyond luck, and what could have been seen at all."""
    from beatnaive.judging.from_table import judge as judge_file

    verdict = judge_file(file, horizon=horizon, loss=loss, y=y, trials=trials)
    if as_json:
        import json

        print(json.dumps(verdict.to_json(), indent=1))
    else:
        show(verdict)


def show(verdict: Verdict) -> None:
    """The table; why a model is better or invalid, what it knows, what speaks against it; the verdict in words."""
    from beatnaive.cli.show import console_of

    console = console_of()
    console.print(table_of(verdict))
    for name, ruled in verdict.rulings.items():
        for text in ruled.because + ruled.doubts:
            if ruled.ruling in ("better", "invalid") or text in ruled.doubts or "information" in text:
                console.print(f"{name}: {text}", markup=False, soft_wrap=True)
    console.print()
    console.print(verdict.words, markup=False)


def table_of(verdict: Verdict) -> Table:
    """Naive first, then a row per model: errors, skill with its 90 % interval, p, detectable effect, ruling."""
    from rich.markup import escape
    from rich.table import Table

    found = verdict.examination
    symbols = f", {len(found.symbols)} symbols pooled" if found.symbols else ""
    table = Table(title=f"n = {found.n:,}, horizon {found.horizon}, loss {found.loss}{symbols}", title_justify="left")
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

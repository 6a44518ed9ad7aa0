"""`beatnaive worth`: would a finished run's forecasts have paid?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from beatnaive.cli.options import Debug, Json
from beatnaive.core.phrases import p_number

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from beatnaive.payoff.finding import Worth
    from beatnaive.payoff.strategy import Strategy

Rule = Annotated[str | None, typer.Option("--rule", help="sign (default), threshold or scaled.")]
Cost = Annotated[float | None, typer.Option("--cost", help="Basis points of what is traded; default the study's, 5.")]

Short = Annotated[bool, typer.Option("--short", help="Sell falls short instead of holding cash.")]
Filled = Annotated[str | None, typer.Option("--fill", help="close (the origin's, default) or open (the next).")]


def worth(
    folder: Annotated[str, typer.Argument(help="The folder of a finished run.")],
    rule: Rule = None,
    cost: Cost = None,
    short: Short = False,
    fill: Filled = None,
    cash: Annotated[float | None, typer.Option("--cash", help="Interest on cash a year, 0.02 for 2 %.")] = None,
    quantiles: Annotated[int | None, typer.Option("--quantiles", help="Portfolios by rank of a panel: 5.")] = None,
    top: Annotated[int | None, typer.Option("--top", help="Symbols in the top portfolio of a panel.")] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Would the forecasts have paid? Returns after costs, break-even, Sharpe ratio, and a ruling."""
    from beatnaive.cli.show import say_json
    from beatnaive.core.files import at_home
    from beatnaive.runs.worth import record
    from beatnaive.runs.worth import worth as worth_of

    place = at_home(folder)
    found = worth_of(
        place, rule=rule, cost=cost, short=short or None, fill=fill, cash=cash, quantiles=quantiles, top=top
    )
    record(place, found)
    if as_json:
        say_json((place / "worth.json").read_text(encoding="utf-8"))
    else:
        show(found)


def show(found: Worth, console: Console | None = None) -> None:
    """The table, the ranks of a panel, and the words."""
    from beatnaive.cli.show import console_of

    console = console or console_of()
    within(console, partial(table_of, found), ("random", "held", "drawdown", "Sharpe", "at open", "at close", "gross"))
    if found.cross_section is not None and found.cross_section.models:
        within(console, partial(ranks_of, found), ("sessions", "IC 1", "lowest", "IC 20", "IC 5", "top", "error"))
    console.print(found.words, markup=False)


def within(console: Console, made: Callable[[Sequence[str]], Table], dispensable: Sequence[str]) -> None:
    """Print a table as wide as the console allows; columns that it does without are named, the first of them first."""
    without: list[str] = []
    table = made(without)
    wide = console.options.update(width=1000)
    for head in dispensable:
        if console.measure(table, options=wide).maximum <= console.width:
            break
        if head in [column.header for column in table.columns]:
            without.append(head)
            table = made(without)
    console.print(table)
    if without:
        console.print(f"(no room for {', '.join(without)}: see worth.json, or a wider window)", style="dim")


def plain(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], without: Sequence[str]) -> Table:
    """A table without the columns named; the first and the last stand left, numbers right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    shown = [k for k, head in enumerate(heads) if head not in without]
    table = Table(
        title=Text(title, style="table.title"), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0),
        pad_edge=False,
    )  # fmt: skip
    for k in shown:
        table.add_column(heads[k], justify="left" if k in (0, len(heads) - 1) else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row[k]) for k in shown))
    return table


def table_of(found: Worth, without: Sequence[str] = ()) -> Table:
    """Cash and holding first, then a row per model: returns, break-even, Sharpe, drawdown, p, ruling."""
    plan, made = found.plan, found.made
    fill = "at the close" if plan.fill == "close" else "at the next open"
    days = f"{made.sessions[0]} to {made.sessions[-1]}"
    title = f"{len(made.sessions):,} sessions from {days}; rule {plan.rule}, filled {fill}; % a year"
    other = "at open" if plan.fill == "close" else "at close"
    heads = ("strategy", "gross", f"net {plan.cost:g} bp", other, "break-even bp (90 %)", "held", "Sharpe", "drawdown",
             "random", "p", "ruling")  # fmt: skip
    cash = _percent(plan.cash)
    rows = [["cash", cash, cash, *[""] * 7, "to beat"], ["holding", *_cells(found.holding, None, None), "to beat"]]
    for name, one in found.models.items():
        ruling = found.rulings[name]
        rows.append([name, *_cells(one, (found.other_fill or {}).get(name), ruling.p_paid), ruling.ruling])
    return plain(title, heads, rows, without)


def ranks_of(found: Worth, without: Sequence[str] = ()) -> Table:
    """A panel's rank correlations and portfolios."""
    panel = found.cross_section
    assert panel is not None
    title = f"ranks of {panel.symbols} symbols, top {panel.top}; equal weights made {_percent(panel.market)} %"
    heads = ("model", "IC", "error", "sessions", "IC 1", "IC 5", "IC 20", "lowest", "highest", "top",
             "highest - equal", "p", "ruling")  # fmt: skip
    rows = []
    for name, one in panel.models.items():
        rows.append([
            name, _ic(one.ic.ic), "" if one.ic.error is None else f"{one.ic.error:.3f}", f"{one.ic.n:,}",
            *(_ic(mean.ic) for mean in one.ahead.values()), _percent(one.quantiles[0]), _percent(one.quantiles[-1]),
            _percent(one.top), f"{_percent(one.gain)} ({_percent(one.gain_low)} .. {_percent(one.gain_high)})",
            p_number(one.p_better), one.ruling,
        ])  # fmt: skip
    return plain(title, heads, rows, without)


def _cells(one: Strategy, other: float | None, p: float | None) -> list[str]:
    """The numbers of a row; the market itself has no break-even, no other timing, and no p."""
    even = one.break_even
    ends = "" if even.low is None or even.high is None else f" ({even.low:.0f} .. {even.high:.0f})"
    return [
        _percent(one.gross), _percent(one.net), "" if other is None else _percent(other),
        "" if even.cost is None or p is None else f"{even.cost:.1f}{ends}", f"{one.exposure:.2f}",
        "" if one.sharpe is None else f"{one.sharpe:.2f} +/- {one.sharpe_error:.2f}", _percent(one.drawdown),
        "" if one.random is None or p is None else _percent(one.random_net), p_number(p),
    ]  # fmt: skip


def _percent(part: float) -> str:
    return f"{100 * part:+.1f}"


def _ic(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"

"""`beatnaive worth`: would a finished run's forecasts have paid?"""

from __future__ import annotations

from pathlib import Path
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


def worth(
    folder: Annotated[str, typer.Argument(help="The folder of a finished run.")],
    rule: Rule = None,
    cost: Cost = None,
    short: Annotated[bool, typer.Option("--short", help="Sell falls short instead of holding cash.")] = False,
    fill: Annotated[
        str | None, typer.Option("--fill", help="close (the origin's, default) or open (the next).")
    ] = None,
    cash: Annotated[float | None, typer.Option("--cash", help="Interest on cash a year, 0.02 for 2 %.")] = None,
    quantiles: Annotated[int | None, typer.Option("--quantiles", help="Portfolios by rank of a panel: 5.")] = None,
    top: Annotated[int | None, typer.Option("--top", help="Symbols in the top portfolio of a panel.")] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Would the forecasts have paid? Returns after costs, break-even, Sharpe ratio, and a ruling."""
    from beatnaive.cli.show import say_json
    from beatnaive.runs.worth import record
    from beatnaive.runs.worth import worth as worth_of

    place = Path(folder).expanduser()
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
    console.print(table_of(found))
    if found.cross_section is not None and found.cross_section.models:
        console.print(ranks_of(found))
    console.print(found.words, markup=False)


def table_of(found: Worth) -> Table:
    """Cash and holding first, then a row per model: returns, break-even, Sharpe, drawdown, p, ruling."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    plan, made = found.plan, found.made
    fill = "at the close" if plan.fill == "close" else "at the next open"
    days = f"{made.sessions[0]} to {made.sessions[-1]}"
    title = f"{len(made.sessions):,} sessions from {days}; rule {plan.rule}, filled {fill}; % a year"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    other = "at open" if plan.fill == "close" else "at close"
    heads = ("gross", f"net {plan.cost:g} bp", other, "break-even bp (90 %)", "held", "Sharpe", "drawdown", "random")
    table.add_column("strategy", no_wrap=True)
    for head in (*heads, "p"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("ruling", no_wrap=True)
    table.add_row("cash", _percent(plan.cash), _percent(plan.cash), *[""] * 7, "to beat")
    table.add_row("holding", *_cells(found.holding, None, None), "to beat")
    for name, one in found.models.items():
        ruling = found.rulings[name]
        table.add_row(escape(name), *_cells(one, (found.other_fill or {}).get(name), ruling.p_paid), ruling.ruling)
    return table


def ranks_of(found: Worth) -> Table:
    """A panel's rank correlations and portfolios."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    panel = found.cross_section
    assert panel is not None
    title = f"ranks of {panel.symbols} symbols; equal weights made {_percent(panel.market)} % a year after costs"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for head in ("model", "IC", "error", "sessions", "IC 1", "IC 5", "IC 20", "lowest", "highest", f"top {panel.top}",
                 "highest - equal", "p", "ruling"):  # fmt: skip
        table.add_column(head, justify="left" if head in ("model", "ruling") else "right", no_wrap=True)
    for name, one in panel.models.items():
        table.add_row(
            escape(name), _ic(one.ic.ic), "" if one.ic.error is None else f"{one.ic.error:.3f}", f"{one.ic.n:,}",
            *(_ic(mean.ic) for mean in one.ahead.values()), _percent(one.quantiles[0]), _percent(one.quantiles[-1]),
            _percent(one.top), f"{_percent(one.gain)} ({_percent(one.gain_low)} .. {_percent(one.gain_high)})",
            p_number(one.p_better), one.ruling,
        )  # fmt: skip
    return table


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

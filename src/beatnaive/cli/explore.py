"""`beatnaive explore`: a first look at prices, before any model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beatnaive.cli.options import AsOf, Calendar, Dates, End, Out, Overrides, SourceName, Start, Symbols, source_of
from beatnaive.cli.show import console_of, say
from beatnaive.core.names import apart, file_name

if TYPE_CHECKING:
    from beatnaive.core.types import Prices
    from beatnaive.prices import Source
    from beatnaive.prices.explore import Exploration
    from beatnaive.prices.explore.released import Released
    from beatnaive.prices.explore.returns import Autocorrelation
    from beatnaive.releases import ReleaseSpec


def explore(
    symbols: Symbols = None,
    source: SourceName = None,
    start: Start = None,
    end: End = None,
    as_of: AsOf = None,
    calendar: Calendar = None,
    dates: Dates = None,
    out: Out = None,
    releases: Annotated[
        str | None, typer.Option("--with", help="Releases to look at beside: vix, cpi, a file; see: list releases.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")] = False,
) -> None:
    """Say and draw what the prices are: gaps, tails, memory, stationarity, and what that means for forecasting."""
    from beatnaive.core.trust import allow
    from beatnaive.prices import load
    from beatnaive.releases.spec import named

    wanted = named([word.strip() for word in (releases or "").split(",") if word.strip()])
    allow(*(spec.kind for spec in wanted.values()))  # typed by the user, here and now
    given = Overrides(
        symbols=symbols or (), source=source, start=start, end=end, as_of=as_of, calendar=calendar, dates=dates
    )
    found = load(source_of(_default(given), given))
    apart((prices.symbol for prices in found), "symbol")
    folder = Path(out) if out else Path("explore")
    for prices in found:
        _look(prices, folder / file_name(prices.symbol), wanted)


def _default(given: Overrides) -> Source:
    """The S&P 500 of the sample where nothing else is asked for."""
    from beatnaive.prices import Source

    return Source(symbols=() if given.symbols or given.source else ("^GSPC",))


def _look(prices: Prices, folder: Path, releases: Mapping[str, ReleaseSpec]) -> None:
    """Explore one symbol, and releases beside it, print it, write its page and pictures."""
    from beatnaive import report
    from beatnaive.prices.explore import explore as look
    from beatnaive.prices.quality import examine_quality
    from beatnaive.releases.explore import look as look_at_releases
    from beatnaive.report import charts

    seen, beside = look(prices, examine_quality([prices])), look_at_releases(releases, prices)
    drawn = charts.draw_exploration(seen)
    page = report.write_page(folder / "explore.html", report.build_exploration(seen, drawn, beside))
    for name, chart in drawn.items():
        charts.save_png(chart, folder / "plots" / f"{name}.png")
    _print(seen)
    _print_releases(beside)
    say(f"page: {page}\nplots: {folder / 'plots'}")


def _print(seen: Exploration) -> None:
    from rich.markup import escape

    console = console_of()
    first, last, n = seen.sessions[0], seen.sessions[-1], len(seen.sessions)
    console.print(
        f"\n[bold]{escape(seen.symbol)}[/bold]: {n:,} sessions, {first} to {last}; {seen.missing} rows without a close"
    )
    console.print(_findings(seen))
    console.print(_numbers(seen))
    console.print(f"[bold]Log price.[/bold] {escape(seen.price.words)}")
    console.print(f"[bold]Log return.[/bold] {escape(seen.change.words)}\n")
    console.print("[bold]What this means for forecasting[/bold]")
    for line in seen.words:
        console.print(f"  - {escape(line)}")


def _print_releases(beside: Sequence[Released]) -> None:
    """Each series in two lines: when it was known, and what followed."""
    from beatnaive.prices.explore.released import sentence

    console = console_of()
    if beside:
        console.print("[bold]Releases, joined by publication[/bold]")
    for one in beside:
        how = f", assumed: {one.assumed}" if one.assumed else ""
        low, middle, high = one.lags[0], one.lags[2], one.lags[4]
        changed = f"{one.revisions:,} revisions"
        changed += "" if one.revised is None else f" (median {one.revised:.2g} %)"
        console.print(
            f"  {one.name}: {one.values:,} values, published {one.first} to {one.last}, {middle:g} days after the "
            f"period's end ({low:g} to {high:g}{how}); {changed}; {one.unknown:,} sessions before the first",
            markup=False, soft_wrap=True,
        )  # fmt: skip
        console.print(f"  - {sentence(one)}", markup=False, soft_wrap=True)


def _findings(seen: Exploration) -> str:
    from rich.markup import escape

    lines = [f"  {one.severity}: {escape(one.message)} [dim]({escape(one.mend)})[/dim]" for one in seen.findings]
    return "\n".join(lines) or "  no findings about the prices"


def _memory(one: Autocorrelation) -> str:
    p = "< 0.001" if one.ljung_box < 0.001 else f"= {one.ljung_box:.3f}"
    return f"lag 1 {one.acf[0]:+.3f}, Ljung-Box over ten lags p {p} (were volatility constant)"


def _numbers(seen: Exploration) -> object:
    """Returns, tails, drawdown, averages and the farthest days as a small table."""
    from rich.table import Table

    table = Table(show_header=False, box=None)
    shape, fall = seen.shape, seen.drawdowns[0] if seen.drawdowns else None
    far = ", ".join(f"{one.session} ({100 * one.value:+.1f} %)" for one in seen.far_returns[:4]) or "none"
    turns = ", ".join(f"{one.session} {one.direction}" for one in seen.crossings[-4:]) or "none"
    rows = {
        "daily log return": f"mean {100 * shape.mean:+.3f} %, deviation {100 * shape.deviation:.2f} %",
        "tails": f"skew {shape.skew:+.2f}, excess kurtosis {shape.kurtosis:.1f}, "
        f"beyond 3 deviations {shape.beyond:.1f} times as often as normal",
        "farthest days": far,
        "deepest drawdown": f"{100 * fall.depth:.1f} %, {fall.peak} to {fall.trough}" if fall else "none",
        "averages crossed": f"{len(seen.crossings)} times, last {turns}",
        "memory of returns": _memory(seen.acf),
        "memory of their size": _memory(seen.acf_absolute),
    }
    for name, text in rows.items():
        table.add_row(name, text)
    return table

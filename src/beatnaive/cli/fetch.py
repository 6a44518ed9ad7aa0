"""`beatnaive fetch`: prices into the cache, and what is there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from beatnaive.cli.options import Calendar, Dates, End, Json, Overrides, SourceName, Start, source_of
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    from beatnaive.core.types import Finding, Prices, Progress
    from beatnaive.prices import Source

LISTED = 12
"""Findings that are printed in full."""


def fetch(
    symbols: Annotated[list[str] | None, typer.Argument(help="Symbols, such as AAPL; from Yahoo by default.")] = None,
    source: SourceName = "yahoo",
    start: Start = None,
    end: End = None,
    calendar: Calendar = None,
    dates: Dates = None,
    release: Annotated[str | None, typer.Option("--release", help="A release, such as vix or fred:UNRATE.")] = None,
    known: Annotated[str | None, typer.Option("--known", help="Only what was published by this day.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch again what the cache holds.")] = False,
    out: Annotated[str | None, typer.Option("--out", help="Write the prices to this .csv or .parquet file.")] = None,
    as_json: Json = False,
) -> None:
    """Fetch prices (or a release) once, keep them, and say what is there: sessions, findings, sha256."""
    if release is not None:
        from beatnaive.cli.releases import show_release

        show_release(release, symbols or (), known, refresh=refresh, as_json=as_json)
        return
    if known is not None:
        raise InputError("--known tells what of a release was published: name one with --release")
    from beatnaive.prices import Source, load, write_file
    from beatnaive.prices.quality import examine_quality

    given = Overrides(symbols=symbols or (), source=source, start=start, end=end, calendar=calendar, dates=dates)
    wanted = source_of(Source(refresh=refresh), given)
    with progress_of_reading(quiet=as_json) as progress:
        prices = load(wanted, progress)
    findings = examine_quality(prices)
    if as_json:
        facts = [
            {
                "symbol": each.symbol, "sessions": len(each), "first": str(each.sessions[0]),
                "last": str(each.sessions[-1]), "columns": list(each.columns), "calendar": each.calendar,
                **asdict(each.provenance), "path": _place(wanted, each),
                "findings": [asdict(finding) for finding in findings if finding.symbol in (each.symbol, "*")],
            }
            for each in prices
        ]  # fmt: skip
        print(json.dumps(facts, indent=1))
    else:
        show(wanted, prices, findings)
    if out:
        from beatnaive.cli.show import say

        written = write_file(load(replace(wanted, refresh=False), traded=True), out)
        if not as_json:
            say(f"written     {written}")


@contextmanager
def progress_of_reading(quiet: bool) -> Iterator[Progress | None]:
    """What is being fetched: a moving line on a terminal, a plain line per symbol elsewhere."""
    from rich.markup import escape

    from beatnaive.cli.show import console_of

    if quiet:
        yield None
        return
    console = console_of(stderr=True)
    with console.status("reading prices") as status:

        def report(done: int, total: int, what: str) -> None:
            if console.is_terminal:
                status.update(escape(f"{what} ({done}/{total})"))
            else:
                console.print(f"{done}/{total} {what}", markup=False)

        yield report


def _place(source: Source, prices: Prices) -> str:
    """The cache's file, or where else the prices lie."""
    from beatnaive.prices import cache

    return str(cache.path_of("yahoo", prices.symbol)) if source.kind == "yahoo" else prices.provenance.source


def show(source: Source, prices: Sequence[Prices], findings: Sequence[Finding]) -> None:
    """A row per symbol, where the prices lie, then the findings, the worst first."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from beatnaive.cli.show import SEVERITY, console_of

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("symbol", no_wrap=True)
    table.add_column("sessions", justify="right", no_wrap=True)
    for head in ("first", "last", "calendar", "sha256"):
        table.add_column(head, no_wrap=True)
    table.add_column("findings")  # the only one that may wrap on a narrow terminal
    for each in prices:
        own = Counter(finding.severity for finding in findings if finding.symbol == each.symbol)
        words = ", ".join(f"{own[kind]} {kind}" for kind in ("fatal", "doubt", "note") if own[kind]) or "none"
        table.add_row(
            escape(each.symbol), f"{len(each):,}", str(each.sessions[0]), str(each.sessions[-1]), escape(each.calendar),
            each.provenance.sha256[:12], words,
        )  # fmt: skip

    console = console_of()
    console.print(table)
    for place, when in dict.fromkeys((_place(source, each), each.provenance.retrieved) for each in prices):
        console.print(f"[dim]in[/dim] {escape(place)}{f' of {when[:16]} UTC' if when else ''}", soft_wrap=True)
    for finding in findings[:LISTED]:
        style = SEVERITY[finding.severity]
        line = f"{escape(finding.symbol)}: {escape(finding.message)} [dim]({escape(finding.mend)})[/dim]"
        console.print(f"[{style}]{finding.severity}[/{style}]  {line}", soft_wrap=True)
    if len(findings) > LISTED:
        console.print(f"and {len(findings) - LISTED} more findings: --json lists them all")

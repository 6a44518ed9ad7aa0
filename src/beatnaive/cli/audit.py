"""`beatnaive audit`: look for look-ahead in somebody's own code, by experiment."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from beatnaive.cli.options import Debug, Json
from beatnaive.core.trust import names_code

if TYPE_CHECKING:
    from beatnaive.checks import AuditReport

STYLES = {"leak": "bold red", "doubt": "yellow", "clean": "green", "not possible": "dim"}


def audit(
    subject: Annotated[
        str, typer.Argument(metavar="MODULE:NAME", help="MODULE:NAME, FILE.py:NAME, or a shipped feature set or model.")
    ],
    kind: Annotated[
        Literal["feature", "estimator", "keras", "forecaster", "pipeline"] | None,
        typer.Option("--kind", help="What NAME is; found out when not given."),
    ] = None,
    runs: Annotated[int, typer.Option("--runs", min=6, help="How often a pipeline may be run.")] = 12,
    limit: Annotated[
        float, typer.Option("--limit", min=1, help="Seconds without a sign of life after which it is given up.")
    ] = 1800.0,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Look for look-ahead in your features, model or pipeline. Exit code 0 when clean, 1 when a leak is found.

    What ends or crashes its process, or never ends, was not audited: exit code 2.
    """
    from beatnaive.checks import audit as look
    from beatnaive.checks.auditing.apart import audit_apart
    from beatnaive.cli.show import progress_to

    # whatever the subject prints is not part of the answer
    with redirect_stdout(sys.stderr), progress_to(as_json) as progress:
        if names_code(subject):
            report = audit_apart(subject, kind=kind, runs=runs, progress=progress, seconds=limit)
        else:
            report = look(subject, kind=kind, runs=runs, progress=progress)
    if as_json:
        import json

        print(json.dumps(report.to_dict(), indent=1))
    else:
        show(report)
    if not report.clean:
        raise typer.Exit(1)


def show(report: AuditReport) -> None:
    """The experiments, then what they saw, the usual cause, and one sentence."""
    from rich.markup import escape
    from rich.table import Table

    from beatnaive.cli.show import console_of

    console = console_of()
    table = Table("experiment", "runs", "outcome", "", box=None, pad_edge=False)
    for each in report.experiments:
        words = "" if each.sightings else escape(each.words)
        table.add_row(each.test, str(each.runs), f"[{STYLES[each.outcome]}]{each.outcome}[/]", words)
    console.print(table)
    for what, seen in (("leak", report.leaks), ("doubt", report.doubts)):
        # the worst column of each test: the JSON has them all
        told = list({one.test: one for one in reversed(seen)}.values())[::-1]
        for one in told:
            console.print(f"\n[{STYLES[what]}]{what}[/] by {one.test}: {escape(one.words)}", soft_wrap=True)
            if one.rows:
                more = f" and {one.count - len(one.rows)} more" if one.count > len(one.rows) else ""
                console.print(f"  rows {', '.join(one.rows)}{more}", markup=False, soft_wrap=True)
        for cause in dict.fromkeys(one.cause for one in told[:1]):
            console.print(f"Usual cause: {cause}.", markup=False, soft_wrap=True)
    console.print()
    console.print(report.words, markup=False, soft_wrap=True)

"""`beatnaive audit`: look for look-ahead in somebody's own code, by experiment."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from beatnaive.cli.options import Debug, Json
from beatnaive.core.errors import InputError
from beatnaive.core.trust import names_code

if TYPE_CHECKING:
    from beatnaive.checks import AuditReport
    from beatnaive.checks.auditing.findings import Sighting

STYLES = {"leak": "bold red", "doubt": "yellow", "clean": "green", "not possible": "dim"}


def audit(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:NAME",
            help="MODULE:NAME, FILE.py:NAME, a notebook FILE.ipynb, or a shipped feature set or model.",
        ),
    ],
    kind: Annotated[
        Literal["feature", "transformer", "estimator", "keras", "forecaster", "pipeline", "strategy"] | None,
        typer.Option("--kind", help="What NAME is; found out when not given."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Your own bars (CSV or Parquet) instead of the embedded index.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=1, help="Time to spend: 12 for features, 45 for a pipeline, 300 for a notebook."),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option("--runs", min=6, help="How often a pipeline may run; as the time allows if not given."),
    ] = None,
    predictions: Annotated[
        str | None, typer.Option("--predictions", help="Of a notebook: the variable that holds its forecasts.")
    ] = None,
    predicts: Annotated[
        Literal["same", "next"],
        typer.Option("--predicts", help="A notebook's last forecast is for its last session, or for the next one."),
    ] = "same",
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="Of a notebook: train for at most so many epochs.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for a doubt, too.")] = False,
    limit: Annotated[
        float, typer.Option("--limit", min=1, help="Seconds without a sign of life after which it is given up.")
    ] = 1800.0,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Look for look-ahead in your features, model, pipeline, strategy, notebook. Exit code 0 when clean, 1 for a leak.

    What ends or crashes its process, or never ends, was not audited: exit code 2.
    """
    from beatnaive.checks import audit as look
    from beatnaive.checks import audit_notebook
    from beatnaive.checks.auditing.apart import audit_apart
    from beatnaive.cli.show import progress_to

    notebook = subject.endswith(".ipynb")
    if notebook and predictions is None:
        raise InputError("name the variable that holds the forecasts: --predictions NAME")
    if not notebook and (predictions is not None or epochs is not None):
        raise InputError(f"--predictions and --epochs are for a notebook; {subject} does not end in .ipynb")
    file = None if data is None else str(data)
    # whatever the subject prints is not part of the answer
    with redirect_stdout(sys.stderr), progress_to(as_json, "") as progress:
        if notebook and predictions is not None:
            report = audit_notebook(
                subject, predictions, predicts=predicts, epochs=epochs, seconds=seconds, data=file, progress=progress
            )
        elif names_code(subject):
            report = audit_apart(
                subject, kind=kind, runs=runs, seconds=seconds, data=file, progress=progress, limit=limit
            )
        else:
            report = look(subject, kind=kind, runs=runs, seconds=seconds, data=file, progress=progress)
    if as_json:
        import json

        print(json.dumps(report.to_dict(), indent=1))
    else:
        show(report)
    if not report.clean or (strict and report.doubts):
        raise typer.Exit(1)


def show(report: AuditReport) -> None:
    """The experiments, then what they saw, the usual cause and its repair, and one sentence."""
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
        for one in list({one.test: one for one in reversed(seen)}.values())[::-1]:
            console.print(f"\n[{STYLES[what]}]{what}[/] by {one.test}: {escape(one.words)}", soft_wrap=True)
            if one.rows:
                more = f" and {one.count - len(one.rows)} more" if one.count > len(one.rows) else ""
                console.print(f"  rows {', '.join(one.rows)}{more}", markup=False, soft_wrap=True)
        for cause, repair in dict.fromkeys((one.cause, one.repair) for one in _of_first_test(seen)[:3]):
            console.print(f"Usual cause: {cause}.", markup=False, soft_wrap=True)
            console.print(f"Repair: {repair}", markup=False, soft_wrap=True)
    if report.leaks:
        _show_last_sessions(report)
    console.print()
    console.print(report.words, markup=False, soft_wrap=True)


def _of_first_test(seen: tuple[Sighting, ...]) -> list[Sighting]:
    """What the test that tells most saw, of every column."""
    tests = [one.test for one in seen]
    order = ("perturb the future", "truncate the future", *tests)
    return [one for one in seen if one.test == next(test for test in order if test in tests)]


def _show_last_sessions(report: AuditReport) -> None:
    """Every leaking column: the value that one would have acted on, and what it became with another future."""
    from rich.markup import escape
    from rich.table import Table

    from beatnaive.cli.show import console_of

    columns = {one.what: one for one in report.leaks if one.last is not None}
    if not columns:
        return
    table = Table(
        "column", "last session", "its value", "with another future", "changes at", "reach", box=None, pad_edge=False
    )
    for name, one in columns.items():
        last = one.last
        assert last is not None, "only such columns are in the table"
        value, other = ("none" if x is None else f"{x:.6g}" for x in (last.value, last.otherwise))
        span = "" if one.reach is None else "1 session" if one.reach == 1 else f"{one.reach} sessions"
        table.add_row(escape(name), last.session, value, other, f"{last.points} of {last.of} points", span)
    console_of().print("\nThe last known session's value, which one would act on:", table)

"""`beatnaive report`: rebuild a run's page, or lay several runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beatnaive.cli.options import Debug


def report(
    folders: Annotated[list[str], typer.Argument(help="A run folder; several make one comparison page.")],
    out: Annotated[
        str | None,
        typer.Option("--out", help="The page; default report.html in the run folder, or comparison.html here."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write report.html of a finished run, or one page that compares several runs."""
    from beatnaive import report as pages
    from beatnaive.cli.show import say
    from beatnaive.core.documents import as_written, shown
    from beatnaive.core.files import at_home
    from beatnaive.runs.folder import read

    runs = [read(at_home(folder)) for folder in folders]
    single = len(runs) == 1
    with as_written(shown(runs[0].folder), "run the study again"):
        html = pages.build(runs[0]) if single else pages.build_comparison(runs)
    place = Path(out) if out else runs[0].folder / "report.html" if single else Path("comparison.html")
    say(pages.write_page(place, html))

"""`beatnaive explain`: the LSTM cell with numbers, the shapes of its layers, a run's trained network, a guide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beatnaive.cli.options import Debug, Quiet
from beatnaive.core.errors import InputError, UnknownName

APPLIES = {
    "cell": {"units", "inputs", "seed"},
    "shapes": {"units", "inputs", "steps", "batch"},
    "run": {"folder", "date", "model", "symbol", "seed"},
    "guide": {"folder", "date", "model", "symbol", "seed"},
}


def explain(
    what: Annotated[str, typer.Argument(help="cell, shapes, run or guide")],
    folder: Annotated[Path | None, typer.Argument(help="run, guide: a finished run's folder.")] = None,
    units: Annotated[str | None, typer.Option("--units", help="cell: units, 4; shapes: per layer, 50,50.")] = None,
    inputs: Annotated[int | None, typer.Option("--inputs", help="cell, shapes: numbers per step.")] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="shapes: steps of a window.")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="shapes: windows in a batch.")] = None,
    date: Annotated[str | None, typer.Option("--date", help="run, guide: last session of the window.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="run, guide: which of the study's networks.")] = None,
    symbol: Annotated[str | None, typer.Option("--symbol", help="run, guide: which symbol.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="cell: of the numbers; run, guide: which fit.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="HTML file to write.")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Look inside an LSTM: one step with real numbers, layer shapes, a run's trained network, or a guide to it all."""
    from beatnaive.cli import explain_pages as pages

    if what not in APPLIES:
        raise UnknownName("topic", what, APPLIES)
    given = {
        "folder": folder, "units": units, "inputs": inputs, "steps": steps, "batch": batch,
        "date": date, "model": model, "symbol": symbol, "seed": seed,
    }  # fmt: skip
    asked = {name: value for name, value in given.items() if value is not None}
    if foreign := set(asked) - APPLIES[what]:
        name = min(foreign)
        raise InputError(f"explain {what} takes no {name if name == 'folder' else '--' + name}")
    pages.TOPICS[what](asked, out, quiet)

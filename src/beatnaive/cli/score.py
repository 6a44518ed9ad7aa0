"""`beatnaive score`: forecast files against the closes that have come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beatnaive.cli.options import Debug, Json

if TYPE_CHECKING:
    from rich.table import Table

    from beatnaive.forecasting.score import Scored


def score(
    files: Annotated[list[str], typer.Argument(help="Forecast files, as beatnaive forecast --out writes them.")],
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Compare forecasts written down earlier with what happened since."""
    from beatnaive.cli.show import say
    from beatnaive.forecasting import score
    from beatnaive.forecasting.ruling import ruling

    scored = score.score(files)
    ruled = ruling(scored)
    if as_json:
        import json
        from dataclasses import asdict

        parts = {"forecasts": [asdict(one) for one in scored], "summary": score.summary(scored), "ruling": ruled}
        print(json.dumps(parts, indent=1))
    else:
        show(scored, score.summary(scored))
        for one in ruled:
            say(one["words"] if one["ahead"] == 1 else f"{one['ahead']} sessions ahead: {one['words']}")


def show(scored: Sequence[Scored], summary: dict[str, Any]) -> None:
    """A row per forecast, then the sum."""
    from beatnaive.cli.show import console_of

    console = console_of()
    console.print(table_of(scored))
    if not summary["known"]:
        console.print(f"None of {summary['forecasts']} forecasts is known yet.", markup=False)
        return
    shares = ", ".join(
        f"{one['count']} inside the {level} % intervals ({one['low']:.0%} to {one['high']:.0%})"
        for level, one in summary["inside"].items()
    )
    console.print(
        f"{summary['known']} of {summary['forecasts']} known: mean absolute error {summary['mape']:.3f} %, "
        f"naive {summary['naive_mape']:.3f} %; {shares}; mean CRPS {summary['crps']:.3f} % of log return.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if summary["late"]:
        console.print(
            f"{summary['late']} of {summary['known']} were made after the close they are about, from a series that had "
            "ended: they foretold nothing.", markup=False, soft_wrap=True,
        )  # fmt: skip


def table_of(scored: Sequence[Scored]) -> Table:
    """Forecast, close, and whether the intervals held it."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("symbol", "from", "for", "model", "forecast", "close", "50 %", "80 %", "95 %"):
        table.add_column(name, justify="right" if name in ("forecast", "close") else "left", no_wrap=True)
    for one in scored:
        close = "not known yet" if one.actual is None else f"{one.actual:,.2f}"
        held = [""] * 3 if one.inside is None else ["inside" if held else "outside" for held in one.inside.values()]
        session = f"{one.session}{' (late)' if one.late else ''}"
        words = (one.symbol, one.origin, session, one.model)  # as the file says them
        table.add_row(*map(escape, words), f"{one.price:,.2f}", close, *held)
    return table

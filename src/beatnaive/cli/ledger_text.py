"""How a ledger reads on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from beatnaive.judging.significance.always_valid import told

if TYPE_CHECKING:
    from rich.table import Table

MOST = 20
"""Lines of what waits or was revised that are shown."""


def show_standing(found: Mapping[str, Any]) -> None:
    """Per contest a table, a sentence per model, and what waits."""
    from beatnaive.cli.show import console_of

    console = console_of()
    if not found["contests"]:
        console.print("No forecasts yet: write some with beatnaive ledger add --run RUN", markup=False)
    for contest in found["contests"]:
        ahead = f", {contest['horizon']} sessions ahead" if contest["horizon"] > 1 else ""
        span = f"; the next for {contest['next'][0]}" if contest["next"] else ""
        console.print(
            f"{contest['name']}{ahead}: {contest['settled']:,} forecasts settled on {contest['sessions']:,} sessions"
            f"{span}",
            markup=False, soft_wrap=True,
        )  # fmt: skip
        if contest["settled"]:
            console.print(table_of(contest["models"]))
        for row in contest["models"]:
            if "words" in row and contest["sessions"]:
                console.print(row["words"] + _drift(row), markup=False, soft_wrap=True)
        for line in _troubles(contest):
            console.print(line, markup=False, soft_wrap=True)
    console.print(f"entry {found['entries']}, head {found['head']}", markup=False, soft_wrap=True)


def _drift(row: Mapping[str, Any]) -> str:
    """What is wrong with a model's intervals, where the odds against them decide."""
    off = [f"{100 * coverage:g} % ({side} inside)" for coverage, _, side in row["drifted"]]
    return f" Its intervals do not hold what they promise: {', '.join(off)}." if off else ""


def _troubles(contest: Mapping[str, Any]) -> list[str]:
    lines = []
    if contest["late"]:
        lines.append(f"{contest['late']:,} made after the close they are about: late, never scored.")
    lines += [f"{one['symbol']} {one['session']} waits: {one['reason']}" for one in contest["troubles"][:MOST]]
    if len(contest["troubles"]) > MOST:
        lines.append(f"... and {len(contest['troubles']) - MOST:,} more that wait")
    for one in contest["revised"][:MOST]:
        now = f", now {100 * one['now']:+.3f} %" if one["now"] is not None else ""
        origin = ", the close it stood on, too" if one["origin_moved"] is not None else ""
        scored = f"scored on {100 * one['was']:+.3f} %{now}{origin}"
        lines.append(f"{one['symbol']} {one['session']} was revised by its source: {scored}")
    if len(contest["revised"]) > MOST:
        lines.append(f"... and {len(contest['revised']) - MOST:,} more that were revised")
    return lines


def _anchored(found: Mapping[str, Any]) -> list[str]:
    """Which entries a time-stamp vouches for, and which are chained only."""
    count = found["entries"]
    if not found["anchors"]:
        return [f"entries 1 to {count:,} are chained, none is anchored: beatnaive ledger anchor has the head signed"]
    last = found["anchors"][-1]
    signed = "its signature checked" if last["signed"] else "its signature not checked: give --root"
    lines = [f"entries 1 to {last['number']:,} are anchored: they existed at {last['at']} ({last['file']}, {signed})"]
    if last["number"] < count:
        lines.append(f"entries {last['number'] + 1:,} to {count:,} are chained only")
    return lines


def table_of(models: list[dict[str, Any]]) -> Table:
    """A row per model; errors of the log return in %, naive's on the same rows beside them."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    heads = ("model", "n", "RMSE %", "naive's", "skill %", "CRPS %", "in 95 %", "odds", "at best", "clipped", "ruling")
    for name in heads:
        table.add_column(name, justify="left" if name in ("model", "ruling") else "right", no_wrap=True)
    for row in models:
        if not row["n"]:
            table.add_row(escape(row["model"]), "0", *[""] * 9)
            continue
        held = row["inside"]["95"]
        cells = [
            escape(row["model"]), f"{row['n']:,}", f"{row['rmse']:.4f}", f"{row['naive_rmse']:.4f}",
            "" if row["skill_pct"] is None else f"{row['skill_pct']:+.2f}", f"{row['crps']:.4f}",
            f"{held['share']:.1%} ({held['low']:.0%}-{held['high']:.0%})",
        ]  # fmt: skip
        if "ruling" in row:
            cells += [told(row["odds"]), told(row["peak"]), f"{row['clipped']:.1%}", row["ruling"]]
        else:
            cells += [""] * 4
        table.add_row(*cells)
    return table


def show_verified(found: Mapping[str, Any]) -> None:
    """What was checked, in a few lines."""
    from beatnaive.cli.show import say

    kinds = ", ".join(f"{count:,} of {kind}" for kind, count in found["kinds"].items())
    say(f"{found['entries']:,} entries ({kinds}) are as they were written, and the scores follow from them")
    if found["held"] is not None:
        say(f"the given head is that of entry {found['held']:,}: it vouches for entries 1 to {found['held']:,}")
    for line in _anchored(found):
        say(line)
    for note in found["notes"]:
        say(note)
    say(f"entry {found['entries']}, head {found['head']}")

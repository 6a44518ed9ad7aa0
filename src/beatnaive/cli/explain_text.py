"""`beatnaive explain` on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.cli.show import console_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from beatnaive.explain.forgetting import Reach
    from beatnaive.explain.portrait import Portrait
    from beatnaive.explain.shapes import Shapes
    from beatnaive.explain.step import Step, Sum

WIDEST = 12
"""Rows and columns of a matrix that are printed; the page shows all."""

WORDS = ("", "per gate", "one layer", "stacked", "returns", "which is")
"""Heads of columns that hold words, not numbers."""


def show_step(step: Step) -> None:
    """The equations with their sizes, then every number of one step."""
    console = console_of()
    units, inputs = step.cell_of.units, step.cell_of.inputs
    console.print(f"[bold]One step of an LSTM cell: {units} units, {inputs} inputs[/bold]\n")
    for one in step.sums:
        s = one.symbol
        console.print(
            f"  {s}_t = {one.activation}(W{s} x_t + U{s} h_(t-1) + b{s})", f"  [dim]{one.name}: {one.role}[/dim]"
        )
    console.print("  c_t = f_t * c_(t-1) + i_t * g_t\n  h_t = o_t * tanh(c_t)\n")
    console.print(_sizes(step))
    console.print(_columns({"x": step.x}, "input"), _columns({"h": step.hidden, "c": step.cell}, "old states"))
    for one in step.sums:
        console.print(f"\n[bold]{one.name} {one.symbol}[/bold]: {one.role}")
        console.print(_matrix(one.weights, f"W{one.symbol} ({units} x {inputs})"))
        console.print(_matrix(one.recurrent, f"U{one.symbol} ({units} x {units})"))
        console.print(_sum(one))
    console.print("\n[bold]new states[/bold]")
    console.print(_columns(step.states, ""))


def show_shapes(found: Shapes) -> None:
    """Tables of shapes and parameters."""
    console = console_of()
    console.print(f"[bold]LSTM layers on an array of shape ({found.batch}, {found.steps}, {found.inputs})[/bold]\n")
    for title, calls in (("one layer", found.calls), ("stacked", found.stack)):
        rows = [(call.code, ", ".join(map(str, call.shapes)), call.meaning) for call in calls]
        console.print(_table((title, "returns", "which is"), rows))
    console.print(f"A layer on top of one that returns no sequence: {found.refusal}\n", soft_wrap=True)
    counts = [(k, c.inputs, c.units, f"{c.formula:,}", f"{c.real:,}") for k, c in enumerate(found.counts, start=1)]
    console.print("parameters: 4 ((inputs + units) units + units)")
    console.print(_table(("layer", "inputs", "units", "formula", "the layer itself"), counts))
    console.print(_table(("batch", "steps", "parameters"), [(b, t, f"{p:,}") for b, t, p in found.sizes]))


def show_portrait(facts: Mapping[str, Any], portrait: Portrait) -> None:
    """The findings of `explain run` in a dozen lines."""
    found = portrait.attribution
    top = np.argsort(-np.abs(found.by_day))[:3]
    rows = [
        ("forecast", f"{facts['forecast_pct']:+.3f} % from {facts['close']:.2f}, the close of {facts['day']}"),
        ("training", facts["training"]),
        ("replayed", f"through the recorded gates: largest difference to Keras {portrait.gap:.1e}"),
        ("reasons", ", ".join(f"{facts['days'][k]} {found.by_day[k]:+.4f}" for k in top) + f" ({portrait.unit})"),
        (
            "complete",
            f"{found.values.sum():+.5f} of {found.output - found.reference:+.5f}: {100 * found.gap:.3f} % left",
        ),
        ("reach", f"the last {portrait.reach_90} sessions hold 90 % of the output's sensitivity"),
        *((f"memory {k}", _half_life(one.half_life)) for k, one in enumerate(portrait.memories, start=1)),
        ("stuck", f"{portrait.stuck} of {facts['gates']} gates are shut or open in 95 % of all steps"),
        ("dead", f"{portrait.dead} of {facts['units']} hidden units never move"),
        ("what if", facts["what_if"]),
    ]
    console = console_of()
    console.print(f"Inside {facts['model']}: {facts['symbol']} on {facts['day']}", style="bold", markup=False)
    for label, words in rows:
        console.print(f"{label:<10} {words}", markup=False, soft_wrap=True)


def show_forgetting(reaches: Sequence[Reach], blown: Sequence[tuple[float, Reach]]) -> None:
    """Three tables: what is left of a gradient, what the spectral radius does, which lengths were solved."""
    from beatnaive.explain.forgetting import NAMES, SOLVED, lengths, measured

    console = console_of()
    setting, lags = measured()["setting"], (1, 10, 30, 59)
    console.print(
        f"[bold]Why plain recurrent networks forget: {setting['units']} units, {setting['length']} steps[/bold]"
    )
    console.print("gradient of the last hidden state by the state k steps before; 1 = all of it is left\n")
    rows = [
        (NAMES[one.cell], one.when, f"{one.radius:.2f}", *(f"{one.gradient[k]:.2g}" for k in lags)) for one in reaches
    ]
    console.print(_table(("", "weights", "spectral radius", *(f"k = {k}" for k in lags)), rows), "")
    console.print("a SimpleRNN before training, its recurrent matrix multiplied, small inputs")
    steep = [(f"x {scale:g}", f"{one.radius:.2f}", f"{one.gradient[-1]:.2g}") for scale, one in blown]
    console.print(_table(("", "spectral radius", "k = 59"), steep), "")
    console.print(
        f"adding task: R2 on {setting['test']:,} new windows, lowest to highest seed; naive has 0; "
        f"* = every seed reaches {SOLVED}"
    )
    found = {
        (row["length"], row["cell"]): f"{row['low']:.2f} to {row['high']:.2f}{' *' * row['solved']}"
        for row in lengths()
    }
    steps = sorted({length for length, _ in found})
    console.print(_table(("steps", *NAMES.values()), [(t, *(found[t, cell] for cell in NAMES)) for t in steps]))


def _half_life(value: int | None) -> str:
    if value is None:
        return "more than half of a change in the cell state outlasts the window"
    return f"half of a change in the cell state is gone after {value} sessions"


def _sizes(step: Step) -> RenderableType:
    u, n = step.cell_of.units, step.cell_of.inputs
    rows = [
        ("W", "input weights", f"{u} x {n}", f"4 x {u * n}"),
        ("U", "recurrent weights", f"{u} x {u}", f"4 x {u * u}"),
        ("b", "bias", f"{u}", f"4 x {u}"),
        ("all", f"4 (({n} + {u}) {u} + {u})", "", f"{step.cell_of.parameters:,}"),
    ]
    return _table(("", "per gate", "size", "numbers"), rows)


def _sum(one: Sum) -> Table:
    s, name = one.symbol, one.activation
    parts = {
        f"W{s} x": one.from_input, f"U{s} h": one.from_hidden, f"b{s}": one.bias,
        "z = sum": one.total, f"{s} = {name}(z)": one.value,
    }  # fmt: skip
    return _columns(parts, "")


def _columns(parts: Mapping[str, Any], title: str) -> Table:
    """Vectors side by side, one per column."""
    return _matrix(np.column_stack(list(parts.values())), title, tuple(parts), digits=4)


def _matrix(values: Any, title: str, heads: Sequence[str] = (), digits: int = 2) -> Table:
    from rich.table import Table

    rows, columns = min(len(values), WIDEST), min(values.shape[1], WIDEST)
    table = Table(title=title or None, title_justify="left", show_header=bool(heads), box=None, padding=(0, 2, 0, 0))
    for k in range(columns):
        table.add_column(heads[k] if heads else "", justify="right", no_wrap=True)
    for row in values[:rows, :columns]:
        table.add_row(*(f"{value:.{digits}f}" for value in row))
    if (rows, columns) != values.shape:
        table.caption = f"first {rows} x {columns} of {values.shape[0]} x {values.shape[1]}; all with --out FILE.html"
    return table


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 3, 1 if not rows else 0, 0))
    for head in heads:
        table.add_column(
            head, justify="left" if head in ("", "one layer", "stacked", "returns", "which is") else "right"
        )
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table

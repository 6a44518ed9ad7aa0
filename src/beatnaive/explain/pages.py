"""The pages of `explain`: what each shows, from results to one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.core.version import __version__
from beatnaive.explain import charts
from beatnaive.explain.charts import figure
from beatnaive.explain.portrait import PROBES, Portrait
from beatnaive.explain.shapes import Shapes
from beatnaive.explain.step import Step
from beatnaive.report.html import Figure, render

if TYPE_CHECKING:
    from beatnaive.explain.run import NetworkView

STYLE = "explain.css"
"""The style sheet of all pages of `explain`."""


def cell_page(step: Step, command: str) -> str:
    """HTML: one step of a cell, every number in it."""
    sizes = {"units": step.cell_of.units, "inputs": step.cell_of.inputs}
    return render("cell.html", {"step": step, **sizes, "command": command, "version": __version__}, style=STYLE)


def shapes_page(found: Shapes, command: str) -> str:
    """HTML: what real layers of these sizes return."""
    return render("shapes.html", {"found": found, "command": command, "version": __version__}, style=STYLE)


def run_page(about: Mapping[str, Any], portrait: Portrait, figures: Sequence[Figure], command: str) -> str:
    """HTML: a trained network at one window; `about` holds its names, dates and numbers."""
    context = {"about": about, "portrait": portrait, "command": command, "version": __version__}
    return render("run.html", context, figures, style=STYLE)


def facts_of(seen: NetworkView, portrait: Portrait, tried: Floats) -> dict[str, Any]:
    """What page and terminal say of a run's network beside its charts.

    tried (moves,): the forecasts of `NetworkView.what_if`, in %. Percentages are log returns; close: in the prices'
    currency.
    """
    day, units = seen.days[-1], sum(layer.cell.units for layer in portrait.layers)
    learnt = (
        f"{day} lies inside the network's training period, which ends before {seen.cutoff}: it may have learnt what "
        "came next, so that this forecast is not out of sample. Take a later session for one that is."
    )
    unseen = f"The network learnt from what was known on {seen.cutoff}; this forecast is out of sample."
    span = float(tried.max() - tried.min())
    return {
        "study": seen.study.name, "model": seen.model_name, "symbol": seen.prices.symbol, "seed": seen.seed,
        "horizon": seen.study.target.horizon, "as_of": seen.prices.as_of,
        "day": day, "days": seen.days, "close": seen.close, "windows": len(seen.windows),
        "probes": min(PROBES, len(seen.windows)), "units": units, "gates": 3 * units,
        "forecast_pct": 100 * seen.forecast, "last_pct": 100 * seen.last_return,
        "training": learnt if seen.learnt else unseen,
        "what_if": f"Over last returns from -6 to +6 % the forecast moves by {span:.3f} percentage points.",
    }  # fmt: skip


def run_figures(
    portrait: Portrait, days: Sequence[str], names: Sequence[str], what_if: tuple[Floats, Floats, float]
) -> list[Figure]:
    """The charts of a portrait. days: a label per step; names: the features; what_if: moves, forecasts and the move
    that happened, all in %."""
    found = portrait.attribution
    top = np.argsort(-np.abs(found.by_day))[:3]
    share = np.abs(found.by_day[top]).sum() / max(np.abs(found.by_day).sum(), np.finfo(float).tiny)
    moved = (
        f"What each session added to the forecast. {', '.join(days[k] for k in top)} moved it most: "
        f"{100 * share:.0f} % of all movement."
    )
    figures = [figure("attribution", charts.attribution(found.by_day, days, portrait.unit), moved)]
    for k, layer in enumerate(portrait.layers, start=1):
        one = layer.recording.window(0)
        told = (
            f"Heat maps of layer {k}: forget gate, input gate, candidate, output gate, cell state and hidden state of "
            f"{layer.cell.units} units over {len(days)} sessions; the mean forget gate is {one.forget.mean():.2f}, the "
            f"mean input gate {one.input.mean():.2f}."
        )
        figures.append(figure(f"gates-{k}", charts.gates(one, days), told, canvas=True))
    moves, forecasts, _ = what_if
    reacts = (
        f"Forecast against the last session's return: from {forecasts[0]:+.3f} % after {moves[0]:+.0f} % to "
        f"{forecasts[-1]:+.3f} % after {moves[-1]:+.0f} %."
    )
    figures += [
        figure("memory", charts.decay(portrait.memories), MEMORY),
        figure("reach", charts.reach(portrait.reach), REACH),
        figure("whatif", charts.what_if(*what_if), reacts),
    ]
    if len(names) > 1:
        chart = charts.features(found.by_feature, names, portrait.unit)
        figures.append(figure("features", chart, "What each feature added to the forecast, summed over the sessions."))
    return figures


MEMORY = (
    "How much of a change in the cell state is left a number of sessions later, for each layer: along all paths, and "
    "along the forget gates alone. The dotted line is one half."
)
REACH = "How strongly the output reacts to the input of so many sessions before, mean over windows."

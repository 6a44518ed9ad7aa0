"""The pages of `explain`: what each shows, from results to one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.core.version import __version__
from beatnaive.explain import charts
from beatnaive.explain.charts import figure
from beatnaive.explain.portrait import Portrait
from beatnaive.explain.shapes import Shapes
from beatnaive.explain.step import Step
from beatnaive.report.html import Figure, render

STYLE = "explain.css"


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


def run_figures(
    portrait: Portrait, days: Sequence[str], names: Sequence[str], what_if: tuple[Floats, Floats, float]
) -> list[Figure]:
    """The charts of a portrait. days: a label per step; names: the features; what_if: moves, forecasts and the move
    that happened, all in %."""
    found = portrait.attribution
    figures = [
        figure("attribution", charts.attribution(found.by_day, days, portrait.unit), _moved_most(found.by_day, days)),
        *_gate_figures(portrait, days),
        figure("memory", charts.decay(portrait.memories), _MEMORY),
        figure("reach", charts.reach(portrait.reach), _REACH),
        figure("whatif", charts.what_if(*what_if), _what_if_words(what_if[0], what_if[1])),
    ]
    if len(names) > 1:
        chart = charts.features(found.by_feature, names, portrait.unit)
        figures.append(figure("features", chart, "What each feature added to the forecast, summed over the sessions."))
    return figures


_MEMORY = (
    "How much of a change in the cell state is left a number of sessions later, for each layer: along all paths, and "
    "along the forget gates alone. The dotted line is one half."
)
_REACH = "How strongly the output reacts to the input of so many sessions before, mean over windows."


def _gate_figures(portrait: Portrait, days: Sequence[str]) -> list[Figure]:
    words = (
        "Heat maps of layer {}: forget gate, input gate, candidate, output gate, cell state and hidden state of "
        "{} units over {} sessions; the mean forget gate is {:.2f}, the mean input gate {:.2f}."
    )
    out = []
    for k, layer in enumerate(portrait.layers, start=1):
        one = layer.recording.window(0)
        told = words.format(k, layer.cell.units, len(days), one.forget.mean(), one.input.mean())
        out.append(figure(f"gates-{k}", charts.gates(one, days), told, canvas=True))
    return out


def _moved_most(by_day: Floats, days: Sequence[str]) -> str:
    top = np.argsort(-np.abs(by_day))[:3]
    share = np.abs(by_day[top]).sum() / max(np.abs(by_day).sum(), np.finfo(float).tiny)
    named = ", ".join(days[k] for k in top)
    return f"What each session added to the forecast. {named} moved it most: {100 * share:.0f} % of all movement."


def _what_if_words(moves: Floats, forecasts: Floats) -> str:
    return (
        f"Forecast against the last session's return: from {forecasts[0]:+.3f} % after {moves[0]:+.0f} % to "
        f"{forecasts[-1]:+.3f} % after {moves[-1]:+.0f} %."
    )

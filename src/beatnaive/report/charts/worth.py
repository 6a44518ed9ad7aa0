"""What the forecasts would have earned: wealth and drawdown, the cost curve, and rank correlations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from beatnaive.core.types import RunData
from beatnaive.report.charts.marks import (
    DAY,
    HEIGHT,
    WIDTH,
    Chart,
    dates,
    hover,
    inline,
    model_colour,
    model_dash,
    titled,
)
from beatnaive.report.charts.theme import looks

FILE = "worth.json"
HOLDING = "holding"


def found_in(data: RunData) -> Mapping[str, Any] | None:
    """The run's worth.json; None where it has none, or nothing could be reckoned."""
    path = data.folder / FILE
    if not path.is_file():
        return None
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found if found.get("paths") else None


def _plan(found: Mapping[str, Any]) -> str:
    plan = found["plan"]
    filled = "the close" if plan["fill"] == "close" else "the next open"
    return f"rule {plan['rule']}{', falls sold short' if plan['short'] else ''}, filled at {filled}"


def wealth(data: RunData) -> Chart | None:
    """What 1 became, on a logarithmic scale, with the drawdown below; None where the run has no worth.json.

    Lines: every model after the study's cost, and the market held; thin grey: the best model at 0, 1, 5, 10 and 25
    basis points. Below: how far the best model and the market lie under their highest points, %.
    """
    import altair as alt
    import pandas as pd

    if (found := found_in(data)) is None:
        return None
    paths, best = found["paths"], found["best"]
    days = pd.to_datetime(paths["session"])
    lines = {HOLDING: paths["holding"], **paths["models"]}
    table = pd.DataFrame(lines, index=days).rename_axis("date").reset_index().melt("date", var_name="model")
    band = pd.DataFrame(paths["costs"], index=days).rename_axis("date").reset_index().melt("date", var_name="cost")
    fall = pd.DataFrame(paths["drawdown"], index=days).rename_axis("date").reset_index().melt("date", var_name="model")
    fall["value"] *= 100
    positive = [value for values in (*lines.values(), *paths["costs"].values()) for value in values if value > 0]
    scale = alt.Scale(type="log", domain=[min(positive), max(positive)], nice=False)
    # a logarithmic axis names powers of ten only, of which there may be none
    ticks = sorted({float(f"{one:.2g}") for one in np.geomspace(min(positive), max(positive), 7)})
    axis = alt.Axis(values=ticks, format="~g")
    y = alt.Y("value:Q", title="What 1 became (logarithmic)", scale=scale, axis=axis)
    names = list(lines)
    base = alt.Chart(inline(table[table["value"] > 0])).encode(
        y=y, color=model_colour(names), strokeDash=model_dash(names)
    )
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("value:Q", format=".3f")]
    costs = (
        alt.Chart(inline(band[band["value"] > 0]))
        .mark_line(color="#8a8f99", strokeWidth=1, opacity=0.7)
        .encode(x=dates(), y=y, detail="cost:N")
    )
    upper = alt.layer(costs, base.mark_line(strokeWidth=2).encode(x=dates()), hover(base, "date:T", tips))
    title = titled(
        f"What 1 became: {_plan(found)}, {found['plan']['cost']:g} basis points a trade",
        f"Thin grey: {best} at 0, 1, 5, 10 and 25 basis points, from the top. Below: drawdowns.",
    )
    lower = (
        alt.Chart(inline(fall))
        .mark_line(strokeWidth=1.5)
        .encode(
            x=dates(), y=alt.Y("value:Q", title="Below the peak, %"), color=model_colour(names),
            strokeDash=model_dash(names),
            tooltip=[alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("value:Q", format=".1f")],
        )
    )  # fmt: skip
    return alt.vconcat(
        upper.properties(width=WIDTH, height=HEIGHT), lower.properties(width=WIDTH, height=HEIGHT // 3), title=title
    )


def cost_curve(data: RunData) -> Chart | None:
    """Net return a year of every model against the cost of a trade, with each break-even marked; None without worth.

    x: basis points of what is traded, y: % a year; dashed: the market held; dots: where a line crosses what cash earns.
    """
    import altair as alt
    import pandas as pd

    if (found := found_in(data)) is None:
        return None
    models, cash = found["models"], found["cash"]
    evens = [one["break_even"]["cost"] for one in models.values()]
    inside = [one for one in evens if one is not None and 0 < one < 100]
    most = max([25.0, *(1.15 * one for one in inside)])
    grid = np.linspace(0, most, 26)
    table = pd.DataFrame(
        {"model": name, "cost": grid, "net": 100 * (one["gross"] - 1e-4 * one["turnover"] * grid)}
        for name, one in models.items()
    ).explode(["cost", "net"]).astype({"cost": float, "net": float})  # fmt: skip
    names = [HOLDING, *models]
    market = pd.DataFrame({"model": HOLDING, "cost": [0.0, most], "net": 2 * [100 * found["holding"]["net"]]})
    marks = pd.DataFrame(
        [{"model": name, "cost": one["break_even"]["cost"], "net": 100 * cash} for name, one in models.items()
         if one["break_even"]["cost"] is not None and 0 < one["break_even"]["cost"] <= most],
        columns=["model", "cost", "net"],
    ).astype({"cost": float, "net": float})  # fmt: skip
    x = alt.X("cost:Q", title="Cost, basis points of what is traded", scale=alt.Scale(domain=[0, most], nice=False))
    y = alt.Y("net:Q", title="Net return, % a year")
    colour, dash = model_colour(names), model_dash(names)
    tips = ["model:N", alt.Tooltip("cost:Q", format=".1f"), alt.Tooltip("net:Q", format="+.2f")]
    lines = [
        alt.Chart(inline(part)).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=tips)
        for part in (table, market)
    ]
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(100 * cash))
    own = alt.Chart().mark_rule(strokeDash=[2, 2]).encode(x=alt.datum(found["plan"]["cost"]))
    dots = (
        alt.Chart(inline(marks))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=tips)
    )
    some = f"Dots: break-even against cash ({len(marks)} of {len(models)} models)." if len(marks) else (
        "No model breaks even with cash at any cost on this axis."
    )  # fmt: skip
    title = titled(
        f"What costs leave: {_plan(found)}",
        f"{some} Dashed: cash, and the study's own cost, whose positions are kept.",
    )
    shown = [dots] if len(marks) else []  # a layer without rows makes the chart library complain of its axis
    return alt.layer(zero, own, *lines, *shown).properties(width=WIDTH, height=HEIGHT, title=title)


def rank_correlations(data: RunData) -> Chart | None:
    """Running sum of each model's rank correlations; None for a run without a cross-section.

    A line that rises steadily ranks stocks steadily; its slope is the mean correlation of those sessions.
    """
    import altair as alt
    import pandas as pd

    found = found_in(data)
    if found is None or not found["paths"].get("summed"):
        return None
    summed, panel = found["paths"]["summed"], found["cross_section"]["models"]
    days = pd.to_datetime(found["paths"]["session"])
    table = pd.DataFrame(summed, index=days).rename_axis("date").reset_index().melt("date", var_name="model")
    names = list(looks(summed))
    base = alt.Chart(inline(table)).encode(
        y=alt.Y("value:Q", title="Sum of rank correlations so far"),
        color=model_colour(names),
        strokeDash=model_dash(names),
    )
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("value:Q", format="+.2f")]
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(0))
    each = ", ".join(
        f"{name} {one['ic']['ic']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})"
        for name, one in panel.items() if one["ic"]["ic"] is not None and one["low"] is not None
    )  # fmt: skip
    title = titled(
        f"Which stocks, not which day: rank correlations of {found['cross_section']['symbols']} symbols",
        f"Mean and 90 % interval: {each}." if each else "",
    )
    layers = alt.layer(zero, base.mark_line(strokeWidth=2).encode(x=dates()), hover(base, "date:T", tips))
    return layers.properties(width=WIDTH, height=HEIGHT, title=title)

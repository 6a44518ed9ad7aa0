"""`beatnaive explain memory` as a page: gradients through sixty steps of three kinds of cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.version import __version__
from beatnaive.explain import charts
from beatnaive.explain.charts import figure
from beatnaive.explain.forgetting import NAMES, SOLVED, Reach, compare, lengths, measured, scaled
from beatnaive.explain.pages import STYLE
from beatnaive.report.html import render

if TYPE_CHECKING:
    import altair as alt

LOWEST = 1e-12
"""Gradients below it are drawn at it: the axis is a logarithm."""


def memory_page(command: str) -> str:
    """HTML: why plain recurrent networks forget, with the curves of this moment and the measured tables."""
    reaches, blown = compare(), scaled()
    after = {one.cell: one for one in reaches if one.when == "after training"}
    figures = [
        figure(
            "gradients", gradients(reaches),
            "How much of the last step's gradient is left k steps earlier, on a logarithmic axis. After training, 59 "
            + "steps back: " + ", ".join(f"{NAMES[cell]} {one.gradient[-1]:.2g}" for cell, one in after.items()) + ".",
        ),
        figure(
            "radius", radii(blown),
            "The SimpleRNN before training, its recurrent matrix multiplied: with a spectral radius below 1 the "
            "gradient vanishes, above 1 it explodes until tanh bends.",
        ),
        figure(
            "lengths", solved(),
            f"R2 on {measured()['setting']['test']:,} new windows of the adding task by its length, a point per seed.",
        ),
    ]  # fmt: skip
    context = {
        "reaches": reaches, "blown": blown, "names": NAMES, "lengths": lengths(), "measured": measured(),
        "beyond": min(row["length"] for row in lengths() if row["cell"] == "simple_rnn" and not row["solved"]),
        "solved": SOLVED, "command": command, "version": __version__,
    }  # fmt: skip
    return render("memory.html", context, figures, style=STYLE)


def gradients(reaches: Sequence[Reach]) -> alt.TopLevelMixin:
    """m(k) against k, a colour per cell, dashed before training."""
    import altair as alt
    import pandas as pd

    frame = pd.concat(
        pd.DataFrame({"back": range(len(one.gradient)), "left": np.maximum(one.gradient, LOWEST),
                      "cell": NAMES[one.cell], "when": one.when})
        for one in reaches
    )  # fmt: skip
    names = list(NAMES.values())
    dash = alt.Scale(domain=["after training", "before training"], range=[[1, 0], [5, 3]])
    lines = (
        alt.Chart(charts.inline(frame))
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("back:Q", title="steps back", axis=alt.Axis(tickMinStep=1)),
            y=_left("left:Q"),
            color=alt.Color("cell:N", title="cell", scale=alt.Scale(domain=names, range=list(charts.HUES[:3]))),
            strokeDash=alt.StrokeDash("when:N", title="weights", scale=dash, legend=alt.Legend(symbolType="stroke")),
            tooltip=["cell:N", "when:N", "back:Q", alt.Tooltip("left:Q", format=".2e")],
        )
    )
    whole = alt.Chart().mark_rule(strokeDash=[2, 3]).encode(y=alt.datum(1.0))
    return alt.layer(whole, lines).properties(width=charts.WIDTH, height=280)


def radii(blown: Sequence[tuple[float, Reach]]) -> alt.TopLevelMixin:
    """m(k) of one SimpleRNN whose recurrent matrix is multiplied, a colour per spectral radius."""
    import altair as alt
    import pandas as pd

    names = [f"{one.radius:.2f}" for _, one in blown]
    frame = pd.concat(
        pd.DataFrame({"back": range(len(one.gradient)), "left": np.maximum(one.gradient, LOWEST), "radius": name})
        for name, (_, one) in zip(names, blown, strict=True)
    )
    colour = alt.Scale(domain=names, range=list(charts.HUES[: len(names)]))
    lines = (
        alt.Chart(charts.inline(frame))
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("back:Q", title="steps back", axis=alt.Axis(tickMinStep=1)),
            y=_left("left:Q"),
            color=alt.Color("radius:N", title="spectral radius", scale=colour, sort=names),
            tooltip=["radius:N", "back:Q", alt.Tooltip("left:Q", format=".2e")],
        )
    )
    whole = alt.Chart().mark_rule(strokeDash=[2, 3]).encode(y=alt.datum(1.0))
    return alt.layer(whole, lines).properties(width=charts.WIDTH, height=240)


def solved() -> alt.TopLevelMixin:
    """R2 of the adding task by length, a point per seed, a line through the means."""
    import altair as alt
    import pandas as pd

    rows = [{"length": row["length"], "cell": NAMES[row["cell"]], "seed": seed, "r2": r2}
            for row in measured()["adding"] for seed, r2 in enumerate(row["r2"])]  # fmt: skip
    names = list(NAMES.values())
    base = alt.Chart(charts.inline(pd.DataFrame(rows))).encode(
        x=alt.X("length:O", title="steps of the sequence", axis=alt.Axis(labelAngle=0)),
        color=alt.Color("cell:N", title="cell", scale=alt.Scale(domain=names, range=list(charts.HUES[:3]))),
    )
    points = base.mark_circle(size=60, opacity=0.8).encode(
        y=alt.Y("r2:Q", title="R2 on new windows", scale=alt.Scale(domain=[-0.1, 1])),
        tooltip=["cell:N", "length:O", "seed:N", alt.Tooltip("r2:Q", format=".3f")],
    )
    means = base.mark_line(strokeWidth=2).encode(y="mean(r2):Q")
    bar = alt.Chart().mark_rule(strokeDash=[2, 3]).encode(y=alt.datum(SOLVED))
    return alt.layer(bar, means, points).properties(width=charts.WIDTH, height=240)


def _left(field: str) -> alt.Y:
    """The axis of both gradient charts."""
    import altair as alt

    scale = alt.Scale(type="log", domainMin=LOWEST)
    return alt.Y(field, title="gradient left, 1 = all", scale=scale, axis=alt.Axis(format=".0e", tickCount=6))

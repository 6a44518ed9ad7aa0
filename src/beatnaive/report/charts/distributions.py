"""Scores of whole distributions and of intervals, against naive's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.types import RunData
from beatnaive.report.charts.frames import long_run_sd
from beatnaive.report.charts.intervals import Stated, stated
from beatnaive.report.charts.marks import Chart, inline, model_colour, titled

if TYPE_CHECKING:
    import pandas as pd

LEFT_OF_ZERO = "datum.saved < 0 && datum.shape == 'circle'"


def crps(data: RunData) -> Chart | None:
    """CRPS and Winkler scores of every model against the benchmark's, saved in %, with 90 % intervals.

    100 (1 - score / score of the benchmark), each symbol's scores divided by the benchmark's mean there; interval:
    +-1.645 standard errors of the mean difference per session.
    """
    import altair as alt

    found = stated(data)
    if found is None or len(found.models) < 2 or found.models[0] != found.run.benchmark:
        return None
    table = _saved(found, [model for model in found.models if model != found.run.benchmark])
    left, right = _window(table)
    edges = {"at": left + 0.025 * (right - left), "low": left, "high": left}
    seen = table.assign(**{name: table[name].clip(edge, right) for name, edge in edges.items()})
    scale, axis = alt.Scale(domain=[left, right], nice=False), alt.Axis(tickCount=4, labelOverlap=True)
    x = alt.X("low:Q", title=f"Saved against {found.run.benchmark}, %", scale=scale, axis=axis)
    order = list(dict.fromkeys(table["model"]))
    y = alt.Y("model:N", title=None, sort=order, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    tips = [alt.Tooltip("model:N"), alt.Tooltip("words:N", title="saved, % [90 % interval]")]
    base = alt.Chart().encode(y=y, color=model_colour(found.models, legend=False), tooltip=tips)
    bar = base.mark_rule(strokeWidth=4, opacity=0.5).encode(x=x, x2="high:Q")
    dot = base.mark_point(filled=True, size=90, opacity=1).encode(x="at:Q", shape=alt.Shape("shape:N", scale=None))
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
    # the saving as text, on the side of its dot that is away from the line at zero
    number = alt.Chart().encode(y=y, x="at:Q", text=alt.Text("saved:Q", format="+.1f"))
    left_text = number.mark_text(align="right", dx=-7, dy=-9).transform_filter(LEFT_OF_ZERO)
    numbers = [left_text, number.mark_text(align="left", dx=7, dy=-9).transform_filter(f"!({LEFT_OF_ZERO})")]
    title = titled(
        f"{found.run.subject}: what each model's distribution saves against {found.run.benchmark}'s",
        "CRPS judges the whole distribution, Winkler's score one interval: its width, and a fine for each miss.",
        "Dot and bar: saving and its 90 % interval; right of zero is better. Triangle: beyond the axis.",
    )
    layers = alt.layer(zero, bar, dot, *numbers, data=inline(seen)).properties(width=190, height=36 * len(order))
    facet, spacing = alt.Facet("score:N", title=None), {"row": 74, "column": 40}
    panels = layers.facet(facet=facet, columns=3, bounds="flush", spacing=spacing)
    return panels.resolve_axis(x="independent").properties(title=title)


def _window(table: pd.DataFrame) -> tuple[float, float]:
    """The axis holds all that is near or right of zero; who is far worse is cut at the left edge."""
    right = 1.3 * max(float(table["high"].max()), 0.5)
    return max(1.3 * float(min(table["low"].min(), -0.5)), -8.0 * right), right


def _saved(found: Stated, rivals: list[str]) -> pd.DataFrame:
    """score, model, saved, at (where it is drawn), low, high, in %; words, shape."""
    import pandas as pd

    table = []
    for score, values in found.scores.items():
        daily = found.daily(values)
        for model in rivals:
            d = 100 * (daily[found.run.benchmark] - daily[model]).to_numpy()
            half = 1.645 * long_run_sd(d, found.run.horizon) / np.sqrt(len(d))
            mean, low, high = (float(d.mean()) + k * half for k in (0, -1, 1))
            words = f"{mean:+.2f} [{low:+.2f}, {high:+.2f}]"
            table.append({"score": score, "model": model, "saved": mean, "at": mean, "low": low, "high": high,
                          "words": words})  # fmt: skip
    made = pd.DataFrame(table)
    return made.assign(shape=np.where(made["saved"] < _window(made)[0], "triangle-left", "circle"))

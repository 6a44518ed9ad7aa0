"""`beatnaive explain guide`: the page that teaches LSTMs, each claim shown on a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.core.version import __version__
from beatnaive.explain import charts
from beatnaive.explain.adding_task import Shown, measured, show
from beatnaive.explain.cell import parameter_count
from beatnaive.explain.charts import figure
from beatnaive.explain.market import Market, market
from beatnaive.explain.market import known as known_of_market
from beatnaive.explain.pages import STYLE
from beatnaive.explain.portrait import Portrait
from beatnaive.report.html import Figure, render

if TYPE_CHECKING:
    import altair as alt

WANTED = (9, 45)
"""The window shown is the one whose flags lie nearest to these steps: one long ago, one lately."""


def guide_page(command: str, about: Mapping[str, Any] | None = None, portrait: Portrait | None = None) -> str:
    """HTML: the guide. With `about` and `portrait` (as `run_page` takes them) it also speaks of a run's own network."""
    shown = show()
    traded = market()
    figures = [*_figures(shown), _held(traded)]
    if portrait is not None:
        figures.append(
            figure("run-memory", charts.decay(portrait.memories), "How long your network's layers remember.")
        )
    known = measured()
    sizes = [{**row, **_spread(row["r2"])} for row in known["sizes"]]
    walks = [{**row, **_spread(row["r2"]), "linear": float(np.mean(row["linear_r2"]))} for row in known["walk"]]
    # parameters of some networks on one input: wider against deeper
    one, deeper = parameter_count(1, 50), parameter_count(50, 50)
    counts = [("one layer of 50", one), ("two layers of 50", one + deeper),
              ("one layer of 100", parameter_count(1, 100))]  # fmt: skip
    context = {
        "shown": shown, "measured": known, "sizes": sizes, "walks": walks, "counts": counts, "market": traded,
        "worlds": known_of_market(), "about": about, "portrait": portrait, "command": command, "version": __version__,
    }  # fmt: skip
    return render("guide.html", context, figures, style=STYLE)


def _figures(shown: Shown) -> list[Figure]:
    example = int(np.abs(shown.task.flagged - WANTED).sum(axis=1).argmin())
    window, flagged = shown.task.windows[example], shown.task.flagged[example]
    reaction = shown.learner.reaction(window)
    days = [f"value {value:+.2f}{', flagged' if flag else ''}" for value, flag in window]
    one = shown.recording.window(example)
    back = [59 - int(step) for step in flagged]
    return [
        figure(
            "reaction", reactions(reaction, flagged),
            f"How far the answer moves per unit by which the value of one step is raised. The flagged steps, {back[0]} "
            f"and {back[1]} back, move it by {reaction[flagged[0]]:.2f} and {reaction[flagged[1]]:.2f} (exact: 0.71); "
            f"no other step moves it by more than {np.delete(np.abs(reaction), flagged).max():.2f}.",
        ),
        figure(
            "learner", charts.gates(one, days, "steps"),
            f"Gates and states of the small network over one window, flags {back[0]} and {back[1]} steps back: the "
            "columns where something is written are the flagged ones, and the cell state holds it to the end.",
            canvas=True,
        ),
        figure(
            "age", ages(*shown.error_by_age()),
            "Root mean squared error of the answer by the age of the older flagged value; the answer itself has "
            "a deviation of 1.",
        ),
    ]  # fmt: skip


def _held(traded: Market) -> Figure:
    rows = traded.by_age()
    first, last = rows[:2], rows[-2:]
    return figure(
        "held", holding(rows),
        f"Unit {traded.unit + 1} by the age of the last shock. In the session of the shock its forget gate stands at "
        f"{first[0]['forget']:.2f} (upward) and {first[1]['forget']:.2f} (downward), {last[0]['age']:.0f} sessions "
        f"later at {last[0]['forget']:.2f} and {last[1]['forget']:.2f}. The cell state is then "
        f"{last[0]['cell']:+.2f} after upward and {last[1]['cell']:+.2f} after downward shocks (the middle; the bands "
        f"are the middle half of {last[0]['n']} to {rows[2]['n']} windows).",
    )  # fmt: skip


def holding(rows: list[dict[str, Any]]) -> alt.TopLevelMixin:
    """What the unit that holds the sign does with a shock, session by session since then; rows of `Market.by_age`."""
    import altair as alt
    import pandas as pd

    x = alt.X("age:Q", title="sessions since the shock", scale=alt.Scale(domain=[0, max(row["age"] for row in rows)]))
    scale = alt.Scale(domain=["upward", "downward"], range=[charts.HUES[0], charts.HUES[1]])
    colour = alt.Color("shock:N", scale=scale, legend=alt.Legend(title="last shock", symbolType="stroke"))
    tips = [alt.Tooltip("age:Q", format=".0f"), "shock:N", alt.Tooltip("cell:Q", format="+.2f"),
            alt.Tooltip("forget:Q", format=".2f"), alt.Tooltip("n:Q", title="windows")]  # fmt: skip
    band = (
        alt.Chart().mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q", title="cell state"), y2="high:Q", color=colour)
    )
    line = alt.Chart().mark_line(point=True, strokeWidth=2.2).encode(x=x, color=colour, tooltip=tips)
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(0))
    gate = line.encode(y=alt.Y("forget:Q", title="forget gate", scale=alt.Scale(domain=[0, 1])))
    cell = alt.layer(zero, band, line.encode(y=alt.Y("cell:Q", title="cell state")))
    panels = [gate.properties(width=charts.WIDTH, height=120), cell.properties(width=charts.WIDTH, height=200)]
    return alt.vconcat(*panels, data=charts.inline(pd.DataFrame(rows)), spacing=18)


def reactions(values: Floats, flagged: Any) -> alt.TopLevelMixin:
    """Bars of the answer's reaction per step; the flagged steps stand out."""
    import altair as alt
    import pandas as pd

    steps = len(values)
    flags = np.isin(np.arange(steps), flagged)
    frame = pd.DataFrame({"lag": charts.lags(steps), "value": values, "step": np.where(flags, "flagged", "other")})
    x = alt.X("lag:O", title="steps back", axis=alt.Axis(values=charts.lags(steps)[::-5], labelAngle=0, ticks=False))
    y = alt.Y("value:Q", title="reaction of the answer")
    scale = alt.Scale(domain=["flagged", "other"], range=[charts.HUES[1], charts.HUES[0]])
    colour = alt.Color("step:N", scale=scale, legend=alt.Legend(symbolType="square"))
    tips = ["lag:O", "step:N", alt.Tooltip("value:Q", format="+.3f")]
    bars = alt.Chart(charts.inline(frame)).mark_bar().encode(x=x, y=y, color=colour, tooltip=tips)
    chart: alt.TopLevelMixin = bars.properties(width=charts.WIDTH, height=200)
    return chart


def ages(age: Floats, error: Floats) -> alt.TopLevelMixin:
    """Error by the age of what had to be remembered."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"age": age, "error": error})
    x = alt.X("age:Q", title="steps since the older flag", scale=alt.Scale(domain=[30, 60]))
    y = alt.Y("error:Q", title="root mean squared error", scale=alt.Scale(domain=[0, 1]))
    line = alt.Chart(charts.inline(frame)).mark_line(point={"size": 60}, color=charts.HUES[0], strokeWidth=2.2)
    guess = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(1.0))
    tips = [alt.Tooltip("age:Q"), alt.Tooltip("error:Q", format=".3f")]
    return alt.layer(guess, line.encode(x=x, y=y, tooltip=tips)).properties(width=charts.WIDTH, height=200)


def _spread(values: list[float]) -> dict[str, float]:
    """Mean, lowest and highest over seeds."""
    return {"mean": float(np.mean(values)), "low": min(values), "high": max(values)}

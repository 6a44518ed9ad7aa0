"""The charts of `explain`: gates as heat maps, reasons, memory, and what another last day would have done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.explain.cell import Recording
from beatnaive.explain.memory import Memory
from beatnaive.report.charts import to_spec
from beatnaive.report.charts.theme import GAIN, HARM
from beatnaive.report.html import Figure

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

WIDTH = 700
HUES = ("#0096ff", "#c38700", "#00782d", "#a51ec3", "#e1003c")
PANELS = {
    "forget": "Forget gate: 1 keeps, 0 erases",
    "input": "Input gate: 1 writes, 0 ignores",
    "candidate": "Candidate: what would be written",
    "output": "Output gate: 1 shows, 0 hides",
    "cell": "Cell state: the memory",
    "hidden": "Hidden state: what is handed on",
}
GATED = ("forget", "input", "output")


def figure(name: str, chart: alt.TopLevelMixin, words: str, *, canvas: bool = False) -> Figure:
    """A chart as a figure of a page of `explain`; `words` say what it shows to those who cannot see it."""
    return Figure(name=name, spec=to_spec(chart), caption=words, canvas=canvas)


def inline(frame: pd.DataFrame) -> alt.InlineData:
    """A frame inside the chart as CSV with four significant digits, a third of the size of JSON rows."""
    import altair as alt

    parse = {str(name): "number" if kind.kind in "fiu" else "string" for name, kind in frame.dtypes.items()}
    text = frame.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    return alt.InlineData(values=text, format=alt.CsvDataFormat(type="csv", parse=parse))


def lags(steps: int) -> list[int]:
    """-(steps - 1) .. 0: sessions before the last one of the window."""
    return list(range(1 - steps, 1))


def gates(recording: Recording, days: Sequence[str], noun: str = "sessions") -> alt.TopLevelMixin:
    """Six heat maps of one window, units (rows, those that remember best on top) against sessions (columns).

    recording: each array (steps, units); days: a label per step, shown on hovering; noun: what a step is.
    """
    import altair as alt

    frame = _gate_frame(recording, days)
    panels = [_panel(name, recording, noun) for name in PANELS]
    rows = [alt.hconcat(*panels[k : k + 2], spacing=34).resolve_scale(color="independent") for k in (0, 2, 4)]
    whole: alt.TopLevelMixin = alt.vconcat(*rows, data=inline(frame), spacing=22).resolve_scale(color="independent")
    return whole


def _gate_frame(recording: Recording, days: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    steps, units = recording.cell.shape
    order = np.argsort(-recording.forget.mean(axis=0), kind="stable")
    return pd.DataFrame(
        {
            "lag": np.repeat(lags(steps), units),
            "day": np.repeat(list(days), units),
            "rank": np.tile(np.arange(1, units + 1), steps),
            "unit": np.tile(order + 1, steps),
            **{name: getattr(recording, name)[:, order].ravel() for name in PANELS},
        }
    )


def _panel(name: str, recording: Recording, noun: str) -> alt.Chart:
    import altair as alt

    steps, units = recording.cell.shape
    edge = float(np.abs(getattr(recording, name)).max()) or 1.0
    gated = name in GATED
    scale = alt.Scale(domain=[0, 1] if gated else [-edge, edge], range="heatmap" if gated else "diverging")
    legend = alt.Legend(orient="right", gradientLength=120, gradientThickness=9, tickCount=3, offset=6, title=None)
    x = alt.X("lag:O", title=f"{noun} back", axis=alt.Axis(values=lags(steps)[::-10], labelAngle=0, ticks=False))
    y = alt.Y("rank:O", title="unit", axis=alt.Axis(labels=False, ticks=False, domain=False))
    tips = [alt.Tooltip("day:N"), alt.Tooltip("unit:Q"), alt.Tooltip(f"{name}:Q", format=".3f")]
    marks = (
        alt.Chart().mark_rect().encode(x=x, y=y, color=alt.Color(f"{name}:Q", scale=scale, legend=legend), tooltip=tips)
    )
    title = alt.TitleParams(PANELS[name], fontSize=13, offset=6)
    panel: alt.Chart = marks.properties(
        width=alt.Step(_pixels(steps, 260)), height=alt.Step(_pixels(units, 200)), title=title
    )
    return panel


def _pixels(cells: int, room: int) -> int:
    """Whole pixels per cell, so that no seams show between the cells."""
    return int(np.clip(room // cells, 1, 14))


def attribution(values: Floats, days: Sequence[str], unit: str) -> alt.TopLevelMixin:
    """What each session added to the forecast; values (steps,), in `unit`."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"lag": lags(len(values)), "day": list(days), "value": values})
    frame["tone"] = np.where(frame["value"] < 0, HARM, GAIN)
    x = alt.X("lag:O", title="sessions back", axis=alt.Axis(values=lags(len(values))[::-5], labelAngle=0, ticks=False))
    y = alt.Y("value:Q", title=f"added to the forecast, {unit}")
    tips = [alt.Tooltip("day:N"), alt.Tooltip("value:Q", format="+.3~g", title=unit)]
    bars = alt.Chart(inline(frame)).mark_bar().encode(x=x, y=y, color=alt.Color("tone:N", scale=None), tooltip=tips)
    zero = alt.Chart().mark_rule().encode(y=alt.datum(0))
    return alt.layer(bars, zero).properties(width=WIDTH, height=220)


def features(values: Floats, names: Sequence[str], unit: str) -> alt.TopLevelMixin:
    """What each feature added to the forecast, summed over the window; values (features,), largest on top."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"feature": list(names), "value": values})
    frame["tone"] = np.where(frame["value"] < 0, HARM, GAIN)
    frame = frame.reindex(frame["value"].abs().sort_values(ascending=False).index).head(20)
    y = alt.Y("feature:N", title=None, sort=list(frame["feature"]), axis=alt.Axis(ticks=False, domain=False))
    x = alt.X("value:Q", title=f"added to the forecast, {unit}")
    tips = ["feature:N", alt.Tooltip("value:Q", format="+.3~g", title=unit)]
    bars = alt.Chart(inline(frame)).mark_bar().encode(x=x, y=y, color=alt.Color("tone:N", scale=None), tooltip=tips)
    chart: alt.TopLevelMixin = bars.properties(width=WIDTH - 140, height=22 * len(frame))
    return chart


def decay(memories: Sequence[Memory]) -> alt.TopLevelMixin:
    """What is left of a change in the cell state k sessions later, a colour per layer; dashed: forget gates alone."""
    import altair as alt
    import pandas as pd

    names = [f"layer {k}" for k in range(1, len(memories) + 1)]
    parts = [
        pd.DataFrame({"lag": range(len(curve)), "left": curve, "layer": name, "along": along})
        for name, one in zip(names, memories, strict=True)
        for along, curve in (("all paths", one.sensitivity), ("the forget gates alone", one.carried))
    ]
    widths = [2.0 + 2.0 * k for k in reversed(range(len(names)))]  # lines that coincide all stay visible
    paths = alt.Scale(domain=["all paths", "the forget gates alone"], range=[[1, 0], [5, 3]])
    lines = (
        alt.Chart(inline(pd.concat(parts, ignore_index=True)))
        .mark_line()
        .encode(
            x=alt.X("lag:Q", title="sessions later", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("left:Q", title="left of a change in the cell state", scale=alt.Scale(domainMin=0)),
            color=alt.Color("layer:O", scale=alt.Scale(domain=names, range=list(HUES[: len(names)]))),
            strokeWidth=alt.StrokeWidth("layer:O", scale=alt.Scale(domain=names, range=widths)),
            strokeDash=alt.StrokeDash("along:N", scale=paths, legend=alt.Legend(symbolType="stroke")),
            tooltip=["layer:N", "along:N", "lag:Q", alt.Tooltip("left:Q", format=".3f")],
        )
    )
    half = alt.Chart().mark_rule(strokeDash=[2, 3]).encode(y=alt.datum(0.5))
    return alt.layer(half, lines).properties(width=WIDTH, height=240)


def reach(curve: Floats) -> alt.TopLevelMixin:
    """How strongly the output reacts to the input of k sessions before; curve (steps,), the largest = 1."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"lag": -np.arange(len(curve)), "reach": curve})
    x = alt.X("lag:Q", title="sessions back", axis=alt.Axis(tickMinStep=1))
    y = alt.Y("reach:Q", title="reaction to the input, largest = 1", scale=alt.Scale(domain=[0, 1]))
    area = alt.Chart(inline(frame)).mark_area(color=GAIN, fillOpacity=0.25, line={"color": GAIN, "strokeWidth": 2.2})
    tips = ["lag:Q", alt.Tooltip("reach:Q", format=".3f")]
    chart: alt.TopLevelMixin = area.encode(x=x, y=y, tooltip=tips).properties(width=WIDTH, height=200)
    return chart


def what_if(moves: Floats, forecasts: Floats, actual: float) -> alt.TopLevelMixin:
    """Forecast against the last session's move; both log returns in %; the rule marks the move that happened."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"move": moves, "forecast": forecasts})
    x = alt.X("move:Q", title="if the last session's return had been, %", scale=alt.Scale(nice=False))
    y = alt.Y("forecast:Q", title="forecast of the next return, %", scale=alt.Scale(zero=True))
    tips = [alt.Tooltip("move:Q", format="+.2f"), alt.Tooltip("forecast:Q", format="+.3f")]
    line = alt.Chart(inline(frame)).mark_line(strokeWidth=2.4, point=True, color=GAIN).encode(x=x, y=y, tooltip=tips)
    here = alt.Chart().mark_rule(strokeDash=[4, 3], color=HARM, strokeWidth=1.6).encode(x=alt.datum(actual))
    naive = alt.Chart().mark_rule().encode(y=alt.datum(0))
    return alt.layer(naive, here, line).properties(width=WIDTH, height=260)

"""The parts that charts share: compact inline data, the colour scale of the models, zoom and hover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from beatnaive.report.charts.theme import looks

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

Chart: TypeAlias = Any
"""An Altair chart. Each composition is another class there and its methods are loosely typed; here all are alike."""

WIDTH, HEIGHT = 720, 320
DAY = "%-d %b %Y"


def inline(frame: pd.DataFrame) -> alt.InlineData:
    """A frame inside the chart, as CSV with six significant digits: a third of the size of JSON rows.

    Dates are written as midnights without a zone, which browsers read as local: no time zone moves them to the day
    before. (A format such as date:'%Y-%m-%d' would be applied twice where two layers share the data, and fail.)
    """
    import altair as alt

    parse = {str(name): _parsed(kind.kind) for name, kind in frame.dtypes.items()}
    text = frame.to_csv(index=False, float_format="%.6g", date_format="%Y-%m-%dT%H:%M", lineterminator="\n")
    return alt.InlineData(values=text, format=alt.CsvDataFormat(type="csv", parse=parse))


def _parsed(kind: str) -> str:
    return {"M": "date", "f": "number", "i": "number", "u": "number"}.get(kind, "string")


def model_colour(models: Sequence[str], *, legend: bool = True) -> alt.Color:
    """The same colour for the same model in every chart."""
    import altair as alt

    colours = [look.colour for look in looks(models).values()]
    scale = alt.Scale(domain=list(looks(models)), range=colours)
    return alt.Color("model:N", scale=scale, legend=alt.Legend(symbolType="stroke") if legend else None)


def model_dash(models: Sequence[str], *, legend: bool = True) -> alt.StrokeDash:
    """The same dashes for the same model in every chart."""
    import altair as alt

    dashes = [list(look.dash) for look in looks(models).values()]
    scale = alt.Scale(domain=list(looks(models)), range=dashes)
    return alt.StrokeDash("model:N", scale=scale, legend=alt.Legend() if legend else None)


def dates(field: str = "date", *, title: str | None = None, ticks: int = 8) -> alt.X:
    """A time axis that names month and year at the first of a month, day and month elsewhere, at any zoom."""
    import altair as alt

    label = "timeFormat(datum.value, date(datum.value) == 1 ? '%b %Y' : '%-d %b')"
    axis = alt.Axis(labelExpr=label, labelOverlap="greedy", labelSeparation=8, labelAngle=0, tickCount=ticks)
    return alt.X(f"{field}:T", title=title, axis=axis)


def titled(text: str, *lines: str) -> alt.TitleParams:
    """A title that states the content, and what to look for under it."""
    import altair as alt

    return alt.TitleParams(text=text, subtitle=[line for line in lines if line])


def zoom() -> alt.Parameter:
    """Drag to move along x, Shift and wheel to zoom (a bare wheel scrolls the page), double click to reset."""
    import altair as alt

    return alt.selection_interval(name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.shiftKey]")


def pick_in_legend() -> alt.Parameter:
    """A click on a model in the legend fades the others."""
    import altair as alt

    return alt.selection_point(name="picked", fields=["model"], bind="legend")


def faded(picked: alt.Parameter, full: float = 1.0) -> alt.Opacity:
    """Full opacity for what is picked in the legend."""
    import altair as alt

    return alt.Opacity(condition=alt.OpacityValue(full, param=picked.name, empty=True), value=0.08)


def hover(base: Chart, x: str, tooltip: Sequence[Any]) -> Chart:
    """Invisible points that show the values of the nearest one under the pointer."""
    import altair as alt

    near = alt.selection_point(name="near", nearest=True, on="pointermove", clear="pointerout", empty=False)
    shown = alt.Opacity(condition=alt.OpacityValue(1, param="near", empty=False), value=0)
    return base.mark_point(filled=True, size=50).encode(x=x, opacity=shown, tooltip=list(tooltip)).add_params(near)


def plural(n: int, noun: str) -> str:
    """A count and its noun.

    >>> plural(1, "model"), plural(3, "model")
    ('1 model', '3 models')
    """
    return f"{n} {noun}" if n == 1 else f"{n:,} {noun}s"

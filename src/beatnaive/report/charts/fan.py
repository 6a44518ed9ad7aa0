"""The fan chart: recent closes, then the next sessions' forecast with its 50, 80 and 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from beatnaive.report.charts.marks import HEIGHT, WIDTH, Chart, dates, inline, titled

COLOURS = {
    "close": "#565d6b", "forecast": "#0b4f8a",
    "50 % interval": "#58b7ff", "80 % interval": "#9bd4ff", "95 % interval": "#d3ecff",
}  # fmt: skip
"""Bands lie on each other, the widest at the bottom, so that the likeliest is the darkest."""

BEFORE, PER_STEP = 20, 5
"""Closes before the origin: a month, more where the fan is long, so that the fan is never a sliver at the edge."""


def fan(forecast: Mapping[str, Any], recent: Sequence[tuple[str, float]]) -> Chart:
    """A forecast (as in its file) after the closes before it; y: currency of the close.

    forecast: symbol, origin, close, model, stale and steps with session, price and intervals by coverage in %;
    recent: (session, close) up to the origin.
    """
    import altair as alt
    import pandas as pd

    # a row per session: `close` up to the origin; from the origin on, where the fan is closed, centre and edges
    start, steps, last = forecast["close"], forecast["steps"], forecast["steps"][-1]
    shown = recent[-max(BEFORE, PER_STEP * len(steps)) :]
    past = pd.DataFrame({"date": [day for day, _ in shown], "close": [close for _, close in shown]})
    ahead = pd.DataFrame({"date": [forecast["origin"], *(step["session"] for step in steps)]})
    ahead["centre"] = [start, *(step["price"] for step in steps)]
    bands = []
    for coverage in ("95", "80", "50"):
        low, high = f"low{coverage}", f"high{coverage}"
        for k, side in enumerate((low, high)):
            ahead[side] = [start, *(step["intervals"][coverage][k] for step in steps)]
        area = _part(f"{coverage} % interval").mark_area(line=False, opacity=1)
        bands.append(area.encode(y=f"{low}:Q", y2=f"{high}:Q"))
    frame = past.merge(ahead, on="date", how="outer").sort_values("date")

    y = alt.Y("close:Q", title=f"Close of {forecast['symbol']}", scale=alt.Scale(zero=False))
    line = _part("close").mark_line(point=alt.OverlayMarkDef(size=14)).encode(y=y)
    centre = _part("forecast").mark_line(strokeDash=[4, 3], point=len(steps) <= 12).encode(y="centre:Q")
    chart = alt.layer(*bands, line, centre, data=inline(frame.assign(date=pd.to_datetime(frame["date"]))))
    within = [f"{coverage} % within {low:,.2f} .. {high:,.2f}" for coverage, (low, high) in last["intervals"].items()]
    title = titled(
        f"{forecast['symbol']}: {last['price']:,.2f} expected at the close of {last['session']}",
        ", ".join(within) + ".",
        f"Standing on the close of {forecast['origin']}, {start:,.2f}; centre: {forecast['model']}.",
        _lean(last),
        forecast["stale"] or "",
    )
    return chart.properties(width=WIDTH, height=HEIGHT, title=title)


def _lean(step: Mapping[str, Any]) -> str:
    """Why a forecast lies outside of its own 50 % interval, where it does."""
    low, high = step["intervals"]["50"]
    if low <= step["price"] <= high:
        return ""
    low_side = step["price"] < low
    return (
        f"The model's past forecasts were mostly too {'low' if low_side else 'high'}: "
        f"the fan, made of their errors, lies {'above' if low_side else 'below'} its centre."
    )


def _part(name: str) -> Chart:
    """A layer of one name of `COLOURS`."""
    import altair as alt

    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    colour = alt.Color("part:N", scale=scale, legend=alt.Legend(symbolType="square", symbolStrokeWidth=0))
    return alt.Chart().transform_calculate(part=f"'{name}'").encode(x=dates(title="Session"), color=colour)

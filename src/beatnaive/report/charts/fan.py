"""The fan chart: recent closes, then the next sessions' forecast with its 50, 80 and 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from beatnaive.report.charts.marks import HEIGHT, WIDTH, Chart, dates, inline, titled

if TYPE_CHECKING:
    import pandas as pd

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

    shown = recent[-max(BEFORE, PER_STEP * len(forecast["steps"])) :]
    frame = _frame(forecast, shown)
    y = alt.Y("close:Q", title=f"Close of {forecast['symbol']}", scale=alt.Scale(zero=False))
    line = _part("close").mark_line(point=alt.OverlayMarkDef(size=14)).encode(y=y)
    bands = [_band(coverage) for coverage in ("95", "80", "50")]
    centre = _part("forecast").mark_line(strokeDash=[4, 3], point=len(forecast["steps"]) <= 12).encode(y="centre:Q")
    chart = alt.layer(*bands, line, centre, data=inline(frame))
    return chart.properties(width=WIDTH, height=HEIGHT, title=titled(_title(forecast), *_subtitle(forecast)))


def _part(name: str) -> Chart:
    """A layer of one name of `COLOURS`."""
    import altair as alt

    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    colour = alt.Color("part:N", scale=scale, legend=alt.Legend(symbolType="square", symbolStrokeWidth=0))
    return alt.Chart().transform_calculate(part=f"'{name}'").encode(x=dates(title="Session"), color=colour)


def _band(coverage: str) -> Chart:
    area = _part(f"{coverage} % interval").mark_area(line=False, opacity=1)
    return area.encode(y=f"low{coverage}:Q", y2=f"high{coverage}:Q")


def _frame(forecast: Mapping[str, Any], recent: Sequence[tuple[str, float]]) -> pd.DataFrame:
    """A row per session: `close` up to the origin; from the origin on, where the fan is closed, centre and edges."""
    import pandas as pd

    start = forecast["close"]
    past = pd.DataFrame({"date": [day for day, _ in recent], "close": [close for _, close in recent]})
    ahead = pd.DataFrame({"date": [forecast["origin"], *(step["session"] for step in forecast["steps"])]})
    ahead["centre"] = [start, *(step["price"] for step in forecast["steps"])]
    for coverage in ("95", "80", "50"):
        for side, k in (("low", 0), ("high", 1)):
            ahead[f"{side}{coverage}"] = [start, *(step["intervals"][coverage][k] for step in forecast["steps"])]
    whole = past.merge(ahead, on="date", how="outer").sort_values("date")
    return whole.assign(date=pd.to_datetime(whole["date"]))


def _title(forecast: Mapping[str, Any]) -> str:
    last = forecast["steps"][-1]
    return f"{forecast['symbol']}: {last['price']:,.2f} expected at the close of {last['session']}"


def _subtitle(forecast: Mapping[str, Any]) -> list[str]:
    last = forecast["steps"][-1]
    text = [f"{coverage} % within {low:,.2f} .. {high:,.2f}" for coverage, (low, high) in last["intervals"].items()]
    stands = f"Standing on the close of {forecast['origin']}, {forecast['close']:,.2f}; centre: {forecast['model']}"
    return [", ".join(text), stands, *([forecast["stale"]] if forecast["stale"] else [])]

"""The fan chart: recent closes, then the next sessions' forecast with its 50, 80 and 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from beatnaive.figures.marks import HEIGHT, WIDTH, Chart, dates, inline
from beatnaive.figures.theme import INKS

if TYPE_CHECKING:
    import pandas as pd

BANDS = (("95", 0.18), ("80", 0.28), ("50", 0.4))
"""Coverage in % and the opacity of its band: they lie on each other, so that the likeliest is the darkest."""

BLUE = "#0096ff"


def fan(forecast: Mapping[str, Any], recent: Sequence[tuple[str, float]]) -> Chart:
    """A forecast (as in its file) after the closes before it; y: currency of the close.

    forecast: symbol, origin, close, model, stale and steps with session, price and intervals by coverage in %;
    recent: (session, close) up to the origin.
    """
    import altair as alt

    frame = _frame(forecast, recent)
    base = alt.Chart().encode(x=dates())
    y = alt.Y("close:Q", title=f"Close of {forecast['symbol']}", scale=alt.Scale(zero=False))
    line = base.mark_line(color=INKS["light"]["muted"]).encode(y=y)
    bands = [_band(base, coverage, opacity) for coverage, opacity in BANDS]
    centre = base.mark_line(color=BLUE, point=len(forecast["steps"]) <= 12).encode(y="centre:Q")
    title = alt.TitleParams(_title(forecast), subtitle=_subtitle(forecast))
    return alt.layer(*bands, line, centre, data=inline(frame)).properties(width=WIDTH, height=HEIGHT, title=title)


def _band(base: Chart, coverage: str, opacity: float) -> Chart:
    area = base.mark_area(color=BLUE, opacity=opacity, line=False)
    return area.encode(y=f"low{coverage}:Q", y2=f"high{coverage}:Q")


def _frame(forecast: Mapping[str, Any], recent: Sequence[tuple[str, float]]) -> pd.DataFrame:
    """A row per session: `close` up to the origin; from the origin on, where the fan is closed, centre and edges."""
    import pandas as pd

    start = forecast["close"]
    past = pd.DataFrame({"date": [day for day, _ in recent], "close": [close for _, close in recent]})
    ahead = pd.DataFrame({"date": [forecast["origin"], *(step["session"] for step in forecast["steps"])]})
    ahead["centre"] = [start, *(step["price"] for step in forecast["steps"])]
    for coverage, _ in BANDS:
        for side, k in (("low", 0), ("high", 1)):
            ahead[f"{side}{coverage}"] = [start, *(step["intervals"][coverage][k] for step in forecast["steps"])]
    whole = past.merge(ahead, on="date", how="outer").sort_values("date")
    return whole.assign(date=pd.to_datetime(whole["date"]))


def _title(forecast: Mapping[str, Any]) -> str:
    last = forecast["steps"][-1]
    return f"{forecast['symbol']}: {last['price']:,.2f} expected on {last['session']} ({last['model']})"


def _subtitle(forecast: Mapping[str, Any]) -> list[str]:
    last = forecast["steps"][-1]
    text = [f"{coverage} % within {low:,.2f} .. {high:,.2f}" for coverage, (low, high) in last["intervals"].items()]
    return [", ".join(text), *([forecast["stale"]] if forecast["stale"] else [])]

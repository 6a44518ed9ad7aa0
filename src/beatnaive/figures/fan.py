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

    history, ahead = _history(recent), _ahead(forecast)
    y = alt.Y("value:Q", title=f"Close of {forecast['symbol']}", scale=alt.Scale(zero=False))
    line = alt.Chart(inline(history)).mark_line(color=INKS["light"]["muted"]).encode(x=dates(), y=y)
    base = alt.Chart(inline(ahead))
    bands = [_band(base, coverage, opacity) for coverage, opacity in BANDS]
    centre = base.mark_line(color=BLUE, point=len(ahead) <= 12).encode(x=dates(), y=alt.Y("value:Q"))
    title = alt.TitleParams(_title(forecast), subtitle=_subtitle(forecast))
    return alt.layer(*bands, line, centre).properties(width=WIDTH, height=HEIGHT, title=title)


def _band(base: Chart, coverage: str, opacity: float) -> Chart:
    import altair as alt

    low, high = alt.Y(f"low{coverage}:Q"), alt.Y2(f"high{coverage}:Q")
    return base.mark_area(color=BLUE, opacity=opacity, line=False).encode(x=dates(), y=low, y2=high)


def _history(recent: Sequence[tuple[str, float]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"date": pd.to_datetime([day for day, _ in recent]), "value": [close for _, close in recent]})


def _ahead(forecast: Mapping[str, Any]) -> pd.DataFrame:
    """The origin itself, where the fan is closed, then a row per session."""
    import pandas as pd

    days = [forecast["origin"], *(step["session"] for step in forecast["steps"])]
    frame = pd.DataFrame({"date": pd.to_datetime(days)})
    frame["value"] = [forecast["close"], *(step["price"] for step in forecast["steps"])]
    for coverage, _ in BANDS:
        for side, k in (("low", 0), ("high", 1)):
            edges = [step["intervals"][coverage][k] for step in forecast["steps"]]
            frame[f"{side}{coverage}"] = [forecast["close"], *edges]
    return frame


def _title(forecast: Mapping[str, Any]) -> str:
    last = forecast["steps"][-1]
    return f"{forecast['symbol']}: {last['price']:,.2f} expected on {last['session']} ({last['model']})"


def _subtitle(forecast: Mapping[str, Any]) -> list[str]:
    last = forecast["steps"][-1]
    text = [f"{coverage} % within {low:,.2f} .. {high:,.2f}" for coverage, (low, high) in last["intervals"].items()]
    return [", ".join(text), *([forecast["stale"]] if forecast["stale"] else [])]

"""Forecast against actual: on levels, where every model looks right, and on returns, where the illusion ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.types import RunData
from beatnaive.report.charts.frames import View, mean_by, view
from beatnaive.report.charts.marks import (
    DAY,
    HEIGHT,
    WIDTH,
    Chart,
    dates,
    faded,
    inline,
    model_colour,
    model_dash,
    pick_in_legend,
    plural,
    titled,
)

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

DETAIL = 40
"""Sessions in the close-up of the level chart."""

ACTUAL = "datum.model == 'actual' && datum.seen == 1"


def close_with_forecasts(data: RunData) -> Chart | None:
    """Close and every model's forecast over the test period, with a close-up that a brush moves.

    y: currency of the close (volatility studies: % per horizon). The close-up shows what the whole hides: a forecast
    that follows yesterday's close looks right from afar.
    """
    import altair as alt
    import pandas as pd

    run = view(data)
    if not len(run):
        return None
    symbol = run.symbols[0]
    lines = _lines(run)
    days = np.sort(lines["date"].unique())
    ends = [_date(days[-min(DETAIL, len(days))]), _date(days[-1])]
    brush = alt.selection_interval(name="closeup", encodings=["x"], value={"x": ends})
    first, last = (pd.Timestamp(day).strftime("%-d %b %Y") for day in (days[0], days[-1]))
    among = f"The first of {plural(len(run.symbols), 'symbol')}. " if len(run.symbols) > 1 else ""
    what = "volatility" if run.volatility else "close"
    title = titled(
        f"{symbol}: {what} and the forecasts made {run.ahead} before, {first} to {last}",
        f"{among}Thick line: what happened. Below: a close-up of {min(DETAIL, len(days))} sessions; drag the shade.",
    )
    chart = alt.vconcat(_whole(run, brush), _closeup(run, brush), data=inline(lines), title=title)
    return chart.resolve_scale(color="shared", strokeDash="shared")


def _lines(run: View) -> pd.DataFrame:
    """The first symbol's date, model, value and seen (1 = what happened); at most the last 1,000 sessions."""
    import pandas as pd

    rows = np.flatnonzero(run.symbol == 0)[-1000:]
    seen, made = (run.actual, run.forecast) if run.volatility else (run.y, run.made.__getitem__)
    scale = 100.0 if run.volatility else 1.0
    days = run.target_date[rows].astype("datetime64[ns]")
    lines = [("actual", 1, seen), *((name, 0, made(name)) for name in run.models)]
    parts = [pd.DataFrame({"date": days, "model": name, "value": scale * values[rows], "seen": flag})
             for name, flag, values in lines]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _date(day: np.datetime64) -> alt.DateTime:
    import altair as alt

    year, month, date = (int(part) for part in str(day.astype("datetime64[D]")).split("-"))
    return alt.DateTime(year=year, month=month, date=date)


def _whole(run: View, brush: alt.Parameter) -> Chart:
    """The whole test period, small: the brush on it chooses the close-up."""
    import altair as alt

    base: Chart = alt.Chart().encode(x=dates(), y=_y(run))
    actual = base.transform_filter(ACTUAL).mark_line(style="ink", strokeWidth=1.4)
    made = base.transform_filter(f"!({ACTUAL})").mark_line(strokeWidth=1.1, opacity=0.75)
    made = made.encode(color=model_colour(run.models), strokeDash=model_dash(run.models))
    return alt.layer(actual, made.add_params(brush)).properties(width=WIDTH, height=170)


def _closeup(run: View, brush: alt.Parameter) -> Chart:
    """The brushed sessions, with a dot per close and hover values."""
    import altair as alt

    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("value:Q", title=_unit(run), format=",.2f")]
    picked = pick_in_legend()
    part: Chart = alt.Chart().transform_filter(brush).encode(x=dates(title="Session forecast"), y=_y(run))
    actual = part.transform_filter(ACTUAL)
    made = part.transform_filter(f"!({ACTUAL})").mark_line(strokeWidth=1.6).encode(
        color=model_colour(run.models), strokeDash=model_dash(run.models), opacity=faded(picked, 0.9)
    )  # fmt: skip
    layers = [
        actual.mark_line(style="ink", strokeWidth=1.8), actual.mark_point(style="ink", size=22, filled=True),
        made.add_params(picked), part.mark_point(size=90, opacity=0).encode(tooltip=tips),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _unit(run: View) -> str:
    return "Volatility, %" if run.volatility else "Close"


def _y(run: View) -> alt.Y:
    import altair as alt

    return alt.Y("value:Q", title=_unit(run), scale=alt.Scale(zero=False))


def returns_scatter(data: RunData) -> Chart | None:
    """Forecast against actual return, a panel per model, in % per horizon, both axes to the same scale.

    Models with one constant forecast have nothing to correlate and get no panel.
    """
    import altair as alt
    import pandas as pd

    run = view(data)
    moving = {}  # models whose forecast changes within a symbol, and the heading of their panel
    for model in run.models:
        forecast = run.forecast(model)
        away = forecast - mean_by(run.symbol, forecast, len(run.symbols))[run.symbol]
        if mean_by(run.symbol, away**2, len(run.symbols)).max(initial=0.0) > 1e-18:
            r = np.corrcoef(forecast, run.actual)[0, 1].round(2) + 0.0
            moving[model] = f"{model}: correlation {r:+.2f}"
    if not moving:
        return None
    kept = slice(None, None, -(-len(run) // 600))  # at most 600 points per model, evenly spread
    points = pd.concat([
        pd.DataFrame({
            "symbol": np.array(run.symbols)[run.symbol[kept]], "model": model, "panel": panel,
            "date": run.target_date[kept].astype("datetime64[ns]"),
            "forecast": 100 * run.forecast(model)[kept], "actual": 100 * run.actual[kept],
        })
        for model, panel in moving.items()
    ])  # fmt: skip
    edge = float(np.ceil(np.nanquantile(points["actual"].abs(), 0.998) * 1.1 * 2) / 2)
    low = 0.0 if run.volatility else -edge
    ends = alt.InlineData(values=[{"at": low}, {"at": edge}])  # where a perfect forecast would lie
    dashes = alt.Chart(ends).mark_line(style="ink", strokeWidth=1, strokeDash=[4, 3], opacity=0.6)
    scale, noun = alt.Scale(domain=[low, edge]), "volatility" if run.volatility else "return"
    tips = ["symbol:N", alt.Tooltip("date:T", format=DAY), alt.Tooltip("forecast:Q", format=".2f", title="forecast, %"),
            alt.Tooltip("actual:Q", format=".2f", title="actual, %")]  # fmt: skip
    cloud = alt.Chart().mark_point(filled=True, size=18, opacity=0.55, clip=True).encode(
        x=alt.X("forecast:Q", title=f"Forecast {noun}, %", scale=scale),
        y=alt.Y("actual:Q", title=f"Actual {noun}, %", scale=scale),
        color=model_colour(run.models, legend=False),
        tooltip=tips,
    )  # fmt: skip
    still = [name for name in run.models if name not in moving]
    whose = "its forecast never changes" if len(still) == 1 else "their forecasts never change"
    title = titled(
        f"{run.subject}: forecast against actual {noun} over {run.ahead}",
        "Dashes: a perfect forecast. A forecast without information is a cloud that does not lean towards them.",
        f"No panel for {', '.join(still)}: {whose}." if still else "",
    )
    return (
        alt.layer(dashes.encode(x="at:Q", y="at:Q"), cloud, data=inline(points))
        .properties(width=205, height=205)
        .facet(facet=alt.Facet("panel:N", title=None, sort=list(moving.values())), columns=3)
        .resolve_axis(x="independent", y="independent")
        .properties(title=title)
    )

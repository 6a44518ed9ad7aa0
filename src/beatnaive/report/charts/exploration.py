"""Charts of one symbol's prices before any model: what `explore` computed, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.report.charts.marks import DAY, HEIGHT, WIDTH, Chart, dates, hover, inline, plural, titled, zoom
from beatnaive.report.charts.theme import GAIN, HARM, PALETTE

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.prices.explore import Exploration
    from beatnaive.prices.explore.returns import Outlier

MOST = 1500
"""Points of a line; longer series are thinned to every k-th session."""

SHORT_NUMBER = "abs(datum.value) < 1e5 ? format(datum.value, ',') : replace(format(datum.value, '~s'), 'G', 'bn')"
BLUE, AMBER, GREEN = PALETTE[1], PALETTE[2], PALETTE[3]


def thinned(seen: Exploration, columns: Mapping[str, Floats]) -> pd.DataFrame:
    """date and columns (each (n,), a value per session), every k-th session up to the last: at most `MOST` rows."""
    import pandas as pd

    step = -(-len(seen.sessions) // MOST)
    kept = np.arange(len(seen.sessions))[::-1][::step][::-1]
    days = seen.sessions[kept].astype("datetime64[s]")
    return pd.DataFrame({"date": days, **{name: values[kept] for name, values in columns.items()}})


def price_with_averages(seen: Exploration) -> Chart:
    """Close with its 7- and 50-day averages, and a triangle where they cross."""
    import altair as alt
    import pandas as pd

    names = ("close", "7-day average", "50-day average")
    wide = thinned(seen, dict(zip(names, (seen.close, seen.short, seen.long), strict=True)))
    table = wide.melt("date", var_name="line", value_name="value").dropna()
    colour = alt.Color(
        "line:N",
        scale=alt.Scale(domain=names, range=["#787878", AMBER, BLUE]),
        legend=alt.Legend(symbolType="stroke"),
    )
    y = alt.Y("value:Q", title="Close", scale=alt.Scale(zero=False))
    tips = [alt.Tooltip("date:T", format=DAY), "line:N", alt.Tooltip("value:Q", format=",.2f")]
    base = alt.Chart(inline(table)).encode(y=y, color=colour)
    lines = base.mark_line(strokeWidth=1.4).encode(x=dates()).add_params(zoom())
    layers = [lines, hover(base, "date:T", tips)]
    if seen.crossings:
        marks = pd.DataFrame(
            [{"date": one.session, "direction": one.direction, "value": one.close} for one in seen.crossings]
        )
        shapes = alt.Scale(domain=["up", "down"], range=["triangle-up", "triangle-down"])
        fills = alt.Scale(domain=["up", "down"], range=[GAIN, HARM])
        points = alt.Chart(inline(marks.assign(date=pd.to_datetime(marks["date"])))).encode(
            x=dates(),
            y="value:Q",
            shape=alt.Shape("direction:N", scale=shapes, legend=None),
            fill=alt.Fill("direction:N", scale=fills, legend=None),
            tooltip=[alt.Tooltip("date:T", format=DAY), "direction:N"],
        )
        layers.append(points.mark_point(filled=True, size=42, opacity=0.9, strokeWidth=0))
    title = titled(
        f"{seen.symbol}: close with its 7- and 50-day averages, and {plural(len(seen.crossings), 'crossing')} of them",
        "Triangles: the short average crosses above (up) or below (down) the long one. They follow the price.",
    )
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title)


def daily_returns(seen: Exploration) -> Chart:
    """Daily log returns in %, outliers marked."""
    import altair as alt
    import pandas as pd

    far = {one.session for one in seen.far_returns}
    table = pd.DataFrame({"date": seen.sessions.astype("datetime64[s]"), "change": 100 * seen.r}).iloc[1:]
    table["far"] = [int(str(day) in far) for day in seen.sessions[1:]]
    # thinned: of each k sessions the largest move is kept, and every outlier
    block = np.arange(len(table)) // -(-len(table) // MOST)
    largest = table["change"].abs().groupby(block).idxmax()
    table = table.loc[sorted({*largest, *table.index[table["far"] == 1]})]
    y = alt.Y("change:Q", title="Log return, %")
    tips = [alt.Tooltip("date:T", format=DAY), alt.Tooltip("change:Q", format="+.2f", title="log return, %")]
    base = alt.Chart(inline(table)).encode(x=dates(), y=y, tooltip=tips)
    bars = base.mark_rule(strokeWidth=1).encode(y2=alt.datum(0), color=alt.value(BLUE)).add_params(zoom())
    marked = base.mark_point(filled=True, size=46, opacity=1).encode(color=alt.value(HARM))
    title = titled(
        f"{seen.symbol}: daily log returns, deviation {100 * seen.shape.deviation:.2f} % a day",
        f"Dots: the {plural(len(far), 'outlier')} farthest out, beyond five robust deviations." if far else "",
    )
    chart = alt.layer(bars, *([marked.transform_filter("datum.far == 1")] if far else []))
    return chart.properties(width=WIDTH, height=HEIGHT, title=title)


def boxes(seen: Exploration) -> Chart:
    """Box plots of price, returns and volume; whiskers end 1.5 quartile ranges out; the farthest outliers are dated."""
    import altair as alt

    parts = [_box(seen.close, "Close", ()), _box(100 * seen.r[1:], "Log return, %", seen.far_returns, 100.0)]
    if seen.volume is not None:
        parts.append(_box(seen.volume[np.isfinite(seen.volume)], "Volume, shares", seen.far_volumes))
    title = titled(
        f"{seen.symbol}: box plots of {'close, returns and volume' if len(parts) == 3 else 'close and returns'}",
        "Box: the middle half, line: the median. Dots: beyond five robust deviations, three of them dated.",
    )
    return alt.vconcat(*parts, title=title)


def _box(values: Floats, title: str, far: Sequence[Outlier], scale: float = 1.0) -> Chart:
    """One box plot: values (n,), whiskers 1.5 quartile ranges out, outliers in units of 1 / scale, three dated."""
    import altair as alt
    import pandas as pd

    low, q1, median, q3, high = np.percentile(values, [0, 25, 50, 75, 100])
    ends = {"low": max(low, q1 - 1.5 * (q3 - q1)), "high": min(high, q3 + 1.5 * (q3 - q1))}
    box = alt.Chart(inline(pd.DataFrame([{"q1": q1, "median": median, "q3": q3, **ends}])))
    x = alt.X(
        "low:Q",
        title=title,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(labelExpr=SHORT_NUMBER, labelOverlap=True, tickCount=10),
    )
    layers = [
        box.mark_rule(strokeWidth=1.5).encode(x=x, x2="high:Q"),
        box.mark_bar(height=26, color=BLUE, opacity=0.55).encode(x="q1:Q", x2="q3:Q"),
        box.mark_tick(height=26, thickness=2, style="ink").encode(x="median:Q"),
    ]
    if far:
        rows = [{"date": one.session, "value": scale * one.value, "rank": k} for k, one in enumerate(far)]
        tips: list[Any] = ["date:N", alt.Tooltip("value:Q", format=",.4~g")]
        base = alt.Chart(inline(pd.DataFrame(rows))).encode(x="value:Q", y=alt.value(32), tooltip=tips)
        layers.append(base.mark_point(filled=True, size=34, color=HARM, opacity=0.8))
        for shift, chosen in ((-20, "datum.rank == 0 || datum.rank == 2"), (20, "datum.rank == 1")):
            text = base.mark_text(dy=shift, fontSize=10).encode(text="date:N")
            layers.append(text.transform_filter(chosen))
    return alt.layer(*layers).properties(width=WIDTH, height=64)


def histogram(seen: Exploration) -> Chart:
    """Density of returns against the normal law of the same deviation; logarithmic, so that the tails show."""
    import altair as alt
    import pandas as pd

    r = 100 * seen.r[1:]
    width = np.ptp(r) / min(80, max(20, len(r) // 12))
    edges = np.arange(r.min(), r.max() + width, width)
    count, _ = np.histogram(r, edges)
    bars = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "sessions": count})
    grid = np.linspace(r.min(), r.max(), 200)
    z = (grid - r.mean()) / r.std()
    normal = pd.DataFrame(
        {"x": grid, "sessions": len(r) * width * np.exp(-0.5 * z**2) / (r.std() * np.sqrt(2 * np.pi))}
    )
    scale = alt.Scale(type="log", domain=[0.5, 1.3 * max(count.max(), normal["sessions"].max())], clamp=True)
    y = alt.Y("sessions:Q", title="Sessions (logarithmic)", scale=scale, axis=alt.Axis(tickCount=4))
    tips = [alt.Tooltip("from:Q", format="+.2f"), alt.Tooltip("to:Q", format="+.2f"), "sessions:Q"]
    seen_bars = alt.Chart(inline(bars[count > 0])).mark_bar(color=BLUE, opacity=0.6, clip=True).encode(
        x=alt.X("from:Q", title="Log return, %"), x2="to:Q", y=y, y2=alt.datum(0.5), tooltip=tips
    )  # fmt: skip
    curve = alt.Chart(inline(normal[normal["sessions"] > 0.5])).mark_line(style="ink", strokeDash=[5, 3])
    title = titled(
        f"{seen.symbol}: returns have excess kurtosis {seen.shape.kurtosis:.1f} (normal law: 0)",
        "Dashes: the normal law with the same deviation. "
        + (
            "Bars outside it are the heavy tails." if seen.shape.kurtosis > 1 else "No heavy tails: the bars follow it."
        ),
    )
    return alt.layer(seen_bars, curve.encode(x="x:Q", y=y)).properties(width=WIDTH, height=HEIGHT, title=title)


def autocorrelations(seen: Exploration) -> Chart:
    """Autocorrelation of returns and of absolute returns by lag, with 95 % bands."""
    import altair as alt
    import pandas as pd

    panels = {"log returns: which way?": seen.acf, "absolute log returns: how far?": seen.acf_absolute}
    parts = [
        pd.DataFrame(
            {"panel": name, "lag": 1 + np.arange(len(one.acf)), "acf": one.acf, "low": -one.band, "high": one.band}
        )
        for name, one in panels.items()
    ]
    base = alt.Chart().encode(x=alt.X("lag:Q", title="Lag, sessions"))
    y = alt.Y("acf:Q", title="Autocorrelation")
    tips = ["lag:Q", alt.Tooltip("acf:Q", format="+.3f"), alt.Tooltip("high:Q", format=".3f", title="band")]
    layers = [
        base.mark_area(opacity=0.18, style="muted").encode(y=alt.Y("low:Q", title="Autocorrelation"), y2="high:Q"),
        base.mark_rule(strokeWidth=2).encode(y=y, y2=alt.datum(0), color=alt.value(BLUE)),
        base.mark_point(filled=True, size=34, color=BLUE, opacity=1).encode(y=y, tooltip=tips),
    ]
    title = titled(
        f"{seen.symbol}: autocorrelation of returns and of their size",
        "Inside the grey band: no more than chance (95 %). The band of returns allows for changing volatility.",
    )
    return (
        alt.layer(*layers, data=inline(pd.concat(parts)))
        .properties(width=320, height=230)
        .facet(facet=alt.Facet("panel:N", title=None, sort=list(panels)), columns=2)
        .properties(title=title)
    )


def drawdown(seen: Exploration) -> Chart:
    """How far the close lies below its highest so far, in %."""
    import altair as alt

    table = thinned(seen, {"fall": 100 * seen.fall})
    y = alt.Y("fall:Q", title="Below the highest close, %")
    tips = [alt.Tooltip("date:T", format=DAY), alt.Tooltip("fall:Q", format=".1f")]
    base = alt.Chart(inline(table)).encode(y=y)
    area = base.mark_area(color=HARM, opacity=0.35, line={"color": HARM, "strokeWidth": 1}).encode(x=dates())
    title = titled(f"{seen.symbol}: drawdowns, the deepest {100 * float(seen.fall.min()):.1f} %")
    return alt.layer(area.add_params(zoom()), hover(base, "date:T", tips)).properties(
        width=WIDTH, height=220, title=title
    )


def volatility(seen: Exploration) -> Chart | None:
    """Rolling volatility of the last 21 returns, % a year; None where there are fewer."""
    import altair as alt

    table = thinned(seen, {"volatility": seen.volatility}).dropna()
    if len(table) < 2:
        return None
    y = alt.Y("volatility:Q", title="Volatility, % a year", scale=alt.Scale(zero=False))
    line = alt.Chart(inline(table)).mark_line(strokeWidth=1.5, color=GREEN).encode(x=dates(), y=y).add_params(zoom())
    tips = [alt.Tooltip("date:T", format=DAY), alt.Tooltip("volatility:Q", format=".1f")]
    points = hover(alt.Chart(inline(table)).encode(y="volatility:Q"), "date:T", tips)
    title = titled(
        f"{seen.symbol}: volatility of the last 21 sessions",
        "It comes in clusters: the size of moves can be forecast where their direction cannot."
        if seen.acf_absolute.clustered
        else "No more than chance: the size of one move says nothing clear about the next.",
    )
    return alt.layer(line, points).properties(width=WIDTH, height=240, title=title)

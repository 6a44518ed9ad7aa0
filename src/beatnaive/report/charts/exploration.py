"""Charts of one symbol's prices before any model: what `explore` computed, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from beatnaive.core.types import Finding, Floats, Instants
from beatnaive.report.charts.marks import DAY, HEIGHT, WIDTH, Chart, dates, hover, inline, plural, titled, zoom
from beatnaive.report.charts.theme import GAIN, HARM, PALETTE

if TYPE_CHECKING:
    import pandas as pd

MOST = 1500
"""Points of a line; longer series are thinned to every k-th session."""

SHORT_NUMBER = "abs(datum.value) < 1e5 ? format(datum.value, ',') : replace(format(datum.value, '~s'), 'G', 'bn')"
BLUE, AMBER, GREEN = PALETTE[1], PALETTE[2], PALETTE[3]


class Explored(Protocol):
    """What charts and page need of an exploration: arrays over n sessions, dated events, rulings, words."""

    @property
    def symbol(self) -> str: ...
    @property
    def sessions(self) -> Instants: ...
    @property
    def close(self) -> Floats: ...
    @property
    def r(self) -> Floats: ...
    @property
    def volume(self) -> Floats | None: ...
    @property
    def short(self) -> Floats: ...
    @property
    def long(self) -> Floats: ...
    @property
    def fall(self) -> Floats: ...
    @property
    def volatility(self) -> Floats: ...
    @property
    def missing(self) -> int: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def crossings(self) -> Sequence[Any]: ...
    @property
    def drawdowns(self) -> Sequence[Any]: ...
    @property
    def far_returns(self) -> Sequence[Any]: ...
    @property
    def far_volumes(self) -> Sequence[Any]: ...
    @property
    def shape(self) -> Any: ...
    @property
    def acf(self) -> Any: ...
    @property
    def acf_absolute(self) -> Any: ...
    @property
    def price(self) -> Any: ...
    @property
    def change(self) -> Any: ...
    @property
    def words(self) -> Sequence[str]: ...


def _thinned(seen: Explored, **columns: Floats) -> pd.DataFrame:
    """date and columns, every k-th session up to the last."""
    import pandas as pd

    step = -(-len(seen.sessions) // MOST)
    kept = np.arange(len(seen.sessions))[::-1][::step][::-1]
    days = seen.sessions[kept].astype("datetime64[s]")
    return pd.DataFrame({"date": days, **{name: values[kept] for name, values in columns.items()}})


def _line(table: pd.DataFrame, y: str, title: str, **mark: Any) -> Chart:
    import altair as alt

    axis = alt.Y(f"{y}:Q", title=title, scale=alt.Scale(zero=False))
    return alt.Chart(inline(table)).mark_line(**mark).encode(x=dates(), y=axis)


def price_with_averages(seen: Explored) -> Chart:
    """Close with its 7- and 50-day averages, and a triangle where they cross."""
    import altair as alt
    import pandas as pd

    wide = _thinned(seen, close=seen.close, a=seen.short, b=seen.long)
    names = {"close": "close", "a": "7-day average", "b": "50-day average"}
    table = wide.rename(columns=names).melt("date", var_name="line", value_name="value").dropna()
    colour = alt.Color(
        "line:N",
        scale=alt.Scale(domain=list(names.values()), range=["#787878", AMBER, BLUE]),
        legend=alt.Legend(symbolType="stroke"),
    )
    y = alt.Y("value:Q", title="Close, currency", scale=alt.Scale(zero=False))
    tips = [alt.Tooltip("date:T", format=DAY), "line:N", alt.Tooltip("value:Q", format=",.2f")]
    base = alt.Chart(inline(table)).encode(y=y, color=colour)
    lines = base.mark_line(strokeWidth=1.4).encode(x=dates()).add_params(zoom())
    layers = [lines, hover(base, "date:T", tips)]
    if seen.crossings:
        marks = pd.DataFrame(
            [{"date": one.session, "direction": one.direction, "value": one.close} for one in seen.crossings]
        )
        layers.append(_crosses(marks.assign(date=pd.to_datetime(marks["date"]))))
    title = titled(
        f"{seen.symbol}: close with its 7- and 50-day averages, and {plural(len(seen.crossings), 'crossing')} of them",
        "Triangles: the short average crosses above (up) or below (down) the long one. They follow the price.",
    )
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title)


def _crosses(marks: pd.DataFrame) -> Chart:
    import altair as alt

    shape = alt.Shape(
        "direction:N", scale=alt.Scale(domain=["up", "down"], range=["triangle-up", "triangle-down"]), legend=None
    )
    fill = alt.Fill("direction:N", scale=alt.Scale(domain=["up", "down"], range=[GAIN, HARM]), legend=None)
    tips = [alt.Tooltip("date:T", format=DAY), "direction:N"]
    points = alt.Chart(inline(marks)).mark_point(filled=True, size=42, opacity=0.9, strokeWidth=0)
    return points.encode(x=dates(), y="value:Q", shape=shape, fill=fill, tooltip=tips)


def daily_returns(seen: Explored) -> Chart:
    """Daily log returns in %, outliers marked."""
    import altair as alt

    far = {one.session for one in seen.far_returns}
    table = _returns_kept(seen, far)
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


def _returns_kept(seen: Explored, far: set[str]) -> pd.DataFrame:
    """Thinned returns, with every outlier and the largest move of each k sessions kept."""
    import pandas as pd

    table = pd.DataFrame({"date": seen.sessions.astype("datetime64[s]"), "change": 100 * seen.r}).iloc[1:]
    table["far"] = [int(str(day) in far) for day in seen.sessions[1:]]
    block = np.arange(len(table)) // -(-len(table) // MOST)
    largest = table["change"].abs().groupby(block).idxmax()
    return table.loc[sorted({*largest, *table.index[table["far"] == 1]})]


def boxes(seen: Explored) -> Chart:
    """Box plots of price, returns and volume; whiskers end 1.5 quartile ranges out; the farthest outliers are dated."""
    import altair as alt

    parts = [_box(seen.close, "Close, currency", ()), _box(100 * seen.r[1:], "Log return, %", seen.far_returns, 100.0)]
    if seen.volume is not None:
        parts.append(_box(seen.volume[np.isfinite(seen.volume)], "Volume, shares", seen.far_volumes))
    title = titled(
        f"{seen.symbol}: box plots of {'close, returns and volume' if len(parts) == 3 else 'close and returns'}",
        "Box: the middle half, line: the median. Dots: beyond five robust deviations, three of them dated.",
    )
    return alt.vconcat(*parts, title=title)


def _box(values: Floats, title: str, far: Sequence[Any], scale: float = 1.0) -> Chart:
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
        layers += _dated(far, scale)
    return alt.layer(*layers).properties(width=WIDTH, height=64)


def _dated(far: Sequence[Any], scale: float) -> list[Chart]:
    import altair as alt
    import pandas as pd

    table = pd.DataFrame([{"date": one.session, "value": scale * one.value, "rank": k} for k, one in enumerate(far)])
    base = alt.Chart(inline(table)).encode(x="value:Q", tooltip=["date:N", alt.Tooltip("value:Q", format=",.4~g")])
    above = base.mark_text(dy=-20, fontSize=10).encode(text="date:N", y=alt.value(32))
    below = base.mark_text(dy=20, fontSize=10).encode(text="date:N", y=alt.value(32))
    dots = base.mark_point(filled=True, size=34, color=HARM, opacity=0.8)
    return [
        dots.encode(y=alt.value(32)),
        above.transform_filter("datum.rank == 0 || datum.rank == 2"),
        below.transform_filter("datum.rank == 1"),
    ]


def histogram(seen: Explored) -> Chart:
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


def autocorrelations(seen: Explored) -> Chart:
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


def drawdown(seen: Explored) -> Chart:
    """How far the close lies below its highest so far, in %."""
    import altair as alt

    table = _thinned(seen, fall=100 * seen.fall)
    y = alt.Y("fall:Q", title="Below the highest close, %")
    tips = [alt.Tooltip("date:T", format=DAY), alt.Tooltip("fall:Q", format=".1f")]
    base = alt.Chart(inline(table)).encode(y=y)
    area = base.mark_area(color=HARM, opacity=0.35, line={"color": HARM, "strokeWidth": 1}).encode(x=dates())
    title = titled(f"{seen.symbol}: drawdowns, the deepest {100 * float(seen.fall.min()):.1f} %")
    return alt.layer(area.add_params(zoom()), hover(base, "date:T", tips)).properties(
        width=WIDTH, height=220, title=title
    )


def volatility(seen: Explored) -> Chart | None:
    """Rolling volatility of the last 21 returns, % a year; None where there are fewer."""
    import altair as alt

    table = _thinned(seen, volatility=seen.volatility).dropna()
    if len(table) < 2:
        return None
    line = _line(table, "volatility", "Volatility, % a year", strokeWidth=1.5, color=GREEN).add_params(zoom())
    tips = [alt.Tooltip("date:T", format=DAY), alt.Tooltip("volatility:Q", format=".1f")]
    points = hover(alt.Chart(inline(table)).encode(y="volatility:Q"), "date:T", tips)
    title = titled(
        f"{seen.symbol}: volatility of the last 21 sessions",
        "It comes in clusters: the size of moves can be forecast where their direction cannot."
        if seen.acf_absolute.clustered
        else "No more than chance: the size of one move says nothing clear about the next.",
    )
    return alt.layer(line, points).properties(width=WIDTH, height=240, title=title)

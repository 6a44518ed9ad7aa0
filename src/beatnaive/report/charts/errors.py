"""Errors in time: rolling, accumulated against naive, and by year, volatility regime and weekday."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.types import Ints, RunData
from beatnaive.report.charts.frames import View, long_run_sd, session_losses, thin, view
from beatnaive.report.charts.marks import (
    DAY,
    HEIGHT,
    WIDTH,
    Chart,
    dates,
    faded,
    hover,
    inline,
    model_colour,
    model_dash,
    pick_in_legend,
    titled,
    zoom,
)
from beatnaive.report.charts.theme import GAIN, HARM

if TYPE_CHECKING:
    import pandas as pd

WINDOW, LONG, MANY = 21, 126, 1000
"""Sessions in a rolling error: about a month, and half a year where there are many sessions."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TWO_LINES = "split(datum.label, '\\n')"
REGIMES = ("calm", "middle", "turbulent")


def errors_over_time(data: RunData) -> Chart | None:
    """Rolling root mean squared error per model, log returns in % (QLIKE for volatility).

    Over `WINDOW` sessions; over `LONG` ones where there are `MANY`, or the lines would be a tangle.
    """
    import altair as alt

    run = view(data)
    if len(run.sessions) < 2 * WINDOW:
        return None
    window = LONG if len(run.sessions) >= MANY else WINDOW
    losses = run.per_session({name: run.means(run.loss(name)) for name in run.models})
    rolled = losses.rolling(window).mean().dropna()
    errors = (rolled if run.volatility else 100 * rolled**0.5).rename_axis("date").reset_index()
    lines, step = thin(errors.melt("date", var_name="model", value_name="error"), "date", 500)
    unit = "Mean QLIKE" if run.volatility else "Root mean squared error of the log return, %"
    x = dates(title="Session forecast from")
    y = alt.Y("error:Q", title=unit, scale=alt.Scale(zero=False))
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("error:Q", format=".3f", title=unit)]
    picked = pick_in_legend()
    base = alt.Chart(inline(lines)).encode(y=y, color=model_colour(run.models))
    quoted = run.benchmark.replace("\\", "\\\\").replace("'", "\\'")  # inside a single-quoted Vega expression
    width = alt.condition(f"datum.model == '{quoted}'", alt.value(5), alt.value(1.5))
    lines_ = base.mark_line().encode(
        x=x, strokeWidth=width, strokeDash=model_dash(run.models), opacity=faded(picked, 0.9)
    )
    sparse = f" Every {step}th session is drawn." if step > 1 else ""
    title = titled(
        f"{run.subject}: error of each model over the last {window} sessions, {run.benchmark} as the thick line",
        f"A model that beats {run.benchmark} would stay below the thick line, not dip under it now and then.{sparse}",
    )
    chart = alt.layer(lines_.add_params(picked, zoom()), hover(base, "date:T", tips))
    return chart.properties(width=WIDTH, height=HEIGHT, title=title)


def cumulative_loss(data: RunData) -> Chart | None:
    """What each model saved against the benchmark so far, in % of the benchmark's whole loss, with its 90 % band.

    100 sum_{s<=t} d_s / sum_s loss(benchmark)_s, d = loss(benchmark) - loss(model) (Welch and Goyal 2008,
    doi:10.1093/rfs/hhm014); the last value is the out-of-sample R2 against the benchmark. The band,
    +-1.645 sd(d) sqrt(t), is where a model exactly as accurate as the benchmark would stay at a given session.
    """
    import altair as alt

    run = view(data)
    if not run.rivals or len(run.sessions) < 10:
        return None
    lines, step = thin(_cumulated(run), "date", 250)
    x = dates(ticks=4)
    y = alt.Y("low:Q", title=f"% of {run.benchmark}'s loss", scale=alt.Scale(nice=False, padding=7))
    base = alt.Chart().encode(x=x)
    band = base.mark_area(opacity=0.16, style="muted").encode(y=y, y2="high:Q")
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("saved:Q", format="+.2f", title="saved, %")]
    line = base.mark_line(strokeWidth=2).encode(y="saved:Q", color=model_colour(run.models, legend=False))
    zero = alt.Chart().mark_rule(strokeWidth=1).encode(y=alt.datum(0))
    points = base.mark_point(size=60, opacity=0).encode(y="saved:Q", tooltip=tips)
    sparse = f" Every {step}th session is drawn." if step > 1 else ""
    title = titled(
        f"{run.subject}: loss saved so far against {run.benchmark}, in % of {run.benchmark}'s whole loss",
        "Rising: ahead of it. Inside the grey 90 % band: no more than luck. Each panel has its own scale." + sparse,
    )
    return (
        alt.layer(band, zero, line, points, data=inline(lines))
        .properties(width=205, height=170)
        .facet(facet=alt.Facet("model:N", title=None, sort=list(run.rivals)), columns=3, bounds="flush", spacing=62)
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
        .properties(title=title)
    )


def _cumulated(run: View) -> pd.DataFrame:
    """date, model, saved, low, high."""
    import pandas as pd

    losses = session_losses(run)
    base, t = losses[run.benchmark].to_numpy(), np.arange(1, len(losses) + 1)
    parts = []
    for model in run.rivals:
        d = base - losses[model].to_numpy()
        half = 1.645 * long_run_sd(d, run.horizon) * np.sqrt(t)
        parts.append(
            pd.DataFrame({"date": losses.index, "model": model, "saved": d.cumsum(), "low": -half, "high": half})
        )
    table = pd.concat(parts, ignore_index=True)
    table[["saved", "low", "high"]] *= 100 / base.sum()
    return table


def errors_by_year(data: RunData) -> Chart | None:
    """Skill against the benchmark per calendar year of the session forecast; None with a single year."""
    run = view(data)
    years, group = np.unique(run.target_date.astype("datetime64[Y]"), return_inverse=True)
    return _grid(run, group, years.astype(str).tolist(), "year")


def errors_by_weekday(data: RunData) -> Chart | None:
    """Skill against the benchmark per weekday of the session forecast."""
    run = view(data)
    weekday = (run.target_date.astype(np.int64) + 3) % 7  # the first of January 1970 was a Thursday
    return _grid(run, weekday, WEEKDAYS, "weekday")


def errors_by_volatility(data: RunData) -> Chart | None:
    """Skill against the benchmark in the calm, middle and turbulent third of sessions.

    The third is that of the symbol's realised volatility over the 21 sessions up to the origin (at least 5).
    """
    run = view(data)
    if len(run.sessions) < 60:
        return None
    return _grid(run, regimes(run), REGIMES, "thirds of the volatility of the month before")


@lru_cache(maxsize=2)
def regimes(run: View) -> Ints:
    """(k,) the regime of each pair, as a place in `REGIMES`; -1 where the history is too short."""
    import pandas as pd

    rank = np.full(len(run), np.nan)
    for rows in np.split(np.arange(len(run)), np.flatnonzero(np.diff(run.symbol)) + 1):
        moves = pd.Series(run.close[rows]).apply(np.log).diff() ** 2
        rank[rows] = moves.rolling(WINDOW, min_periods=5).mean().rank(pct=True)
    found: Ints = pd.cut(rank, [0, 1 / 3, 2 / 3, 1], labels=list(REGIMES)).codes.astype(np.int64)
    return found


def _grid(run: View, group: Ints, names: Sequence[str], noun: str) -> Chart | None:
    """Models against groups: skill in % as number and shade, bold beyond two standard errors.

    group (k,): a place in `names` for each pair, -1 for none.
    """
    import altair as alt

    cells = _cells(run, group, names)
    order = [name for k, name in enumerate(names) if (group == k).any()]
    if len(order) < 2 or cells.empty:
        return None
    label = {name: f"{name}\nn = {n:,}" for name, n in cells.groupby("group")["n"].first().items()}
    cells["group"] = cells["group"].map(label)
    x = alt.X("group:N", title=None, sort=[label[name] for name in order if name in label])
    y = alt.Y("model:N", title=None, sort=list(run.rivals))
    base = alt.Chart(inline(cells)).encode(
        x=x.axis(orient="top", labelAngle=0, labelExpr=TWO_LINES, labelPadding=18, domain=False, ticks=False),
        y=y.axis(domain=False, ticks=False, labelLimit=180),
        tooltip=["model:N", "group:N", alt.Tooltip("skill:Q", format="+.2f"), alt.Tooltip("t:Q", format="+.2f")],
    )  # fmt: skip
    tone, depth = alt.Color("tone:N", scale=None), alt.FillOpacity("depth:Q", scale=None)
    shade = base.mark_rect(cornerRadius=3).encode(color=tone, fillOpacity=depth)
    number = base.encode(text=alt.Text("skill:Q", format="+.1f"))
    plain = number.mark_text(fontSize=12).transform_filter("datum.clear == 0")
    bold = number.mark_text(fontSize=13, fontWeight=700).transform_filter("datum.clear == 1")
    height = 30 * len(run.rivals)
    title = titled(
        f"{run.subject}: skill against {run.benchmark} in %, by {noun}",
        "Blue: better than it, red: worse. Bold: beyond two standard errors, not corrected for the number of cells.",
    )
    return alt.layer(shade, plain, bold).properties(width=WIDTH, height=height, title=title)


def _cells(run: View, group: Ints, names: Sequence[str]) -> pd.DataFrame:
    """model, group, skill %, t of the loss difference, n, and how to draw it."""
    import pandas as pd

    losses = {model: run.loss(model) for model in run.models}
    parts: list[dict[str, object]] = []
    for code, name in sorted(enumerate(names), key=lambda one: one[1]):
        rows = np.flatnonzero(group == code)  # pairs of one symbol lie together, so that overlaps are of one symbol
        for model in run.rivals if len(rows) else ():
            base, own = losses[run.benchmark][rows], losses[model][rows]
            d, ratio = base - own, own.mean() / base.mean()
            skill = 100 * (1 - (ratio if run.volatility else np.sqrt(ratio)))
            error = long_run_sd(d, run.horizon) / np.sqrt(len(d))
            t = d.mean() / error if error > 0 else 0.0
            parts.append({
                "group": name, "model": model, "skill": skill, "t": t, "n": len(d), "clear": int(abs(t) > 2),
                "tone": GAIN if skill > 0 else HARM, "depth": 0.06 + 0.5 * min(abs(skill) / 10, 1.0),
            })  # fmt: skip
    return pd.DataFrame(parts)

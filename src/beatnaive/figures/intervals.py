"""Prediction intervals: did they hold what they promise, over time and by regime, how wide, against naive's?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.figures.errors import REGIMES, TWO_LINES, regimes
from beatnaive.figures.frames import QUANTILES, View, long_run_sd, thin, view
from beatnaive.figures.marks import DAY, WIDTH, Chart, dates, inline, model_colour, titled
from beatnaive.figures.theme import GAIN, HARM
from beatnaive.probabilistic import crps as crps_of
from beatnaive.probabilistic import interval, pit_counts, wilson, winkler
from beatnaive.types import LEVELS, Floats, RunData

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

SHOWN = (0.95, 0.80)
"""Nominal coverages of the intervals that are drawn."""

FEWEST = 60
"""Sessions below which a share says nothing."""

ALL = "all sessions"


@dataclass(frozen=True, eq=False)
class Stated:
    """The rows of a run on which every model that states quantiles stated them.

    models: those models, benchmark first; rows: those of the `View` with y and quantiles in the charts' unit (log
    returns; square roots of variances for a volatility study).
    """

    run: View
    models: tuple[str, ...]
    rows: pd.DataFrame

    @property
    def sessions(self) -> int:
        """How many sessions."""
        return int(self.rows["origin"].nunique())

    @property
    def window(self) -> int:
        """Sessions in a rolling share: a quarter, or a year where there are many years."""
        return 63 if self.sessions < 1500 else 252

    def of(self, model: str) -> pd.DataFrame:
        """One model's rows."""
        return self.rows[self.rows["model"] == model]


@lru_cache(maxsize=2)
def stated(data: RunData) -> Stated | None:
    """The stated quantiles of a run; None where there are too few."""
    run = view(data)
    rows = run.rows[np.isfinite(run.rows[list(QUANTILES)]).all(axis=1)]
    models = tuple(name for name in run.models if (rows["model"] == name).any())
    rows = rows[rows.groupby(["symbol", "origin"])["model"].transform("count") == len(models)]
    if rows["origin"].nunique() < FEWEST:
        return None
    limits = rows[list(QUANTILES)].to_numpy()
    inside = np.sqrt(limits) if run.volatility else np.log(limits / rows[["close"]].to_numpy())
    return Stated(run, models, rows.assign(**dict(zip(QUANTILES, inside.T, strict=True))))


def _parts(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """(n,) outcomes and (n, levels) quantiles."""
    return rows["actual"].to_numpy(), rows[list(QUANTILES)].to_numpy()


def _inside(rows: pd.DataFrame, nominal: float) -> Floats:
    """(n,) 1 where the central interval held the outcome, else 0."""
    y, quantiles = _parts(rows)
    lower, upper = interval(quantiles, nominal)
    return ((lower <= y) & (y <= upper)).astype(float)


def coverage(data: RunData) -> Chart | None:
    """Share of outcomes inside the 95 and the 80 % interval over the last quarter (or year), per model, in %.

    The band holds 95 in 100 such shares of an honest interval of one series (Wilson,
    doi:10.1080/01621459.1927.10502953).
    """
    import altair as alt

    found = stated(data)
    if found is None or found.sessions < 2 * found.window:
        return None
    lines, step = thin(_rolled(found), "date", 300)
    y = alt.Y("share:Q", title="Outcomes inside, %", scale=alt.Scale(zero=False))
    base = alt.Chart().transform_calculate(**_promises(found.window)).encode(x=dates())
    band = base.mark_area(opacity=0.16, style="muted").encode(y=alt.Y("low:Q", title="Outcomes inside, %"), y2="high:Q")
    promise = base.mark_line(style="ink", strokeDash=[4, 3], strokeWidth=1.2).encode(y="nominal:Q")
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("share:Q", format=".1f", title="inside, %")]
    line = base.mark_line(strokeWidth=2, opacity=0.85).encode(y=y, color=model_colour(found.models))
    points = base.mark_point(size=60, opacity=0).encode(y="share:Q", detail="model:N", tooltip=tips)
    chart = alt.layer(band, promise, line, points, data=inline(lines)).properties(width=WIDTH, height=150)
    facet = alt.Facet("interval:N", title=None, sort=_names())
    panels = chart.facet(facet=facet, columns=1, bounds="flush", spacing=48)
    return panels.resolve_scale(y="independent").properties(title=_coverage_title(found, step))


def _names() -> list[str]:
    return [f"{nominal:.0%} interval".replace("%", " %") for nominal in SHOWN]


def _promises(n: int) -> dict[str, str]:
    """Vega expressions of the promised share and of its band at n sessions, %, by interval."""
    bands = [(nominal, *wilson(nominal, n)) for nominal in SHOWN]
    return {
        field: f"datum.interval == '{_names()[0]}' ? {100 * bands[0][k]:.6g} : {100 * bands[1][k]:.6g}"
        for k, field in enumerate(("nominal", "low", "high"))
    }


def _rolled(found: Stated) -> pd.DataFrame:
    """date, model, share (in %), interval."""
    import pandas as pd

    parts = []
    for nominal, name in zip(SHOWN, _names(), strict=True):
        held = found.rows.assign(held=_inside(found.rows, nominal))
        daily = held.groupby(["origin", "model"])["held"].mean().unstack()[list(found.models)]
        share = (100 * daily.rolling(found.window).mean().dropna()).rename_axis("date").reset_index()
        parts.append(share.melt("date", var_name="model", value_name="share").assign(interval=name))
    return pd.concat(parts, ignore_index=True)


def _coverage_title(found: Stated, step: int) -> alt.TitleParams:
    sparse = f"Every {step}th session is drawn." if step > 1 else ""
    return titled(
        f"{found.run.subject}: share of outcomes inside the intervals, over the last {found.window} sessions",
        "Dashes: what the interval promises. Grey band: what luck allows an honest one, nineteen times in twenty. "
        "Lines below it: too narrow.", sparse,
    )  # fmt: skip


def coverage_by_volatility(data: RunData) -> Chart | None:
    """Share of outcomes inside the 95 % interval in the calm, middle and turbulent third of sessions, per model, in %.

    The third is that of the volatility of the month before; bold where Wilson's 95 % interval of the share does not
    hold the promise.
    """
    import altair as alt

    found = stated(data)
    if found is None:
        return None
    cells = _cells(found)
    order = list(dict.fromkeys(cells["group"]))
    base = alt.Chart(inline(cells)).encode(
        x=alt.X("group:N", title=None, sort=order).axis(
            orient="top", labelAngle=0, labelExpr=TWO_LINES, labelPadding=18, domain=False, ticks=False
        ),
        y=alt.Y("model:N", title=None, sort=list(found.models)).axis(domain=False, ticks=False, labelLimit=180),
        tooltip=["model:N", "words:N"],
    )
    tone, depth = alt.Color("tone:N", scale=None), alt.FillOpacity("depth:Q", scale=None)
    shade = base.mark_rect(cornerRadius=3).encode(color=tone, fillOpacity=depth)
    number = base.encode(text=alt.Text("share:Q", format=".1f"))
    plain = number.mark_text(fontSize=12).transform_filter("datum.clear == 0")
    bold = number.mark_text(fontSize=13, fontWeight=700).transform_filter("datum.clear == 1")
    chart = alt.layer(shade, plain, bold).properties(width=WIDTH, height=30 * len(found.models))
    return chart.properties(title=titled(
        f"{found.run.subject}: outcomes inside the 95 % interval in %, by thirds of the volatility of the month before",
        "Red: fewer than promised, blue: more. Bold: the share's own 95 % confidence interval leaves out 95 %.",
    ))  # fmt: skip


def _cells(found: Stated) -> pd.DataFrame:
    """model, group, share %, and how to draw it."""
    import pandas as pd

    held = found.rows.assign(held=_inside(found.rows, 0.95), group=regimes(found.run).loc[found.rows.index])
    rows = []
    for group in (*REGIMES, ALL):
        part = held if group == ALL else held[held["group"] == group]
        for model, own in part.groupby("model"):
            rows.append(_cell(str(model), group, own["held"].to_numpy()))
    return pd.DataFrame(rows)


def _cell(model: str, group: str, held: Floats) -> dict[str, object]:
    share, n = float(held.mean()), len(held)
    low, high = wilson(share, n)
    return {
        "model": model, "group": f"{group}\nn = {n:,}", "share": 100 * share,
        "words": f"{100 * share:.1f} % of {n:,}, between {100 * low:.1f} and {100 * high:.1f} %",
        "clear": int(not low <= 0.95 <= high), "tone": GAIN if share >= 0.95 else HARM,
        "depth": 0.06 + 0.5 * min(abs(share - 0.95) / 0.1, 1.0),
    }  # fmt: skip


def calibration(data: RunData) -> Chart | None:
    """Where outcomes fell among the stated quantiles (PIT histogram): observed over promised share per bin, per model.

    A bin lies between two neighbouring levels; 1 = as often as promised. 95 in 100 bars of an honest forecast end
    between the two strokes: 1 +- 1.96 sqrt((1 - p) / (n p)) for a bin of probability p.
    """
    import altair as alt

    found = stated(data)
    if found is None:
        return None
    x = alt.X("left:Q", title="Forecast probability", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5))
    base = alt.Chart().encode(x=x, x2="right:Q")
    y = alt.Y("ratio:Q", title="Observed / promised, 1 = 100 %")
    tips = ["model:N", "bin:N", alt.Tooltip("count:Q", title="outcomes"), alt.Tooltip("expected:Q", format=".1f")]
    bar = base.mark_rect(opacity=0.75).encode(
        y=y, y2=alt.datum(0), color=model_colour(found.models, legend=False), tooltip=tips
    )
    limits = [base.mark_rule(style="ink", strokeWidth=1.5).encode(y=f"{edge}:Q") for edge in ("low", "high")]
    promise = alt.Chart().mark_rule(style="ink", strokeDash=[4, 3], strokeWidth=1).encode(y=alt.datum(1))
    facet = alt.Facet("model:N", title=None, sort=list(found.models))
    panels = alt.layer(bar, *limits, promise, data=inline(_bins(found))).properties(width=205, height=130)
    title = titled(
        f"{found.run.subject}: where outcomes fell among each forecast's own quantiles",
        "Flat at the dashes is honest; high ends are too narrow, low ends too wide, a slope is a biased centre. "
        "Between the bars' two strokes: luck.",
    )  # fmt: skip
    panels = panels.facet(facet=facet, columns=3, bounds="flush", spacing={"row": 74, "column": 50})
    return panels.resolve_axis(x="independent").properties(title=title)


def _bins(found: Stated) -> pd.DataFrame:
    """model, bin, left, right, count, expected, ratio, low, high."""
    import pandas as pd

    edges = np.array([0.0, *LEVELS, 1.0])
    parts = []
    for model in found.models:
        counts, expected = pit_counts(*_parts(found.of(model)))
        half = 1.96 * np.sqrt((1 - np.diff(edges)) / expected)
        parts.append(pd.DataFrame({
            "model": model, "bin": [f"{100 * a:g} to {100 * b:g} %" for a, b in pairwise(edges)],
            "left": edges[:-1], "right": edges[1:], "count": counts, "expected": expected, "ratio": counts / expected,
            "low": np.maximum(1 - half, 0.0), "high": 1 + half,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def interval_width(data: RunData) -> Chart | None:
    """Width of the 95 % interval over time, per model: upper less lower limit, log return in % (volatility: % too)."""
    import altair as alt

    found = stated(data)
    if found is None:
        return None
    lower, upper = interval(_parts(found.rows)[1], 0.95)
    rows = found.rows.assign(width=100 * (upper - lower), date=found.rows["origin"])
    lines, step = thin(rows.groupby(["date", "model"])["width"].mean().reset_index(), "date", 300)
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("width:Q", format=".2f", title="width, %")]
    unit = "volatility" if found.run.volatility else "log return"
    base = alt.Chart(inline(lines)).encode(
        x=dates(), y=alt.Y("width:Q", title=f"Width, {unit}, %"), color=model_colour(found.models)
    )
    points = base.mark_point(size=60, opacity=0).encode(tooltip=tips)
    sparse = f" Every {step}th session is drawn." if step > 1 else ""
    mean = ", ".join(f"{model} {width:.2f}" for model, width in rows.groupby("model")["width"].mean().items())
    return alt.layer(base.mark_line(strokeWidth=1.6, opacity=0.8), points).properties(
        width=WIDTH, height=220,
        title=titled(
            f"{found.run.subject}: width of the 95 % interval, {found.run.sessions} ahead",
            "An interval that adapts widens in wild weeks and narrows in calm ones; at equal coverage the narrower "
            "one is better.", f"Mean, %: {mean}.{sparse}",
        ),
    )  # fmt: skip


def crps(data: RunData) -> Chart | None:
    """CRPS and Winkler scores of every model against the benchmark's, saved in %, with 90 % intervals.

    100 (1 - score / score of the benchmark), each symbol's scores divided by the benchmark's mean there; interval:
    +-1.645 standard errors of the mean difference per session.
    """
    import altair as alt

    found = stated(data)
    if found is None or len(found.models) < 2 or found.models[0] != found.run.benchmark:
        return None
    table = _saved(found, [model for model in found.models if model != found.run.benchmark])
    left, right = _window(table)
    seen = table.assign(**{name: table[name].clip(left, right) for name in ("at", "low", "high")})
    scale, axis = alt.Scale(domain=[left, right], nice=False), alt.Axis(tickCount=4, labelOverlap=True)
    x = alt.X("low:Q", title=f"Saved against {found.run.benchmark}, %", scale=scale, axis=axis)
    order = list(dict.fromkeys(table["model"]))
    y = alt.Y("model:N", title=None, sort=order, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    tips = [alt.Tooltip("model:N"), alt.Tooltip("words:N", title="saved, % [90 % interval]")]
    base = alt.Chart().encode(y=y, color=model_colour(found.models, legend=False), tooltip=tips)
    bar = base.mark_rule(strokeWidth=4, opacity=0.5).encode(x=x, x2="high:Q")
    dot = base.mark_point(filled=True, size=90, opacity=1).encode(x="at:Q", shape=alt.Shape("shape:N", scale=None))
    number = (
        alt.Chart().mark_text(align="left", dx=7, dy=-9).encode(y=y, x="at:Q", text=alt.Text("saved:Q", format="+.1f"))
    )
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
    layers = alt.layer(zero, bar, dot, number, data=inline(seen)).properties(width=190, height=36 * len(order))
    panels = layers.facet(facet=alt.Facet("score:N", title=None), columns=3, bounds="flush", spacing=40)
    return panels.resolve_axis(x="independent").properties(title=_crps_title(found))


def _crps_title(found: Stated) -> alt.TitleParams:
    return titled(
        f"{found.run.subject}: what each model's distribution saves against {found.run.benchmark}'s",
        "CRPS judges the whole distribution, Winkler's score one interval: its width, and a fine for each miss.",
        "Dot and bar: saving and its 90 % interval; right of zero is better. Triangle: beyond the axis.",
    )


def _window(table: pd.DataFrame) -> tuple[float, float]:
    """The axis holds all that is near or right of zero; who is far worse is cut at the left edge."""
    right = 1.3 * max(float(table["high"].max()), 0.5)
    return max(1.3 * float(min(table["low"].min(), -0.5)), -8.0 * right), right


def _scores(rows: pd.DataFrame) -> dict[str, Floats]:
    """(n,) each score of each row."""
    y, quantiles = _parts(rows)
    found = {"CRPS": crps_of(y, quantiles)}
    for nominal, name in zip(SHOWN, _names(), strict=True):
        found[f"Winkler, {name}"] = winkler(y, *interval(quantiles, nominal), nominal)
    return found


def _saved(found: Stated, rivals: list[str]) -> pd.DataFrame:
    """score, model, saved, at (where it is drawn), low, high, in %; words, shape."""
    import pandas as pd

    table = []
    for score, values in _scores(found.rows).items():
        wide = found.rows.assign(value=values).pivot(index=["origin", "symbol"], columns="model", values="value")
        relative = wide.div(wide[found.run.benchmark].groupby("symbol").transform("mean"), axis=0)
        daily = relative.groupby("origin").mean()
        for model in rivals:
            d = 100 * (daily[found.run.benchmark] - daily[model]).to_numpy()
            half = 1.645 * long_run_sd(d, found.run.horizon) / np.sqrt(len(d))
            mean, low, high = (float(d.mean()) + k * half for k in (0, -1, 1))
            words = f"{mean:+.2f} [{low:+.2f}, {high:+.2f}]"
            table.append({"score": score, "model": model, "saved": mean, "at": mean, "low": low, "high": high,
                          "words": words})  # fmt: skip
    made = pd.DataFrame(table)
    return made.assign(shape=np.where(made["saved"] < _window(made)[0], "triangle-left", "circle"))

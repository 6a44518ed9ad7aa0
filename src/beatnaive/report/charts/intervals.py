"""Prediction intervals: did they hold what they promise, over time and by regime, how wide, against naive's?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.types import LEVELS, Bools, Floats, Ints, RunData
from beatnaive.judging.quantile_scores import crps, interval, pit_counts, wilson, winkler
from beatnaive.report.charts.errors import REGIMES, TWO_LINES, regimes
from beatnaive.report.charts.frames import Mean, View, divided, mean_by, thin, view
from beatnaive.report.charts.marks import DAY, WIDTH, Chart, dates, inline, model_colour, titled
from beatnaive.report.charts.theme import GAIN, HARM

if TYPE_CHECKING:
    import pandas as pd

SHOWN = (0.95, 0.80)
"""Nominal coverages of the intervals that are drawn."""

FEWEST = 60
"""Sessions below which a share says nothing."""

ALL = "all sessions"


def names() -> list[str]:
    """The intervals of `SHOWN` in words."""
    return [f"{nominal:.0%} interval".replace("%", " %") for nominal in SHOWN]


def _winkler(y: Floats, quantiles: Floats, *, nominal: float) -> Floats:
    return winkler(y, *interval(quantiles, nominal), nominal)


SCORES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "CRPS": crps,
    **{f"Winkler, {name}": partial(_winkler, nominal=nominal) for nominal, name in zip(SHOWN, names(), strict=True)},
}
"""Scores of a distribution, from outcomes (j,) and quantiles (j, levels)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Stated:
    """How the quantiles did of every model that states them, on the j pairs of a `View` where all of these did.

    models: those models, benchmark first; pairs (j,): places in the view; inside {nominal coverage: {model: (j,)}}:
    whether the interval held the outcome; width {model: (sessions,)} of the 95 % interval in the charts' unit, and
    mean_width {model: over all pairs}; bins {model: outcomes between the levels, and the numbers expected}; scores
    {score: {model: (sessions,)}}: each symbol's divided by the benchmark's mean there, averaged over symbols.
    """

    run: View
    models: tuple[str, ...]
    pairs: Ints
    inside: Mapping[float, Mapping[str, Bools]]
    width: Mapping[str, Floats]
    mean_width: Mapping[str, float]
    bins: Mapping[str, tuple[Ints, Floats]]
    scores: Mapping[str, Mapping[str, Floats]]

    @cached_property
    def days(self) -> Ints:
        """The sessions with any pair, as places in the view's."""
        return np.unique(self.run.session[self.pairs])

    @property
    def sessions(self) -> int:
        """How many sessions."""
        return len(self.days)

    @property
    def window(self) -> int:
        """Sessions in a rolling share: a quarter, or a year where there are many years."""
        return 63 if self.sessions < 1500 else 252

    def daily(self, values: Mapping[str, Floats]) -> pd.DataFrame:
        """{model: (sessions,)} of the sessions with any pair, as a table by day."""
        return self.run.per_session(values).iloc[self.days]

    def shares(self, nominal: float) -> pd.DataFrame:
        """{model: (sessions,)} the share of outcomes inside the interval, session by session."""
        codes, size = self.run.session[self.pairs], len(self.run.sessions)
        held = self.inside[nominal]
        return self.daily({name: mean_by(codes, held[name].astype(float), size) for name in self.models})


@lru_cache(maxsize=2)
def stated(data: RunData) -> Stated | None:
    """What the stated quantiles of a run were worth, from two passes over them; None where there are too few."""
    run = view(data)
    models = tuple(name for name in run.models if run.whole[name].any())
    kept = np.logical_and.reduce([run.whole[name] for name in models]) if models else np.zeros(len(run), bool)
    pairs = np.flatnonzero(kept)
    if len(np.unique(run.session[pairs])) < FEWEST:
        return None
    size, scale = len(run.sessions), {name: Mean(len(run.symbols)) for name in SCORES}
    for _, at, limits in _stated(run, models[:1], kept):
        for score, one in scale.items():
            one.add(run.symbol[at], SCORES[score](run.actual[at], limits))

    place = np.cumsum(kept) - 1
    inside = {nominal: {name: np.empty(len(pairs), bool) for name in models} for nominal in SHOWN}
    width = {name: Mean(size) for name in models}
    count = dict.fromkeys(models, np.zeros(len(LEVELS) + 1, np.int64))
    scores = {score: {name: Mean(size) for name in models} for score in SCORES}
    for name, at, limits in _stated(run, models, kept):
        y, session = run.actual[at], run.session[at]
        for nominal, held in inside.items():
            low, high = interval(limits, nominal)
            held[name][place[at]] = (low <= y) & (y <= high)
        low, high = interval(limits, 0.95)
        width[name].add(session, high - low)
        count[name] = count[name] + pit_counts(y, limits)[0]
        for score, found in scores.items():
            found[name].add(session, divided(SCORES[score](y, limits), scale[score].mean[run.symbol[at]]))
    expected = len(pairs) * np.diff([0.0, *LEVELS, 1.0])
    return Stated(
        run=run, models=models, pairs=pairs, inside=inside,
        width={name: one.mean for name, one in width.items()},
        mean_width={name: float(one.total.sum() / len(pairs)) for name, one in width.items()},
        bins={name: (counts, expected) for name, counts in count.items()},
        scores={score: {name: one.mean for name, one in found.items()} for score, found in scores.items()},
    )  # fmt: skip


def _stated(run: View, models: Sequence[str], kept: Bools) -> Iterator[tuple[str, Ints, Floats]]:
    """The quantiles of the kept pairs."""
    for name, at, limits in run.quantiles(models):
        rows = kept[at]
        yield name, at[rows], limits[rows]


def coverage(data: RunData) -> Chart | None:
    """Share of outcomes inside the 95 and the 80 % interval over the last quarter (or year), per model, in %.

    The band holds 95 in 100 such shares of an honest interval of one series (Wilson,
    doi:10.1080/01621459.1927.10502953).
    """
    import altair as alt
    import pandas as pd

    found = stated(data)
    if found is None or found.sessions < 2 * found.window:
        return None
    parts = []
    for nominal, name in zip(SHOWN, names(), strict=True):
        share = (100 * found.shares(nominal).rolling(found.window).mean().dropna()).rename_axis("date").reset_index()
        parts.append(share.melt("date", var_name="model", value_name="share").assign(interval=name))
    lines, step = thin(pd.concat(parts, ignore_index=True), "date", 300)
    y = alt.Y("share:Q", title="Outcomes inside, %", scale=alt.Scale(zero=False))
    base = alt.Chart().transform_calculate(**_promises(found.window)).encode(x=dates())
    band = base.mark_area(opacity=0.16, style="muted").encode(y=alt.Y("low:Q", title="Outcomes inside, %"), y2="high:Q")
    promise = base.mark_line(style="ink", strokeDash=[4, 3], strokeWidth=1.2).encode(y="nominal:Q")
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("share:Q", format=".1f", title="inside, %")]
    line = base.mark_line(strokeWidth=2, opacity=0.85).encode(y=y, color=model_colour(found.models))
    points = base.mark_point(size=60, opacity=0).encode(y="share:Q", detail="model:N", tooltip=tips)
    chart = alt.layer(band, promise, line, points, data=inline(lines)).properties(width=WIDTH, height=150)
    facet = alt.Facet("interval:N", title=None, sort=names())
    title = titled(
        f"{found.run.subject}: share of outcomes inside the intervals, over the last {found.window} sessions",
        "Dashes: what the interval promises. Grey band: what luck allows an honest one, nineteen times in twenty. "
        "Lines below it: too narrow.",
        f"Every {step}th session is drawn." if step > 1 else "",
    )
    panels = chart.facet(facet=facet, columns=1, bounds="flush", spacing=48)
    return panels.resolve_scale(y="independent").properties(title=title)


def _promises(n: int) -> dict[str, str]:
    """Vega expressions of the promised share and of its band at n sessions, %, by interval."""
    bands = [(nominal, *wilson(nominal, n)) for nominal in SHOWN]
    return {
        field: f"datum.interval == '{names()[0]}' ? {100 * bands[0][k]:.6g} : {100 * bands[1][k]:.6g}"
        for k, field in enumerate(("nominal", "low", "high"))
    }


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

    regime, rows = regimes(found.run)[found.pairs], []
    for code, group in enumerate((*REGIMES, ALL)):
        part = regime == code if group != ALL else np.ones(len(regime), bool)
        for model in found.models if part.any() else ():
            own = found.inside[0.95][model][part]
            share, n = float(own.mean()), len(own)
            low, high = wilson(share, n)
            rows.append({
                "model": model, "group": f"{group}\nn = {n:,}", "share": 100 * share,
                "words": f"{100 * share:.1f} % of {n:,}, between {100 * low:.1f} and {100 * high:.1f} %",
                "clear": int(not low <= 0.95 <= high), "tone": GAIN if share >= 0.95 else HARM,
                "depth": 0.06 + 0.5 * min(abs(share - 0.95) / 0.1, 1.0),
            })  # fmt: skip
    return pd.DataFrame(rows)


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
    y = alt.Y("ratio:Q", title="Observed, % of promised", axis=alt.Axis(format=".0%"))
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
        counts, expected = found.bins[model]
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
    import pandas as pd

    found = stated(data)
    if found is None:
        return None
    daily = 100 * found.daily(found.width).rename_axis(index="date", columns="model")
    lines, step = thin(pd.DataFrame({"width": daily.stack(future_stack=True)}).reset_index(), "date", 300)
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("width:Q", format=".2f", title="width, %")]
    unit = "volatility" if found.run.volatility else "log return"
    base = alt.Chart(inline(lines)).encode(
        x=dates(), y=alt.Y("width:Q", title=f"Width, {unit}, %"), color=model_colour(found.models)
    )
    points = base.mark_point(size=60, opacity=0).encode(tooltip=tips)
    sparse = f" Every {step}th session is drawn." if step > 1 else ""
    mean = ", ".join(f"{model} {100 * value:.2f}" for model, value in sorted(found.mean_width.items()))
    return alt.layer(base.mark_line(strokeWidth=1.6, opacity=0.8), points).properties(
        width=WIDTH, height=220,
        title=titled(
            f"{found.run.subject}: width of the 95 % interval, {found.run.ahead} ahead",
            "An interval that adapts widens in wild weeks and narrows in calm ones; at equal coverage the narrower "
            "one is better.", f"Mean, %: {mean}.{sparse}",
        ),
    )  # fmt: skip

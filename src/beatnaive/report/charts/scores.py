"""Scores: skill with its interval and what could have been seen, RMSE with the spread of the seeds, skill by symbol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Floats, RunData
from beatnaive.report.charts.frames import View, mean_by, view
from beatnaive.report.charts.marks import HEIGHT, WIDTH, Chart, hover, inline, model_colour, plural, titled

if TYPE_CHECKING:
    import pandas as pd


def skill(data: RunData) -> Chart | None:
    """Skill against the benchmark with its 90 % interval, and the smallest skill that the test would have found.

    x: skill, % of the benchmark's RMSE; a tick per model marks its minimum detectable effect (80 % power).
    None for a run without rulings.
    """
    import altair as alt

    run = view(data)
    table = _intervals(data.verdict.get("models", {}), run)
    if table.empty:
        return None
    left, right = _window(table)
    table = _clipped(table, left, right)
    lines = "split(datum.label, '\\n')"
    axis = alt.Axis(labelExpr=lines, labelLimit=240, ticks=False, domain=False, labelLineHeight=15)
    y = alt.Y("label:N", title=None, sort=list(table["label"]), axis=axis)
    # skill in quadratic losses is one of their roots
    unit = "% of its RMSE" if data.verdict.get("loss", "squared") in {"squared", "scaled"} else "% of its mean loss"
    x = alt.X("low:Q", title=f"Skill against {run.benchmark}, {unit}", scale=alt.Scale(domain=[left, right]))
    tips: list[Any] = ["model:N", alt.Tooltip("words:N", title="skill [90 % interval]"),
                       alt.Tooltip("mde:Q", format=".2f", title="detectable from, %")]  # fmt: skip
    base = alt.Chart(inline(table)).encode(y=y, color=model_colour(run.models, legend=False), tooltip=tips)
    interval = base.mark_rule(strokeWidth=4, opacity=0.5).encode(x=x, x2="high:Q")
    seen = base.mark_tick(thickness=2.5, size=22).encode(x="mde:Q")
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
    whose = f"skill of {plural(len(table), 'model')} against {run.benchmark}"
    title = titled(
        f"{run.subject}: {whose}, and what the test could have seen",
        "Dot and bar: skill and its 90 % interval. Tick: the smallest skill that the test finds four times in five.",
    )
    chart = alt.layer(zero, interval, seen, *_points(base, 120))
    return chart.properties(width=WIDTH, height=50 * len(table), title=title)


def _points(base: Chart, size: int) -> tuple[Chart, Chart]:
    """A dot at each model's skill, and a triangle at the left edge for those that lie beyond it."""
    point = base.mark_point(filled=True, size=size, opacity=1).encode(x="skill:Q")
    beyond = base.mark_point(filled=True, size=size, opacity=1, shape="triangle-left", xOffset=6).encode(x="skill:Q")
    return point.transform_filter("datum.off == 0"), beyond.transform_filter("datum.off == 1")


def _intervals(models: Mapping[str, Any], run: View) -> pd.DataFrame:
    """model, label, skill, low, high, mde, words, best first; only models with an interval."""
    import pandas as pd

    rows = []
    for name in run.rivals:
        entry = models.get(name) or {}
        low, high = entry.get("skill_ci90") or (None, None)
        if low is None or high is None:
            continue
        words = _words(entry)
        rows.append({"model": name, "label": f"{name}: {entry['ruling']}\n{words}", "skill": entry["skill_pct"],
                     "low": low, "high": high, "mde": entry.get("mde_pct"), "words": words})  # fmt: skip
    table = pd.DataFrame(rows)
    return table if table.empty else table.sort_values("skill", ascending=False, ignore_index=True)


def _words(entry: Mapping[str, Any]) -> str:
    """A model's skill and its 90 % interval, as they stand in verdict.json."""
    low, high = entry.get("skill_ci90") or (None, None)
    span = "" if low is None or high is None else f" [{low:+.1f}, {high:+.1f}]"
    return f"{entry['skill_pct']:+.1f} %{span}"


def _window(table: pd.DataFrame) -> tuple[float, float]:
    """The axis holds the contenders, the best half at least; who is hopelessly worse is cut at the left edge."""
    contenders = table[(table["high"] > -5) | (table.index < len(table) / 2)]
    right = 1.15 * max(float(np.nanmax(contenders[["high", "mde"]].to_numpy(float))), 0.5)
    return max(1.15 * float(min(contenders["low"].min(), -0.5)), -4.0 * right), right


def _clipped(table: pd.DataFrame, left: float, right: float) -> pd.DataFrame:
    """Values inside the axis; off = 1 where the model itself lies outside; a tick outside is dropped."""
    inside = {name: table[name].clip(left, right) for name in ("skill", "low", "high")}
    mde = table["mde"].astype(float)
    return table.assign(off=(table["skill"] < left).astype(int), mde=mde.where(mde <= right), **inside)


def rmse_bar(data: RunData) -> Chart | None:
    """RMSE per model, best first, with a dot per seed and the benchmark's RMSE as a line.

    x: currency of the close (variance for a volatility study); a panel shows the mean over its symbols of RMSE in %
    of the benchmark's.
    """
    import altair as alt

    run = view(data)
    if not len(run):
        return None
    bars, dots = _rmse_table(run)
    unit = "RMSE of the variance" if run.volatility else "RMSE of the close"
    if len(run.symbols) > 1:
        unit = f"RMSE, % of {run.benchmark}'s, mean over {len(run.symbols)} symbols"
    level = float(bars.loc[bars["model"] == run.benchmark, "rmse"].iloc[0])
    # far: where a bar and its dots end, and right of the line, which no word may cross; words start there
    far = bars["model"].map(dots.groupby("model")["rmse"].max()) if len(dots) else bars["rmse"]
    bars["far"] = np.fmax(np.fmax(bars["rmse"], far), level)
    gap = [f"  ({100 * (rmse / level - 1):+.1f} %)" for rmse in bars["rmse"]]
    gap = ["" if model == run.benchmark else words for model, words in zip(bars["model"], gap, strict=True)]
    bars["words"] = [f"{rmse:,.4g}{words}" for rmse, words in zip(bars["rmse"], gap, strict=True)]
    order = list(bars.sort_values("rmse")["model"])
    y = alt.Y("model:N", title=None, sort=order, axis=alt.Axis(labelLimit=200, ticks=False, domain=False))
    x = alt.X("rmse:Q", title=unit, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=6, labelOverlap=True))
    tips = ["model:N", alt.Tooltip("rmse:Q", format=",.4~g", title=unit)]
    colour = model_colour(run.models, legend=False)
    bar = alt.Chart(inline(bars)).mark_bar(height=16, opacity=0.75).encode(x=x, y=y, color=colour, tooltip=tips)
    words = alt.Chart(inline(bars)).mark_text(align="left", dx=6).encode(x="far:Q", y=y, text="words:N")
    line = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(level))
    layers = [bar, line, words]
    if not dots.empty:
        # white-rimmed, readable on bar and page alike
        seeds = alt.Chart(inline(dots)).mark_point(
            filled=True, size=46, stroke="white", strokeWidth=0.8, opacity=0.9, color="#30343c"
        )
        each = ["model:N", "seed:N", alt.Tooltip("rmse:Q", format=",.4~g")]
        layers.append(seeds.encode(x="rmse:Q", y=y, tooltip=each))
    spread = "Dots: each seed on its own; the bar is the mean forecast of the seeds." if len(dots) else ""
    title = titled(
        f"{run.subject}: RMSE over {plural(len(run.sessions), 'session')}, dashed line at {run.benchmark}",
        spread,
        f"In brackets: the difference to {run.benchmark}; whether it means anything is the test's to say.",
    )
    return alt.layer(*layers).properties(width=WIDTH, height=34 * len(bars), title=title)


def _rmse_table(run: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """RMSE per model, and per model and seed; a panel's is the mean over symbols in % of the benchmark's."""
    import pandas as pd

    def of_symbols(made: Floats) -> Floats:
        return np.asarray(np.sqrt(mean_by(run.symbol, (run.y - made) ** 2, len(run.symbols))))

    unit = of_symbols(run.made[run.benchmark]) / 100 if len(run.symbols) > 1 else np.ones(1)
    bars = [(name, float(np.nanmean(of_symbols(run.made[name]) / unit))) for name in sorted(run.models)]
    dots = [
        (name, number, float(np.nanmean(of_symbols(made) / unit)))
        for name, own in sorted(run.seeds.items())
        for number, made in own.items()
        if np.isfinite(made).any()
    ]
    return pd.DataFrame(bars, columns=["model", "rmse"]), pd.DataFrame(dots, columns=["model", "seed", "rmse"])


def skill_by_symbol(data: RunData) -> Chart | None:
    """Every symbol's skill per model, sorted: about half lie above zero when there is no edge.

    Skill and its 90 % interval are the verdict's, in the loss that rules. None where fewer than 5 symbols were judged.
    """
    import altair as alt
    import pandas as pd

    run = view(data)
    rows = [
        {"symbol": symbol, "model": name, "skill": entry["skill_pct"], "words": _words(entry)}
        for symbol, verdict in (data.verdict.get("symbols") or {}).items()
        for name, entry in verdict["models"].items()
        if entry.get("skill_pct") is not None
    ]
    table = pd.DataFrame(rows, columns=["symbol", "model", "skill", "words"])
    if table["symbol"].nunique() < 5:
        return None
    rank = table.groupby("model")["skill"].rank(pct=True, method="first")
    # cut at -10 %, so that a poor model does not flatten the rest
    table = table.assign(rank=100 * rank, skill=table["skill"].clip(lower=-10)).sort_values(["model", "rank"])
    x = alt.X("rank:Q", title="Symbols, sorted by skill, %", scale=alt.Scale(domain=[0, 100]))
    y = alt.Y("skill:Q", title=f"Skill against {run.benchmark}, %")
    tips = ["symbol:N", "model:N", alt.Tooltip("words:N", title="skill [90 % interval]")]
    base = alt.Chart(inline(table)).encode(y=y, color=model_colour(run.rivals))
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(0))
    chart = alt.layer(zero, base.mark_line(strokeWidth=2).encode(x=x), hover(base, "rank:Q", tips))
    title = titled(
        f"Skill against {run.benchmark} in each of {table['symbol'].nunique()} symbols",
        "Without any edge many symbols still lie above zero: the pooled ruling comes first. Cut at -10 %.",
    )
    return chart.properties(width=WIDTH, height=HEIGHT, title=title)


def skill_by_run(runs: Mapping[str, RunData]) -> Chart | None:
    """Skill with its 90 % interval for every model in several runs, a row per run and model."""
    import altair as alt
    import pandas as pd

    parts = [_intervals(data.verdict.get("models", {}), view(data)).assign(run=name) for name, data in runs.items()]
    table = pd.concat([part for part in parts if "skill" in part], ignore_index=True) if parts else pd.DataFrame()
    if table.empty:
        return None
    left, right = _window(table.sort_values("skill", ascending=False, ignore_index=True))
    table = _clipped(table, left, right).drop(columns="label")
    models = list(dict.fromkeys(name for data in runs.values() for name in view(data).models))
    x = alt.X("low:Q", title="Skill against the benchmark, %", scale=alt.Scale(domain=[left, right]))
    y = alt.Y("run:N", title=None, axis=alt.Axis(labelLimit=200, ticks=False, domain=False))
    lift = alt.YOffset("model:N", sort=models)
    tips: list[Any] = ["run:N", "model:N", alt.Tooltip("words:N", title="skill [90 % interval]")]
    base = alt.Chart(inline(table)).encode(y=y, yOffset=lift, color=model_colour(models), tooltip=tips)
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
    chart = alt.layer(zero, base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=x, x2="high:Q"), *_points(base, 70))
    height = 16 * len(table) + 20 * len(runs)
    title = titled(
        "Skill against its benchmark of every model in every run, with 90 % intervals",
        "Left of the dashed line: worse than it. Triangle: beyond the axis.",
    )
    return chart.properties(width=WIDTH, height=height, title=title)

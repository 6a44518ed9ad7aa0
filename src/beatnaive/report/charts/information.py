"""What knowing a release was worth: the gain of each model over its twin, with its interval."""

from __future__ import annotations

from typing import Any

from beatnaive.core.types import RunData
from beatnaive.report.charts.frames import view
from beatnaive.report.charts.marks import WIDTH, Chart, inline, model_colour, plural, titled


def information(data: RunData) -> Chart | None:
    """Gain of every model that uses a release over its twin without it, % of the twin's error, with the 90 % interval.

    A row per release, a dot and bar per model; a tick marks the gain that the test would have found four times in five.
    None for a run without releases, or where no gain has an interval.
    """
    import altair as alt
    import pandas as pd

    run = view(data)
    gains = [one for one in (data.verdict.get("information") or {}).get("gains") or () if one.get("ci90")]
    if not gains:
        return None
    table = pd.DataFrame([
        {
            "label": f"{one['release']}: {one['model']}", "model": one["model"], "gain": one["gain_pct"],
            "low": one["ci90"][0], "high": one["ci90"][1], "mde": one["mde_pct"], "answer": one["answer"],
        }
        for one in gains
    ])  # fmt: skip
    numbers = [alt.Tooltip(f"{name}:Q", format="+.2f") for name in ("gain", "low", "high")]
    tips: list[Any] = ["label:N", "answer:N", *numbers, alt.Tooltip("mde:Q", format=".2f", title="detectable from, %")]
    y = alt.Y(
        "label:N", title=None, sort=list(table["label"]), axis=alt.Axis(labelLimit=260, ticks=False, domain=False)
    )
    base = alt.Chart(inline(table)).encode(y=y, color=model_colour(run.models, legend=False), tooltip=tips)
    apart = alt.Scale(padding=32)  # no mark under the menu in the corner
    x = alt.X("low:Q", title="Gain over the twin that does not know it, % of the twin's error", scale=apart)
    interval = base.mark_rule(strokeWidth=4, opacity=0.5).encode(x=x, x2="high:Q")
    point = base.mark_point(filled=True, size=120, opacity=1).encode(x="gain:Q")
    seen = base.mark_tick(thickness=2.5, size=18).encode(x="mde:Q")
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
    releases = len({one["release"] for one in gains})
    title = titled(
        f"{run.subject}: what {plural(releases, 'release')} added",
        "Dot and bar: gain and its 90 % interval. Tick: the gain that the test finds four times in five.",
    )
    return alt.layer(zero, interval, seen, point).properties(width=WIDTH, height=34 * len(table), title=title)

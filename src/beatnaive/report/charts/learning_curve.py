"""The learning curve: what more training data does to the gap to naive."""

from __future__ import annotations

import json

from beatnaive.core.types import RunData
from beatnaive.report.charts.marks import HEIGHT, WIDTH, Chart, inline, titled
from beatnaive.report.charts.theme import KNOWN

FILE = "learning_curve.json"


def learning_curve(data: RunData) -> Chart | None:
    """Gap to naive against the number of training windows; None where the study asked for no curve.

    x: windows, logarithmic, so that a doubling is the same step everywhere; y: 100 (RMSE / RMSE of naive - 1), %,
    0 = as good as naive. Line and band: the mean fit and its 90 % interval; dots: every single fit.
    """
    import altair as alt
    import pandas as pd

    path = data.folder / FILE
    if not path.is_file():
        return None
    curve = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        {"symbols": point["symbols"], "windows": point["windows"], "gap": point["gap_pct"],
         "low": point["ci90"][0], "high": point["ci90"][1]}
        for point in curve["points"]
    ]  # fmt: skip
    each = [
        {"model": model, "seed": seed, "windows": point["windows"], "gap": gap}
        for point in curve["points"]
        for model, gaps in point["each"].items()
        for seed, gap in enumerate(gaps)
    ]
    x = alt.X("windows:Q", title="Training windows", scale=alt.Scale(type="log", nice=False, padding=20))
    y = alt.Y("gap:Q", title="Gap to naive, % of its RMSE")
    colour = KNOWN["lstm"].colour
    sizes = alt.Chart(inline(pd.DataFrame(rows)))
    tips = [
        alt.Tooltip("symbols:Q", title="symbols"), alt.Tooltip("windows:Q", format=",.0f"),
        alt.Tooltip("gap:Q", format="+.2f"), alt.Tooltip("low:Q", format="+.2f"), alt.Tooltip("high:Q", format="+.2f"),
    ]  # fmt: skip
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(0))
    band = sizes.mark_area(opacity=0.15, color=colour).encode(x=x, y="low:Q", y2="high:Q")
    line = sizes.mark_line(color=colour, point={"color": colour, "size": 60}).encode(x=x, y=y, tooltip=tips)
    fits = alt.Chart(inline(pd.DataFrame(each))).mark_point(color=colour, opacity=0.45, size=18, filled=True).encode(
        x=x, y=y, tooltip=["model:N", "seed:Q", alt.Tooltip("gap:Q", format="+.2f")]
    )  # fmt: skip
    said = {
        "narrowed": "The last doubling of the data narrowed the gap. ",
        "widened": "The last doubling of the data widened the gap. ",
        "cannot tell": "Whether the last doubling of the data narrowed the gap, these fits cannot tell. ",
    }
    doubled = said[curve["last"]["says"]] if curve["last"] else ""
    title = titled(
        f"Does more data help? {curve['stock']}, {curve['n']:,} forecasts, the same for every size",
        f"{doubled}Dots: single fits; band: 90 % interval of their mean; 0: naive.",
    )
    return alt.layer(zero, band, fits, line).properties(width=WIDTH, height=HEIGHT, title=title)

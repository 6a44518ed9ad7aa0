"""The odds against luck of every model in a ledger, session by session, with the line that decides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from beatnaive.judging.significance.e_process import DECIDES
from beatnaive.report.charts.marks import DAY, HEIGHT, WIDTH, Chart, dates, hover, inline, model_colour, titled

SIDES = ("better", "worse")


def odds(path: Sequence[tuple[str, Mapping[str, Sequence[float]]]], side: str) -> Chart | None:
    """How the odds of being `side` ("better" or "worse") than naive went: an e-process per model, all tested together.

    path: (session, {model: natural logarithms of the odds of better and of worse}), sessions increasing; y: odds to 1,
    on a logarithmic scale; dashed where they decide. A line may be looked at on any day (Ville's inequality). None
    where no session was bet on.
    """
    import altair as alt
    import pandas as pd

    place = SIDES.index(side)
    rows = [(session, model, logs[place]) for session, every in path for model, logs in every.items()]
    if not rows:
        return None
    models = list(dict.fromkeys(model for _, model, _ in rows))
    table = pd.DataFrame(rows, columns=["date", "model", "log"]).assign(
        date=lambda frame: pd.to_datetime(frame["date"]), odds=lambda frame: frame["log"].clip(-14, 14).map(math.exp)
    )
    low, high = min(0.5, float(table["odds"].min())), max(2 * DECIDES, 1.2 * float(table["odds"].max()))
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    y = alt.Y("odds:Q", title="odds against luck, to 1", scale=scale, axis=alt.Axis(format="~g", tickCount=6))
    base = alt.Chart(inline(table.drop(columns="log"))).encode(y=y, color=model_colour(models))
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("odds:Q", format=",.3~g")]
    rules = [
        alt.Chart().mark_rule(strokeDash=dash).encode(y=alt.datum(at))
        for at, dash in ((1.0, [1, 0]), (DECIDES, [4, 3]))
    ]
    line = base.mark_line(strokeWidth=2, point=len(path) < 40).encode(x=dates(title="session"))
    title = titled(
        f"Odds that a model is {side} than naive, against luck",
        f"A line above the dashed one, {DECIDES:g} to 1, decides, on whatever day one looks; 1 is where all began.",
    )
    return alt.layer(*rules, line, hover(base, "date:T", tips)).properties(width=WIDTH, height=HEIGHT, title=title)

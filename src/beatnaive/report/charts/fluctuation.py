"""When was it better? The rolling t of every model against the benchmark, with the line that luck does not cross."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import RunData
from beatnaive.judging.significance.fluctuation import fluctuation as rolling_t
from beatnaive.judging.significance.fluctuation import lags_for
from beatnaive.report.charts.frames import session_losses, thin, view
from beatnaive.report.charts.marks import DAY, HEIGHT, WIDTH, Chart, dates, hover, inline, model_colour, titled

SESSIONS = 60
"""Fewer have no windows worth the name."""


def fluctuation(data: RunData) -> Chart | None:
    """The t of each model's gain over rolling windows of 30 % of the sessions (Giacomini and Rossi 2010).

    x: the middle of the window; y: t; dashed at the published critical values: where a model is always as accurate as
    the benchmark, its line crosses one of them in 5 of 100 long histories of one volatility, and in 6 to 10 of those in
    docs/honesty.md. None for fewer than 60 sessions.
    """
    import altair as alt
    import pandas as pd

    run = view(data)
    if not run.rivals or len(run.sessions) < SESSIONS:
        return None
    losses = session_losses(run)
    gain = losses[[run.benchmark]].to_numpy() - losses[list(run.rivals)].to_numpy()
    found = rolling_t(gain, lags_for(len(gain), run.horizon, persistent=run.volatility))
    table = pd.DataFrame(found.path, columns=list(run.rivals)).assign(date=losses.index[found.centre])
    lines, _ = thin(table.melt("date", var_name="model", value_name="t"), "date", 500)
    edge = 1.1 * max(found.critical, float(np.abs(found.path).max()))
    what = f"t against {run.benchmark}, over 30 % of the sessions"
    y = alt.Y("t:Q", title=what, scale=alt.Scale(domain=[-edge, edge]))
    base = alt.Chart(inline(lines)).encode(y=y, color=model_colour(run.rivals))
    tips = [alt.Tooltip("date:T", format=DAY), "model:N", alt.Tooltip("t:Q", format="+.2f")]
    rules = [
        alt.Chart().mark_rule(strokeDash=[4, 3] if at else [1, 0]).encode(y=alt.datum(at))
        for at in (0.0, found.critical, -found.critical)
    ]
    line = base.mark_line(strokeWidth=2).encode(x=dates(title="Middle of the window"))
    title = titled(
        f"{run.subject}: when was it better? t of each model over windows of {found.window} sessions",
        "Above the upper dashed line: better at that time, beyond luck. Below the lower one: worse.",
        "In 6 to 10 of 100 runs without any difference a given model's line crosses one of them (markets with GARCH).",
    )
    return alt.layer(*rules, line, hover(base, "date:T", tips)).properties(width=WIDTH, height=HEIGHT, title=title)

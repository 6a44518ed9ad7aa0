"""Training: loss curves with over-fitting marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from beatnaive.core.types import RunData
from beatnaive.report.charts.frames import view
from beatnaive.report.charts.marks import HEIGHT, WIDTH, Chart, inline, model_colour, titled
from beatnaive.report.charts.theme import HARM

if TYPE_CHECKING:
    import pandas as pd


def loss_curves(data: RunData) -> Chart | None:
    """Training and validation loss per epoch, a panel per network, a line per seed, over-fitting shaded.

    y: the network's own loss on its scaled target, logarithmic. The shade starts at the mean over the seeds of the
    epoch with the lowest validation loss. The last fold is shown. None where no model was trained in epochs.
    """
    import altair as alt

    histories = histories_of(data.fits)
    if histories.empty:
        return None
    x = alt.X("epoch:Q", title="Epoch", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(tickMinStep=1))
    y = alt.Y("value:Q", title="Loss, scaled target", scale=alt.Scale(type="log", nice=False))
    dash = alt.StrokeDash("part:N", scale=alt.Scale(domain=["training", "validation"], range=[[1, 0], [5, 3]]))
    tips = ["model:N", "seed:N", "part:N", "epoch:Q", alt.Tooltip("value:Q", format=".3~g", title="loss")]
    base = alt.Chart().transform_filter("datum.part != 'over-fitting'")
    lines = base.mark_line(strokeWidth=1.4, opacity=0.8).encode(
        x=x, y=y, color=model_colour(view(data).models, legend=False), strokeDash=dash, detail="seed:N", tooltip=tips
    )
    shade = alt.Chart().transform_filter("datum.part == 'over-fitting'").mark_rect(opacity=0.1, color=HARM)
    columns = min(histories["model"].nunique(), 2)
    seeds = histories.loc[histories["part"] == "training", "seed"].nunique()
    shaded = histories.loc[histories["part"] == "over-fitting", ["model", "epoch"]]
    found = "; ".join(f"{row.model} from epoch {row.epoch:.0f}" for row in shaded.itertuples())
    passed = f"Shaded, over-fitting: the validation loss has passed its lowest point ({found}, mean of the seeds)."
    title = titled(
        f"Training (solid) and validation loss (dashed) per epoch, {seeds} seed{'s' if seeds > 1 else ''}",
        passed if found else "",
    )
    return (
        alt.layer(shade.encode(x="epoch:Q", x2="value:Q"), lines, data=inline(histories))
        .properties(width=WIDTH if columns == 1 else 330, height=HEIGHT)
        .facet(facet=alt.Facet("model:N", title=None), columns=columns)
        .resolve_scale(y="independent", x="independent")
        .properties(title=title)
    )


def histories_of(fits: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """model, seed, part, epoch, value of the last fold's fits; empty where nothing was trained in epochs.

    The part "over-fitting" is one row per model whose validation loss has its minimum (mean of the seeds) before the
    end: first and last epoch of the shade.
    """
    import pandas as pd

    trained = [fit for fit in fits if len(fit.get("history", {}).get("loss", ())) > 1]
    last = max((fit["fold"] for fit in trained), default=0)
    names, parts = {"loss": "training", "val_loss": "validation"}, []
    for fit in trained:
        if fit["fold"] == last:
            curves = {names[key]: pd.Series(list(values)) for key, values in fit["history"].items() if key in names}
            table = pd.DataFrame(curves).rename_axis("epoch")
            table.index += 1
            long = table.reset_index().melt("epoch", var_name="part", value_name="value").dropna()
            parts.append(long.assign(model=fit["model"], seed=f"seed {fit['seed']}"))
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    shades = []
    for model, part in table[table["part"] == "validation"].groupby("model"):
        best = round(part.loc[part.groupby("seed")["value"].idxmin(), "epoch"].mean())
        end = part["epoch"].max()
        if best < 0.95 * end:
            shades.append({"model": model, "seed": "", "part": "over-fitting", "epoch": best, "value": end})
    return pd.concat([table, pd.DataFrame(shades)], ignore_index=True) if shades else table

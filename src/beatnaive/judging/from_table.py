"""Judge user-supplied forecasts: a table of dates, outcomes and one column per model, in any layout that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from beatnaive.core.errors import InputError
from beatnaive.core.types import Losses
from beatnaive.judging.horizons import HorizonsVerdict, together
from beatnaive.judging.tables.checked import CheckedTable, checked
from beatnaive.judging.tables.losses import LOSSES, Question, losses_of_table
from beatnaive.judging.tables.reading import Reading, read
from beatnaive.judging.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

    Table: TypeAlias = "pd.DataFrame | str | Path"


def judge(
    forecasts: Table, *, horizon: int = 1, loss: str | None = None, y: str = "price", trials: int = 0, seed: int = 0,
    actual: Table | None = None, columns: Mapping[str, str] | str | None = None, dates: str | None = None,
    drop: tuple[str, ...] = (),
) -> Verdict | HorizonsVerdict:  # fmt: skip
    """Rule on forecasts given as a table or a CSV or Parquet file.

    Columns: `ds` (dates), `y` (outcomes), one per model, optional `symbol`, optional `naive` (the forecast to beat) or
    `close` (the price at the origin); or Nixtla's, Darts', GluonTS' or skforecast's table as it is. Without those two
    the y of `horizon` rows before is naive, if y is a price without gaps; with y="return" naive is 0. A column `cutoff`
    (or `fold`, `start_date`, `horizon`) says when a row was forecast: naive is then the price at the cutoff, and every
    horizon is judged by itself and all of them together by Holm, a `HorizonsVerdict`.

    y: what it holds, "price", "return" or "variance" (to be beaten: last value, 20-row mean, expanding mean). loss:
    "log" (squared log-return error, the default for prices), "squared", "absolute" (both in the unit of y), "scaled"
    (squared return error over its EWMA variance known at the origin), "qlike" (default for variances), or "pinball",
    "crps" and "winkler", which judge the quantiles in columns NAME_q025, NAME_q05 .. NAME_q975 of each model. trials:
    how many variants were tried before; an adjusted p is multiplied by 1 + trials. seed of the bootstrap. actual: the
    outcomes, where they are another table; columns: {part: column} or "part=column", such as
    "y=actual,ds=date"; dates: "DMY" or "MDY";
    drop: models to leave out.

    Raises InputError, one line, for anything that cannot be judged.

    >>> import numpy as np, pandas as pd
    >>> days = pd.bdate_range("2024-01-01", periods=80)
    >>> y = 100 + np.random.default_rng(0).normal(size=80).cumsum()
    >>> frame = pd.DataFrame({"ds": days, "y": y, "mean": y.mean()})
    >>> judge(frame).rulings["mean"].ruling
    'worse'
    """
    question = Question(horizon, loss or LOSSES.get(y, ("log",))[0], y, trials)
    name = Path(forecasts).name if isinstance(forecasts, str | Path) else "this table"
    reading = read(forecasts, columns=columns, dates=dates, drop=drop)
    outcomes = None if actual is None else outcomes_of(actual, dates)
    tables = checked(reading, horizon, y, outcomes)
    verdicts = {table.horizon: verdict_of(table, question, name, seed) for table in tables}
    first = next(iter(verdicts.values()))
    return first if len(verdicts) == 1 else together(verdicts, first.reading)


def verdict_of(table: CheckedTable, question: Question, name: str, seed: int) -> Verdict:
    """The verdict on one horizon, with the scores of stated quantiles and how the table was read."""
    from beatnaive.judging.cross_section import examine_cross_section, is_cross_section
    from beatnaive.judging.ruling import rule
    from beatnaive.judging.significance import Trials, examine
    from beatnaive.judging.tables.intervals import interval_scores

    losses, shared = losses_of_table(table, question, name)
    trials = Trials(variants=question.trials)
    unit = ""
    if is_cross_section(losses):
        found, unit = examine_cross_section(losses, dated=table.dated, seed=seed, trials=trials)
    else:
        found = examine(losses, seed=seed, trials=trials)
    found = replace(
        found, ahead=table.horizon, symbols={k: replace(x, ahead=table.horizon) for k, x in found.symbols.items()}
    )
    verdict = rule(losses, found, table.findings, unit=unit)
    return replace(
        verdict,
        intervals=interval_scores(table, question, losses),
        reading=(*table.said, *([shared] if shared else [])),
        losses=losses,
        table=replace(table, trials=question.trials),
    )


def outcomes_of(actual: Table, dates: str | None) -> Reading:
    """A table of outcomes: `ds, y`, or a table of prices with a column Close. Raises InputError for anything else."""
    from beatnaive.judging.tables import outcomes

    return outcomes.read(actual, dates)


def losses_of(frame: pd.DataFrame, question: Question, name: str = "this table") -> Losses:
    """Pointwise losses of a user-supplied table of one horizon."""
    tables = checked(read(frame), question.horizon, question.y)
    if len(tables) > 1:
        raise InputError(f"the table has {len(tables)} horizons: its losses are those of one")
    return losses_of_table(tables[0], question, name)[0]

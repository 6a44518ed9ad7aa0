"""Judge user-supplied forecasts: a table of dates, outcomes and one column per model."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.documents import read_bytes, shown
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import LEVELS, OF_QUANTILES, Floats, Forecast, Losses
from beatnaive.judging.losses import LOSSES as POINTWISE
from beatnaive.judging.losses import variance_of_errors
from beatnaive.judging.table_checks import QUANTILES, CheckedTable, checked, lagged
from beatnaive.judging.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

LOSSES = {
    "price": ("log", "squared", "absolute", "scaled", *OF_QUANTILES),
    "return": ("squared", "absolute", "scaled", *OF_QUANTILES),
    "variance": ("qlike", "squared", "absolute"),
}
"""Losses by what y holds; the first is the default."""
LEVELS_OF_Y = (("price", "squared"), ("price", "absolute"))
"""Where errors are those of price levels, whose mean is not a drift."""
NAIVE_WINDOW, NAIVE_FEWEST = 250, 100
"""Naive's distribution, where the table states none: quantiles of its last 250 errors that were known, 100 at least."""


@dataclass(frozen=True)
class Question:
    """How a table is to be judged: horizon in rows, loss, what y is, how many variants were tried before."""

    horizon: int = 1
    loss: str = "log"
    y: str = "price"
    trials: int = 0

    def __post_init__(self) -> None:
        if self.y not in LOSSES:
            raise UnknownName("y", self.y, LOSSES, option="y")
        every = dict.fromkeys(name for names in LOSSES.values() for name in names)
        if self.loss not in every:
            raise UnknownName("loss", self.loss, every)
        if self.loss not in LOSSES[self.y]:
            fitting = ", ".join(LOSSES[self.y])
            raise InputError(f'loss="{self.loss}" does not fit y="{self.y}": take {fitting}', option="loss")
        if self.horizon < 1:
            raise InputError(f"horizon={self.horizon}: it counts rows ahead, 1 or more", option="horizon")
        if self.trials < 0:
            raise InputError(f"trials={self.trials}: how many variants were tried before, 0 or more", option="trials")


def judge(
    forecasts: pd.DataFrame | str | Path, *, horizon: int = 1, loss: str | None = None, y: str = "price",
    trials: int = 0, seed: int = 0,
) -> Verdict:  # fmt: skip
    """Rule on forecasts given as a table or a CSV or Parquet file.

    Columns: `ds` (dates), `y` (outcomes), one per model, optional `symbol`, optional `naive` (the forecast to beat) or
    `close` (the price at the origin). Without those two the y of `horizon` rows before is naive, if y is a price
    without gaps; with y="return" naive is 0.

    y: what it holds, "price", "return" or "variance" (to be beaten: last value, 20-row mean, expanding mean). loss:
    "log" (squared log-return error, the default for prices), "squared", "absolute" (both in the unit of y), "scaled"
    (squared return error over its EWMA variance known at the origin), "qlike" (default for variances), or "pinball",
    "crps" and "winkler", which judge the quantiles in columns NAME_q025, NAME_q05 .. NAME_q975 of each model. trials:
    how many variants were tried before; an adjusted p is multiplied by 1 + trials. seed of the bootstrap.

    Raises InputError, one line, for anything that cannot be judged.

    >>> import pandas as pd
    >>> days = pd.bdate_range("2024-01-01", periods=80)
    >>> y = 100 + np.random.default_rng(0).normal(size=80).cumsum()
    >>> frame = pd.DataFrame({"ds": days, "y": y, "mean": y.mean()})
    >>> judge(frame).rulings["mean"].ruling
    'worse'
    """
    from beatnaive.judging.ruling import rule
    from beatnaive.judging.significance import Trials, examine

    question = Question(horizon, loss or LOSSES.get(y, ("log",))[0], y, trials)
    name = "this table"
    if isinstance(forecasts, str | Path):
        name = Path(forecasts).name
        forecasts = read(Path(forecasts))
    table = checked(forecasts, horizon, y)
    losses = losses_of_table(table, question, name)
    return rule(losses, examine(losses, seed=seed, trials=Trials(variants=trials)), table.findings)


def read(path: Path) -> pd.DataFrame:
    """A CSV or Parquet file as a table. Raises InputError when it cannot be read."""
    import pandas as pd
    from pyarrow import ArrowInvalid

    file = io.BytesIO(read_bytes(path, most=4 << 30))
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return pd.read_parquet(file)
        return pd.read_csv(file, float_precision="round_trip")
    except (ArrowInvalid, OSError, ValueError, OverflowError) as error:  # pandas' and decoding errors are ValueErrors
        raise InputError(f"{shown(path)} cannot be read as CSV or Parquet: {str(error)[:120]}") from error


def losses_of(frame: pd.DataFrame, question: Question, name: str = "this table") -> Losses:
    """Pointwise losses of a user-supplied table: `losses_of_table` of the checked one."""
    return losses_of_table(checked(frame, question.horizon, question.y), question, name)


def losses_of_table(table: CheckedTable, question: Question, name: str = "this table") -> Losses:
    """Pointwise losses of a checked table; models with missing or impossible forecasts are invalid.

    Log returns from the close (or naive) for prices in the losses "log", "scaled" and those of quantiles, the unit of y
    otherwise. `name` is what the words call a table without symbols. Raises InputError where a price is not positive.
    """
    h, of_quantiles = question.horizon, question.loss in OF_QUANTILES
    y, close = table.y, np.full(len(table.y), np.nan)
    every, quantiles = {**table.benchmarks, **table.models}, dict(table.quantiles) if of_quantiles else {}
    if question.y == "price" and question.loss not in ("squared", "absolute"):
        close = table.close if table.close is not None else table.benchmarks["naive"]
        if not (y > 0).all() or not (close[np.isfinite(close)] > 0).all():
            mend = 'returns need y="return", other levels loss="squared"'
            raise InputError(f"y or naive is not always positive: {mend}", option="y")
        y = np.log(y / close)
        every = {model: np.log(np.where(f > 0, f, np.nan) / close) for model, f in every.items()}
        quantiles = {model: np.log(np.where(q > 0, q, np.nan) / close[:, None]) for model, q in quantiles.items()}
    elif question.y == "variance":
        every = {model: np.where(f > 0, f, np.nan) for model, f in every.items()}
    benchmarks = {model: every[model] for model in table.benchmarks}
    first, expanding, divisor = next(iter(benchmarks.values())), np.zeros(len(y)), np.ones(len(y))
    own_quantiles = np.full((len(y), len(LEVELS)), np.nan)
    for k in range(int(table.symbol.max()) + 1):
        rows = np.flatnonzero((table.symbol == k) & np.isfinite(first))
        error = y[rows] - first[rows]
        expanding[rows] = np.nan_to_num(lagged(y[rows].cumsum() / np.arange(1, len(rows) + 1), h))
        if question.loss == "scaled":
            divisor[table.symbol == k] = np.nan
            divisor[rows] = variance_of_errors(error, h)
        if of_quantiles and "naive" not in quantiles:
            own_quantiles[rows] = first[rows, None] + lagged_quantiles(error, h)
    known = np.isfinite(divisor) & np.logical_and.reduce([np.isfinite(f) for f in benchmarks.values()])
    if of_quantiles:
        quantiles.setdefault("naive", own_quantiles)
        known &= np.isfinite(quantiles["naive"]).all(axis=1)
    made: dict[str, Forecast] = {}
    invalid: dict[str, str] = {}
    for model, f in every.items():
        q = quantiles.get(model)
        whole = np.isfinite(f) if q is None else np.isfinite(f) & np.isfinite(q).all(axis=1)
        missing = np.flatnonzero(known & ~whole)
        if of_quantiles and q is None:
            invalid[model] = (
                f"it states no quantiles: columns {model}{QUANTILES[0]} .. {model}{QUANTILES[-1]} are needed"
            )
        elif len(missing):
            day = np.datetime_as_string(table.ds[missing[0]], unit="D")
            share = f"{len(missing)} of {int(known.sum())} forecasts"
            invalid[model] = f"{share} are missing or not usable, the first on {day}"
        elif q is not None and (crossed := int((np.diff(q[known], axis=1) < 0).any(axis=1).sum())):
            invalid[model] = f"its quantiles cross in {crossed} of {int(known.sum())} rows"
        else:
            made[model] = Forecast(f[known], None if q is None else q[known])
    y, ds, code, first = y[known], table.ds[known], table.symbol[known], first[known]
    # naive's mean squared error on the row's own symbol makes symbols comparable
    symbols, square = table.symbols or (name,), (y - first) ** 2
    count = np.maximum(np.bincount(code, minlength=len(symbols)), 1)
    mean = np.bincount(code, weights=square, minlength=len(symbols)) / count
    function = POINTWISE["squared" if question.loss == "log" else question.loss]
    return Losses(
        symbols=symbols,
        symbol=code,
        session=ds,
        origin=ds,
        horizon=h,
        y=y,
        close=close[known],
        forecast={model: f.mean for model, f in made.items()},
        loss={model: function(y, f, divisor[known]) for model, f in made.items()},
        seed_loss={},
        scale=np.where(mean > 0, mean, 1.0)[code],
        benchmarks=tuple(benchmarks),
        loss_name=question.loss,
        invalid=invalid,
        quantiles={model: f.quantiles for model, f in made.items() if f.quantiles is not None},
        expanding=None if question.y == "variance" or (question.y, question.loss) in LEVELS_OF_Y else expanding[known],
    )


def lagged_quantiles(error: Floats, horizon: int) -> Floats:
    """(n, 9) quantiles at `LEVELS` of the last 250 errors that were known at each origin, `horizon` rows before.

    NaN until 100 are known. What naive's distribution is where nobody states one: that of its own past errors.
    """
    found = np.full((len(error), len(LEVELS)), np.nan)
    for end in range(NAIVE_FEWEST, len(error) - horizon + 1):
        found[end + horizon - 1] = np.quantile(error[max(0, end - NAIVE_WINDOW) : end], LEVELS)
    return found

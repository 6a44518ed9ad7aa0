"""Judge user-supplied forecasts: a table of dates, outcomes and one column per model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import Losses
from beatnaive.judging.losses import variance_of_errors
from beatnaive.judging.table_checks import checked
from beatnaive.judging.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("price", "return")
LOSSES = ("log", "squared", "absolute", "scaled")


@dataclass(frozen=True)
class Question:
    """How a table is to be judged: horizon in rows, loss, what y is, how many variants were tried before."""

    horizon: int = 1
    loss: str = "log"
    y: str = "price"
    trials: int = 0

    def __post_init__(self) -> None:
        if self.y not in KINDS:
            raise UnknownName("--y", self.y, KINDS)
        if self.loss not in LOSSES:
            raise UnknownName("loss", self.loss, LOSSES)
        if self.y == "return" and self.loss == "log":
            raise InputError("--loss log needs prices: with --y return take squared, absolute or scaled")
        if self.horizon < 1:
            raise InputError(f"--horizon {self.horizon} is not a horizon: it counts rows ahead, 1 or more")
        if self.trials < 0:
            raise InputError(f"--trials {self.trials}: the number of variants tried before this one, 0 or more")


def judge(
    forecasts: pd.DataFrame | str | Path, *, horizon: int = 1, loss: str | None = None, y: str = "price",
    trials: int = 0, seed: int = 0,
) -> Verdict:  # fmt: skip
    """Rule on forecasts given as a table or a CSV or Parquet file.

    Columns: `ds` (dates), `y` (outcomes), one per model, optional `symbol`, optional `naive` (the forecast to beat) or
    `close` (the price at the origin). Without those two the y of `horizon` rows before is naive, if y is a price
    without gaps; with y="return" naive is 0.

    loss: "log" (squared log-return error, the default for prices), "squared", "absolute" (both in the unit of y) or
    "scaled" (squared return error over its EWMA variance known at the origin). trials: how many variants were tried
    before; an adjusted p is multiplied by 1 + trials. seed of the bootstrap.

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

    question = Question(horizon, loss or ("log" if y == "price" else "squared"), y, trials)
    if isinstance(forecasts, str | Path):
        losses = losses_of(read(Path(forecasts)), question, Path(forecasts).name)
    else:
        losses = losses_of(forecasts, question)
    return rule(losses, examine(losses, seed=seed, trials=Trials(variants=trials)))


def read(path: Path) -> pd.DataFrame:
    """A CSV or Parquet file as a table. Raises InputError when it cannot be read."""
    import pandas as pd
    from pyarrow import ArrowInvalid

    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return pd.read_parquet(path)
        return pd.read_csv(path, float_precision="round_trip")
    except (ArrowInvalid, pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as CSV or Parquet: {error}") from error


def losses_of(frame: pd.DataFrame, question: Question, name: str = "this table") -> Losses:
    """Pointwise losses of a user-supplied table; models with missing or impossible forecasts are invalid.

    Log returns from the close (or naive) for prices in the losses "log" and "scaled", the unit of y otherwise.
    `name` is what the words call a table without symbols. Raises InputError where a price is not positive.
    """
    table = checked(frame, question.horizon, question.y)
    y, naive, models, close = table.y, table.naive, dict(table.models), np.full(len(table.y), np.nan)
    if question.y == "price" and question.loss in ("log", "scaled"):
        close = table.close if table.close is not None else naive
        if not (y > 0).all() or not (close[np.isfinite(close)] > 0).all():
            raise InputError("y or naive is not always positive: returns need --y return, other levels --loss squared")
        y, naive = np.log(y / close), np.log(naive / close)
        models = {model: np.log(np.where(f > 0, f, np.nan) / close) for model, f in models.items()}
    divisor = np.ones(len(y))
    if question.loss == "scaled":
        divisor = np.full(len(y), np.nan)
        for k in range(int(table.symbol.max()) + 1):
            rows = np.flatnonzero((table.symbol == k) & np.isfinite(y - naive))
            divisor[rows] = variance_of_errors(y[rows] - naive[rows], question.horizon)
    known = np.isfinite(table.naive) & np.isfinite(divisor)
    forecast, invalid = {"naive": naive[known]}, dict[str, str]()
    for model, f in models.items():
        missing = np.flatnonzero(known & ~np.isfinite(f))
        if len(missing):
            day = np.datetime_as_string(table.ds[missing[0]], unit="D")
            share = f"{len(missing)} of {int(known.sum())} forecasts"
            invalid[model] = f"{share} are missing or not usable, the first on {day}"
        else:
            forecast[model] = f[known]
    y, ds, code, divisor = y[known], table.ds[known], table.symbol[known], divisor[known]
    absolute = question.loss == "absolute"
    # naive's mean squared error on the row's own symbol makes symbols comparable
    symbols, square = table.symbols or (name,), (y - forecast["naive"]) ** 2
    count = np.maximum(np.bincount(code, minlength=len(symbols)), 1)
    mean = np.bincount(code, weights=square, minlength=len(symbols)) / count
    return Losses(
        symbols=symbols,
        symbol=code,
        session=ds,
        origin=ds,
        horizon=question.horizon,
        y=y,
        close=close[known],
        forecast=forecast,
        loss={model: np.abs(y - f) if absolute else (y - f) ** 2 / divisor for model, f in forecast.items()},
        seed_loss={},
        scale=np.where(mean > 0, mean, 1.0)[code],
        benchmarks=("naive",),
        loss_name=question.loss,
        invalid=invalid,
    )

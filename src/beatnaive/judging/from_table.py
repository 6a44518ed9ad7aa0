"""Judge forecasts that people bring: a table of dates, outcomes and one column per model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import Bools, Floats, Losses
from beatnaive.judging.table_checks import Brought, brought, lagged
from beatnaive.judging.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("price", "return")
LOSSES = ("log", "squared", "absolute", "scaled")
_DECAY, _WARMUP = 0.94, 20


@dataclass(frozen=True)
class Question:
    """How brought forecasts are to be judged: horizon in rows, loss, what y is, how many variants were tried before."""

    horizon: int = 1
    loss: str = "log"
    y: str = "price"
    trials: int = 1

    def __post_init__(self) -> None:
        if self.y not in KINDS:
            raise UnknownName("--y", self.y, KINDS)
        if self.loss not in LOSSES:
            raise UnknownName("loss", self.loss, LOSSES)
        if self.y == "return" and self.loss == "log":
            raise InputError("--loss log needs prices: with --y return take squared, absolute or scaled")
        if self.horizon < 1:
            raise InputError(f"--horizon {self.horizon} is no horizon: it counts rows ahead, 1 or more")
        if self.trials < 1:
            raise InputError(f"--trials {self.trials}: the number of variants tried, 1 or more")


def judge(
    forecasts: pd.DataFrame | str | Path, *, horizon: int = 1, loss: str | None = None, y: str = "price",
    trials: int = 1, seed: int = 0,
) -> Verdict:  # fmt: skip
    """Rule on forecasts brought as a table or a CSV or Parquet file.

    Columns: `ds` (dates), `y` (outcomes), one per model, optional `symbol`, optional `naive` (the forecast to beat) or
    `close` (the price at the origin). Without those two the y of `horizon` rows before is naive, if y is a price
    without gaps; with y="return" naive is 0.

    loss: "log" (squared log-return error, the default for prices), "squared", "absolute" (both in the unit of y) or
    "scaled" (squared return error over its EWMA variance known at the origin). trials: how many variants were tried
    before; an adjusted p becomes 1 - (1 - p)^trials. seed of the bootstrap.

    Raises InputError, one line, for anything that cannot be judged.

    >>> import pandas as pd
    >>> days = pd.bdate_range("2024-01-01", periods=80)
    >>> y = 100 + np.random.default_rng(0).normal(size=80).cumsum()
    >>> frame = pd.DataFrame({"ds": days, "y": y, "mean": y.mean()})
    >>> judge(frame).rulings["mean"].ruling
    'worse'
    """
    from beatnaive.judging.significance import Trials, examine
    from beatnaive.judging.verdict import judge as rule

    question = Question(horizon, loss or ("log" if y == "price" else "squared"), y, trials)
    if isinstance(forecasts, str | Path):
        losses = losses_of(read(Path(forecasts)), question, Path(forecasts).name)
    else:
        losses = losses_of(forecasts, question)
    return rule(losses, examine(losses, seed=seed, trials=Trials(variants=trials if trials > 1 else 0)))


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
    """Pointwise losses of a brought table; models with missing or impossible forecasts are invalid.

    `name` is what the words call a table without symbols.
    """
    table = brought(frame, question.horizon, question.y)
    known = np.isfinite(table.naive)
    if question.loss == "scaled":
        known &= np.isfinite(_variance(table, question))
    outcome, naive, models, close = _in_unit(table, question)
    invalid = {name: _failure(values, known, table) for name, values in models.items()}
    invalid = {name: reason for name, reason in invalid.items() if reason}
    forecast = {"naive": naive, **{name: values for name, values in models.items() if name not in invalid}}
    forecast = {name: values[known] for name, values in forecast.items()}
    y, code = outcome[known], table.symbol[known]
    divisor = _variance(table, question)[known] if question.loss == "scaled" else np.ones(len(y))
    loss = {name: _loss(y - values, question.loss, divisor) for name, values in forecast.items()}
    ds, symbols = table.ds[known], table.symbols or (name,)
    scale = _own_scale(y - forecast["naive"], code, len(symbols))
    return Losses(
        symbols, code, ds, ds, question.horizon, y, close[known], forecast, loss, {}, scale, ("naive",), question.loss,
        invalid,
    )  # fmt: skip


def _in_unit(table: Brought, question: Question) -> tuple[Floats, Floats, dict[str, Floats], Floats]:
    """Outcome, naive, models in the unit of the loss, and the close that turns log returns into prices again."""
    if question.y == "return" or question.loss in ("squared", "absolute"):
        return table.y, table.naive, dict(table.models), np.full(len(table.y), np.nan)
    close = table.close if table.close is not None else table.naive
    if not (table.y > 0).all() or not (close[np.isfinite(close)] > 0).all():
        raise InputError("y or naive is not always positive: returns need --y return, other levels --loss squared")
    outcome, naive = (np.log(values / close) for values in (table.y, table.naive))
    models = {name: np.log(np.where(values > 0, values, np.nan) / close) for name, values in table.models.items()}
    return outcome, naive, models, close


def _failure(values: Floats, known: Bools, table: Brought) -> str:
    """Why a model cannot be judged, or an empty text."""
    missing = np.flatnonzero(known & ~np.isfinite(values))
    if not len(missing):
        return ""
    day = np.datetime_as_string(table.ds[missing[0]], unit="D")
    return f"{len(missing)} of {int(known.sum())} forecasts are missing or not usable, the first on {day}"


def _loss(error: Floats, name: str, divisor: Floats) -> Floats:
    return np.abs(error) if name == "absolute" else np.asarray(error**2 / divisor)


def _own_scale(error: Floats, code: np.ndarray[tuple[int], np.dtype[np.int32]], symbols: int) -> Floats:
    """(n,) naive's mean squared error on the row's own symbol: it makes symbols comparable."""
    count = np.maximum(np.bincount(code, minlength=symbols), 1)
    mean = np.bincount(code, weights=error**2, minlength=symbols) / count
    return np.where(mean > 0, mean, 1.0)[code]


def _variance(table: Brought, question: Question) -> Floats:
    """(n,) EWMA variance of naive's errors that were known at the origin; NaN for the first rows of a symbol."""
    from scipy.signal import lfilter

    error = table.y - table.naive if question.y == "return" else np.log(table.y / table.naive)
    variance = np.full(len(error), np.nan)
    for code in range(int(table.symbol.max()) + 1):
        rows = np.flatnonzero((table.symbol == code) & np.isfinite(error))
        square = error[rows] ** 2
        if len(rows) > _WARMUP + question.horizon:
            start = square[:_WARMUP].mean()
            smooth = lfilter([1 - _DECAY], [1, -_DECAY], square, zi=[_DECAY * start])[0]
            smooth[:_WARMUP] = np.nan
            variance[rows] = lagged(smooth, question.horizon)
    return np.where(variance > 0, variance, np.nan)

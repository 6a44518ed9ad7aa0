"""Pointwise losses of a checked table, on the rows that all of its models share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.phrases import listing
from beatnaive.core.types import LEVELS, OF_QUANTILES, Bools, Floats, Forecast, Losses
from beatnaive.judging.losses import LOSSES as POINTWISE
from beatnaive.judging.losses import variance_of_errors
from beatnaive.judging.tables.checked import CheckedTable
from beatnaive.judging.tables.naive import Outcomes, lagged
from beatnaive.judging.tables.roles import QUANTILES

LOSSES = {
    "price": ("log", "squared", "absolute", "scaled", *OF_QUANTILES),
    "return": ("squared", "absolute", "scaled", *OF_QUANTILES),
    "variance": ("qlike", "squared", "absolute"),
}
"""Losses by what y holds; the first is the default."""
NAMES = tuple(dict.fromkeys(name for names in LOSSES.values() for name in names))
"""Of all losses that a table can be judged by."""
LEVELS_OF_Y = (("price", "squared"), ("price", "absolute"))
"""Where errors are those of price levels, whose mean is not a drift."""
NAIVE_WINDOW, NAIVE_FEWEST = 250, 100
"""Naive's distribution, where the table states none: quantiles of its last 250 errors that were known, 100 at least."""
MISSING = 0.5
"""The share of missing forecasts above which a model is invalid; below it, the rows that all models have are judged."""


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
        if self.loss not in NAMES:
            raise UnknownName("loss", self.loss, NAMES)
        if self.loss not in LOSSES[self.y]:
            fitting = ", ".join(LOSSES[self.y])
            raise InputError(f'loss="{self.loss}" does not fit y="{self.y}": take {fitting}', option="loss")
        if self.horizon < 1:
            raise InputError(f"horizon={self.horizon}: it counts rows ahead, 1 or more", option="horizon")
        if self.trials < 0:
            raise InputError(f"trials={self.trials}: how many variants were tried before, 0 or more", option="trials")

    @property
    def of_returns(self) -> bool:
        """Whether prices are judged by their log return from the last one."""
        return self.y == "price" and self.loss not in ("squared", "absolute")

    @property
    def of_quantiles(self) -> bool:
        """Whether the stated quantiles are judged, not the point."""
        return self.loss in OF_QUANTILES


@dataclass(frozen=True, eq=False)
class InUnit:
    """A table in the unit of its question: y, close (n,), forecast {name: (n,)}, quantiles {name: {level: (n,)}}."""

    y: Floats
    close: Floats
    forecast: Mapping[str, Floats]
    quantiles: Mapping[str, Mapping[float, Floats]]


def losses_of_table(table: CheckedTable, question: Question, name: str = "this table") -> tuple[Losses, str]:
    """The losses, and how many rows all models share, in words ("" = all).

    `name` is what the words call a table without symbols. Raises InputError where a price is not positive.
    """
    made = in_unit(table, question)
    benchmarks = {one: made.forecast[one] for one in table.benchmarks}
    first = next(iter(benchmarks.values()))
    expanding, divisor, own = from_the_past(table, question, made.y, first)
    stated = {one: q for one in made.forecast if (q := nine(made.quantiles.get(one, {}))) is not None}
    known = np.isfinite(divisor) & np.logical_and.reduce([np.isfinite(f) for f in benchmarks.values()])
    if question.of_quantiles:
        stated.setdefault("naive", own)
        known &= np.isfinite(stated["naive"]).all(axis=1)
    forecast, invalid, missing = usable(table, question, made.forecast, stated, known)
    shared = known & np.logical_and.reduce([~missing[one] for one in forecast] or [known])
    y, ds, code, first = made.y[shared], table.ds[shared], table.symbol[shared], first[shared]
    # naive's mean squared error on the row's own symbol makes symbols comparable
    symbols, square = table.symbols or (name,), (y - first) ** 2
    count = np.maximum(np.bincount(code, minlength=len(symbols)), 1)
    mean = np.bincount(code, weights=square, minlength=len(symbols)) / count
    function = POINTWISE["squared" if question.loss == "log" else question.loss]
    kept = {
        one: Forecast(made.forecast[one][shared], stated[one][shared] if question.of_quantiles else None)
        for one in forecast
    }
    losses = Losses(
        symbols=symbols,
        symbol=code,
        session=ds,
        origin=table.origin[shared],
        horizon=table.overlap,
        y=y,
        close=made.close[shared],
        forecast={one: f.mean for one, f in kept.items()},
        loss={one: function(y, f, divisor[shared]) for one, f in kept.items()},
        seed_loss={},
        scale=np.where(mean > 0, mean, 1.0)[code],
        benchmarks=tuple(benchmarks),
        loss_name=question.loss,
        invalid=invalid,
        quantiles={one: f.quantiles for one, f in kept.items() if f.quantiles is not None},
        expanding=None if question.y == "variance" or (question.y, question.loss) in LEVELS_OF_Y else expanding[shared],
    )
    return losses, common(known, shared, {one: missing[one] & known for one in forecast})


def in_unit(table: CheckedTable, question: Question) -> InUnit:
    """Log returns from the close (or naive) for prices in the losses "log", "scaled" and those of quantiles, the unit
    of y otherwise. Raises InputError where a price is not positive."""
    y, close = table.y, np.full(len(table.y), np.nan)
    every, quantiles = {**table.benchmarks, **table.models}, table.quantiles
    if question.of_returns:
        close = table.close if table.close is not None else table.benchmarks["naive"]
        if not (y > 0).all() or not (close[np.isfinite(close)] > 0).all():
            mend = 'returns need y="return", other levels loss="squared"'
            raise InputError(f"y or naive is not always positive: {mend}", option="y")

        def log(f: Floats) -> Floats:
            return np.asarray(np.log(np.where(f > 0, f, np.where(np.isnan(f), np.nan, 0.0)) / close))

        with np.errstate(divide="ignore"):  # a price of zero is one that no forecast may be
            every = {model: log(f) for model, f in every.items()}
            quantiles = {model: {k: log(q) for k, q in own.items()} for model, own in quantiles.items()}
        return InUnit(np.log(y / close), close, every, quantiles)
    if question.y == "variance":
        every = {model: np.where(f <= 0, -np.inf, f) for model, f in every.items()}
    return InUnit(y, close, every, quantiles)


def from_the_past(table: CheckedTable, question: Question, y: Floats, naive: Floats) -> tuple[Floats, Floats, Floats]:
    """Per row, from rows that were known: the mean of outcomes (n,), the divisor of the loss (n,), naive's own
    quantiles (n, 9)."""
    known, h = np.isfinite(naive), table.overlap
    expanding, divisor, own = np.zeros(len(y)), np.ones(len(y)), np.full((len(y), len(LEVELS)), np.nan)
    for _, every in Outcomes(table.symbols, table.symbol, table.ds, y).series():
        rows = every[known[every]]
        expanding[rows] = np.nan_to_num(lagged(y[rows].cumsum() / np.arange(1, len(rows) + 1), h))
        if question.loss == "scaled":
            divisor[every] = np.nan
            divisor[rows] = variance_of_errors(y[rows] - naive[rows], h)
        if question.of_quantiles:
            own[rows] = naive[rows, None] + lagged_quantiles(y[rows] - naive[rows], h)
    return expanding, divisor, own


def nine(stated: Mapping[float, Floats]) -> Floats | None:
    """(n, 9) the quantiles of a model at all `LEVELS`; None where it does not state them all."""
    return np.stack([stated[k] for k in LEVELS], axis=1) if set(LEVELS) <= set(stated) else None


def usable(
    table: CheckedTable, question: Question, forecast: Mapping[str, Floats], stated: Mapping[str, Floats], known: Bools
) -> tuple[list[str], dict[str, str], dict[str, Bools]]:
    """The models that can be judged, why the others cannot, and which forecasts are missing, {name: (n,)}."""
    valid: list[str] = []
    invalid: dict[str, str] = {}
    missing: dict[str, Bools] = {}
    total = int(known.sum())
    for name, f in forecast.items():
        q = stated.get(name) if question.of_quantiles else None
        missing[name] = np.isnan(f) if q is None else np.isnan(f) | np.isnan(q).any(axis=1)
        impossible = np.isinf(f) if q is None else np.isinf(f) | np.isinf(q).any(axis=1)
        bad = np.flatnonzero(known & impossible)
        lost = int((known & missing[name]).sum())
        if question.of_quantiles and q is None:
            invalid[name] = f"it states no quantiles: columns {name}{QUANTILES[0]} .. {name}{QUANTILES[-1]} are needed"
        elif len(bad) or lost > MISSING * total:
            rows = bad if len(bad) else np.flatnonzero(known & missing[name])
            day = np.datetime_as_string(table.ds[rows[0]], unit="D")
            invalid[name] = f"{len(rows)} of {total} forecasts are missing or not usable, the first on {day}"
        elif q is not None and (crossed := int((np.diff(q[known & ~missing[name]], axis=1) < 0).any(axis=1).sum())):
            invalid[name] = f"its quantiles cross in {crossed} of {total} rows"
        else:
            valid.append(name)
    return valid, invalid, missing


def common(known: Bools, shared: Bools, missing: Mapping[str, Bools]) -> str:
    """How many rows all models share, and who lacks the others; "" where none is lacking."""
    lacking = {name: int(rows.sum()) for name, rows in missing.items() if rows.any()}
    if not lacking:
        return ""
    told = [f"{name} ({count:,})" for name, count in sorted(lacking.items(), key=lambda item: -item[1])]
    names = listing(told) if len(told) <= 3 else f"{', '.join(told[:3])} and {len(told) - 3} more"
    worst = max(lacking, key=lambda name: lacking[name])
    rows = f"judged on the {int(shared.sum()):,} of {int(known.sum()):,} rows that all models have"
    return f"{rows}; missing are forecasts of {names}: without {worst} there are more rows (drop)"


def lagged_quantiles(error: Floats, horizon: int, levels: tuple[float, ...] = LEVELS) -> Floats:
    """(n, levels) quantiles of the last 250 errors that were known at each origin, `horizon` rows before.

    NaN until 100 are known. What naive's distribution is where nobody states one: that of its own past errors.
    """
    found = np.full((len(error), len(levels)), np.nan)
    for end in range(NAIVE_FEWEST, len(error) - horizon + 1):
        found[end + horizon - 1] = np.quantile(error[max(0, end - NAIVE_WINDOW) : end], levels)
    return found

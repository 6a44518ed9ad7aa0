"""The forecast to beat: the last known price, and whether a column is really that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Instants
from beatnaive.judging.significance.examination import ROWS
from beatnaive.judging.tables.calendar import ASK, Calendar

LEVEL = 0.9
"""Lag-1 autocorrelation above which a series is a level, such as a price, and not a change."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What came, one row per series and date, sorted by (ds, symbol): symbols, symbol (n,) codes, ds (n,), y (n,)."""

    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    ds: Instants
    y: Floats

    def series(self) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """(name, rows) of each series, rows in time order."""
        order = np.argsort(self.symbol, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.symbol[order])) + 1):
            yield (self.symbols[self.symbol[rows[0]]] if self.symbols else ""), rows


def previous_value(outcomes: Outcomes, horizon: int) -> Floats:
    """(n,) the y of `horizon` rows before, NaN for the first rows of each series.

    Only where that is the last known price: y must look like a price, and ds follow a calendar without a gap.
    Raises InputError where it cannot be known.
    """
    y, calendar, naive = outcomes.y, Calendar(), np.full(len(outcomes.y), np.nan)
    longest = max(len(rows) for _, rows in outcomes.series())
    for name, rows in outcomes.series():
        # only a price series has its own last value as naive; a few rows beside long ones do not tell
        of = f" of {name}" if name else ""
        refuse_scaled(y[rows], of)
        if not (y[rows] > 0).all():
            raise InputError(
                f'y{of} is not always positive, so it is not a price: returns need y="return", else {ASK}', option="y"
            )
        told = len(rows) >= min(ROWS, longest)
        if told and (y[rows] == y[rows[0]]).all():
            raise InputError(f"y{of} is {y[rows[0]]:g} in all {len(rows)} rows: where nothing moves, naive is perfect")
        if told and not (similar := autocorrelation(y[rows])) > least_of_a_price(len(rows)):
            looks = f"does not look like a price (lag-1 autocorrelation {similar:.2f})"
            raise InputError(f'y{of} {looks}: returns need y="return", else {ASK}', option="y")
        calendar.check(outcomes.ds[rows], name)
        naive[rows] = lagged(y[rows], horizon)
    if not np.isfinite(naive).any():
        raise InputError(f"{len(y)} rows are too few for a horizon of {horizon}: {ASK}")
    return naive


def refuse_scaled(y: Floats, of: str = "") -> None:
    """Raise InputError for prices that were scaled: levels, but not positive, as z-scores and scalers leave them.

    A scaled price has no returns, and the scaler was fitted on some period; "zero" is no naive forecast of it either.
    """
    if len(y) < ROWS or (y > 0).all() or not autocorrelation(y) > LEVEL or not len(np.unique(y)) > len(y) // 2:
        return
    kind = "z-scored" if (y < 0).any() else "scaled"
    spread = f"mean {y.mean():.2f}, deviation {y.std():.2f}, lag-1 autocorrelation {autocorrelation(y):.2f}"
    raise InputError(
        f"y{of} looks like {kind} prices ({spread}): they have no returns, and the scaler knew a period that the rows "
        "may lie in; bring prices (scaler.inverse_transform), of the forecasts too",
        option="y",
    )


def rivals_of_variance(outcomes: Outcomes, given: Mapping[str, Floats], horizon: int) -> dict[str, Floats]:
    """{name: (n,)} the naive forecasts of a variance: the last value known, the mean of the last 20, and of all.

    A 20-day mean is a weak rival by itself, and the last value a noisy one: "better" means better than all three, and
    than the column naive where there is one. Where rows are missing they cannot be known, and naive stands alone.
    Raises InputError for a y that is not positive, and for gaps without a column naive.
    """
    y, calendar = outcomes.y, Calendar()
    if not (y > 0).all():
        raise InputError("y is not always positive, so it is not a variance")
    found = {"naive": given["naive"]} if "naive" in given else {}
    made = {name: np.full(len(y), np.nan) for name in ("last_value", "mean_20", "expanding_mean")}
    for name, rows in outcomes.series():
        try:
            calendar.check(outcomes.ds[rows], name)
        except InputError:
            if found:
                return found
            raise
        own, sums = y[rows], np.concatenate([[0.0], y[rows].cumsum()])
        seen = np.arange(1, len(own) + 1)
        recent, every = (sums[seen] - sums[np.maximum(seen - 20, 0)]) / np.minimum(seen, 20), sums[seen] / seen
        for rival, values in (("last_value", own), ("mean_20", recent), ("expanding_mean", every)):
            made[rival][rows] = lagged(np.where(seen >= 20, values, np.nan), horizon)
    return found | {name: given.get(name, values) for name, values in made.items()}


def lagged(values: Floats, steps: int) -> Floats:
    """The values of `steps` rows before, NaN for the first.

    >>> lagged(np.array([1.0, 2.0, 3.0]), 1).tolist()
    [nan, 1.0, 2.0]
    """
    return np.concatenate([np.full(min(steps, len(values)), np.nan), values[:-steps]])


def least_of_a_price(n: int) -> float:
    """The lag-1 autocorrelation that n rows of a price exceed, but for one random walk in a hundred.

    >>> [round(least_of_a_price(n), 2) for n in (30, 100, 1000)]
    [0.4, 0.78, 0.9]
    """
    return min(LEVEL, max(0.4, 1 - 22 / n))


def autocorrelation(y: Floats) -> float:
    """Correlation of a series with itself one row before; NaN for a constant series or fewer than three rows.

    >>> round(autocorrelation(np.arange(10.0)), 6)
    1.0
    """
    if len(y) < 3 or y[1:].std() == 0 or y[:-1].std() == 0:
        return float("nan")
    return float(np.corrcoef(y[1:], y[:-1])[0, 1])

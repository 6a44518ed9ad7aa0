"""The contract of feature sets: each check takes a set and a frame of bars, and raises ContractBroken or is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.checks.base import ContractBroken, difference, refuse, spread_of
from beatnaive.core.types import BARS, Floats
from beatnaive.features import FeatureSet
from beatnaive.features.base import evaluate

if TYPE_CHECKING:
    import pandas as pd

MEMORY = 500
"""Sessions after which a recursive column must have forgotten where its data began."""


def prefix_invariant(features: FeatureSet, frame: pd.DataFrame, cuts: int = 25) -> None:
    """Rows up to a cut are the same whether later sessions exist or not.

    Why: a value that changes when the future arrives was never known at the time. Tolerance: 1e-9 of the column's
    spread, and no value may appear or vanish. Cuts lie evenly from the 20th session to the last but one.

    >>> from beatnaive.checks.markets import walk_frame
    >>> centred = FeatureSet("centred", lambda bars: bars["Close"].rolling(5, center=True).mean())
    >>> prefix_invariant(centred, walk_frame(80, seed=0))
    Traceback (most recent call last):
        ...
    beatnaive.checks.base.ContractBroken: centred looks ahead: ...
    """
    whole = evaluate(features, frame)
    values = whole.to_numpy(np.float64)
    for cut in np.unique(np.linspace(min(20, len(frame) - 1), len(frame) - 1, cuts).astype(int)):
        part = evaluate(features, frame.iloc[:cut])
        if tuple(part.columns) != tuple(whole.columns):
            raise ContractBroken(f"{features.name} has other columns after {cut} sessions: declare them all, use NaN")
        found = difference(
            values[:cut], part.to_numpy(np.float64), tolerance=1e-9, spread=spread_of(values)
        )  # the spread of the whole: a short prefix may hold none
        refuse(found, f"{features.name} looks ahead", list(whole.columns), "use the row's own session and earlier ones")


def exact_lookback(features: FeatureSet, frame: pd.DataFrame, ends: int = 12) -> None:
    """A row needs its last `lookback` sessions and nothing before; a recursive column forgets within 500 more.

    Why: `forecast` loads only as much history as is declared. Tolerance: 1e-6 of the column's spread. The frame must
    hold lookback + 1,000 sessions.
    """
    need, n = features.lookback, len(frame)
    if need < 1:
        raise ContractBroken(f"{features.name} declares no lookback: say how many sessions a row needs")
    if n < need + 2 * MEMORY:
        raise ContractBroken(f"{features.name} needs {need + 2 * MEMORY} sessions to be checked, {n} given")
    whole = evaluate(features, frame)
    columns, spread = list(whole.columns), spread_of(whole.to_numpy(np.float64))
    recursive = np.array([name in features.recursive for name in columns])
    for end in np.linspace(need + 2 * MEMORY, n, ends).astype(int):
        near, warm = (_last(features, frame, end, need + more) for more in (0, MEMORY))
        full = _last(features, frame, end, need + 2 * MEMORY)
        given = np.where(recursive, warm, near)
        found = difference(full[None], given[None], tolerance=1e-6, spread=spread)
        refuse(
            found, f"{features.name} with lookback {need}", columns, "declare a longer lookback or mark it recursive"
        )


def _last(features: FeatureSet, frame: pd.DataFrame, end: int, length: int) -> Floats:
    row: Floats = evaluate(features, frame.iloc[end - length : end]).to_numpy(np.float64)[-1]
    return row


def input_untouched(features: FeatureSet, frame: pd.DataFrame) -> None:
    """The function does not write into the frame it is given.

    Why: the next set would see other prices. Tolerance: none.
    """
    given = frame.copy(deep=True)
    features.compute(given)
    if not given.equals(frame):
        raise ContractBroken(f"{features.name} changes the frame it is given: work on frame.copy()")


def columns_declared(features: FeatureSet, frame: pd.DataFrame) -> None:
    """The columns are those declared, in that order; without volume a subset of them.

    Why: listings, documentation and saved models name columns. A function that declares none passes.
    """
    if not features.columns:
        return
    given = tuple(evaluate(features, frame).columns)
    if given != features.columns:
        odd = sorted(set(given) ^ set(features.columns))
        raise ContractBroken(f"{features.name} gives {len(given)} columns, {len(features.columns)} declared: {odd[:3]}")
    fewer = tuple(evaluate(features, frame.drop(columns="Volume", errors="ignore")).columns)
    if not set(fewer) <= set(features.columns):
        raise ContractBroken(f"{features.name} invents columns when there is no volume: leave out what cannot be had")


def homogeneous(features: FeatureSet, frame: pd.DataFrame) -> None:
    """Prices x 4: every column stays, or is multiplied by 4 or 16.

    Why: later dividends scale all earlier prices by one constant; such columns, standardised, then say the same.
    Tolerance: 1e-6 of the column's spread.
    """
    prices = [name for name in BARS[:4] if name in frame]
    scaled = frame.copy()
    scaled[prices] = 4.0 * frame[prices]
    before, after = (evaluate(features, each) for each in (frame, scaled))
    values, moved = before.to_numpy(np.float64), after.to_numpy(np.float64)
    spread = spread_of(values)
    sizes = [difference(values * power, moved, tolerance=1e-6, spread=spread * power).size for power in (1, 4, 16)]
    smallest = np.min(sizes, axis=0)
    if (smallest > 0).any():
        name = list(before.columns)[int(np.argmax(smallest))]
        raise ContractBroken(f"{features.name}: column {name!r} depends on the unit of prices: use ratios or logs")

"""From the shape of what moved to the usual cause, and to the line of code that repairs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from beatnaive.core.types import Ints

Advice: TypeAlias = tuple[str, str]
"""The usual cause, and the repair in one line of code."""

GAPS: Advice = (
    "bfill, interpolate, or a fill that waits for the next known value",
    "fill forwards only: `x.ffill()`",
)
WHOLE: Advice = (
    "a statistic of the whole sample: a scaler, PCA, rank, mean or regression fitted on all rows",
    "let it grow with time: `(x - x.expanding().mean()) / x.expanding().std()`; a scaler: `scaler.fit(x[:split])`",
)
WARM_UP: Advice = ("the first rows are filled backwards", "leave them unknown: drop `.bfill()`, or use `.dropna()`")
SHIFTED: Advice = (
    "the next session's value: shift(-1), or a column that is known only after the next session",
    "use `.shift(1)`",
)
FILTER: Advice = (
    "a filter or smoother that runs both ways, or a later rescaling",
    "run it forwards only: `scipy.signal.lfilter(b, a, x)` instead of `filtfilt(b, a, x)`",
)
NEAR = 10
"""Sessions: what never reaches further is a window, not a filter whose memory fades."""
PERIODS = {
    "h": ("hour", "h"), "D": ("day", "D"), "W": ("week", "W"), "M": ("month", "ME"), "Q": ("quarter", "QE"),
    "Y": ("year", "YE"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pattern:
    """What moved in one column, by cut: cuts (k,), how many rows before each moved, and the first and last of them.

    finite (k,): rows before the cut that have a value. unmoved (m,): cuts at which nothing moved.
    """

    cuts: Ints
    counts: Ints
    firsts: Ints
    lasts: Ints
    finite: Ints
    unmoved: Ints

    @property
    def reach(self) -> int:
        """Sessions from the first row that moved to the change, at most."""
        return int((self.cuts - self.firsts).max())


def of_feature(test: str, pattern: Pattern, index: Any) -> Advice:
    """The cause and the repair for a column of a feature function.

    >>> import pandas as pd
    >>> days, cuts = pd.bdate_range("2024-01-01", periods=90), np.array([30, 50, 70])
    >>> one = Pattern(cuts, np.ones(3, int), cuts - 1, cuts - 1, cuts, np.array([], int))
    >>> of_feature("perturb the future", one, days)[1]
    'use `.shift(1)`'
    """
    if test == "gaps":
        return GAPS
    reach = pattern.cuts - pattern.firsts
    beyond = pattern.unmoved[pattern.unmoved > pattern.cuts.max()]
    if len(beyond) >= 5 and pattern.firsts.min() < 5 and pattern.cuts.max() < 0.2 * beyond.max():
        return WARM_UP
    if reach.max() == 1:
        return SHIFTED
    late = pattern.cuts > 60
    if late.any() and np.median(pattern.counts[late] / np.maximum(pattern.finite[late], 1)) > 0.5:
        return WHOLE
    whole = reach[pattern.firsts > 0]  # at the first cuts the reach is cut short by the beginning
    usual = int(np.median(whole)) if len(whole) else int(reach.max())
    same = len(whole) > 0 and float((whole == usual).mean()) >= 0.8
    if not same:
        for code, (name, rule) in PERIODS.items():
            periods = index.tz_localize(None).to_period(code) if index.tz is not None else index.to_period(code)
            begins = pattern.firsts == 0, periods[pattern.firsts] != periods[np.maximum(pattern.firsts - 1, 0)]
            if (periods[pattern.firsts] == periods[pattern.cuts]).all() and np.mean(begins[0] | begins[1]) >= 0.8:
                return (
                    f"a value of the whole {name} given to its first days: resample, groupby, or a join by {name}",
                    f'use the {name} before: `x.resample("{rule}").last().shift(1).reindex(x.index, method="ffill")`',
                )
    if reach.max() <= NEAR:  # also a flag's, which not every future moves
        same, usual = True, int(reach.max())
    if same and usual > 1 and np.median(pattern.counts) == 1:
        return (f"a value of {usual} sessions later: shift(-{usual})", f"use `.shift({usual})`")
    if same and usual > 1:
        return (
            f"a window that reaches {usual} sessions ahead: rolling with center=True, or a label of {usual} sessions",
            f"drop `center=True`, or use `.shift({usual})`",
        )
    return FILTER


def of_forecasts(pattern: Pattern, origins: Ints) -> Advice:
    """The cause and the repair for a pipeline's forecasts; origins (n,) positions of all forecasts, in their order.

    >>> cuts = np.array([30, 50, 70])
    >>> one = Pattern(cuts, np.ones(3, int), cuts - 1, cuts - 1, cuts - 20, np.array([], int))
    >>> of_forecasts(one, np.arange(20, 90))[1]
    "lag the columns: `x = x.shift(1)`, the label stays; `x['High']` of tomorrow is not known today"
    """
    if (np.diff(origins) < 0).mean() > 0.2:
        return ("a shuffled split: rows of later days train the model", "`train_test_split(x, y, shuffle=False)`")
    reach, share = pattern.cuts - pattern.firsts, pattern.counts / np.maximum(pattern.finite, 1)
    if (pattern.counts == 1).all() and reach.max() <= 1:
        if len(pattern.unmoved) and pattern.cuts.max() <= origins.min() + 3:
            return _UNPURGED
        return (
            "an unlagged column: the forecast uses a value of the session that it is a forecast for",
            "lag the columns: `x = x.shift(1)`, the label stays; `x['High']` of tomorrow is not known today",
        )
    first = int(origins.min())
    if len(pattern.unmoved) and pattern.cuts.max() < first + 70 and pattern.unmoved.min() > pattern.cuts.max():
        return _UNPURGED
    if float(np.median(share)) > 0.3:
        return (
            "a whole-sample statistic (scaler, selection, stopping on the test rows), or later rows that train",
            "fit the scaler on the first split: `scaler.fit(x[:split])`; stop on a part of the training rows",
        )
    if reach.max() > 1 and (reach == np.median(reach)).mean() >= 0.8:
        ahead = int(np.median(reach))
        return (f"a window or label that reaches {ahead} sessions ahead", f"lag it: `x = x.shift({ahead})`")
    return FILTER if reach.max() > 1 else SHIFTED


_UNPURGED: Advice = (
    "training labels that reach into the test period: no purging",
    "leave the last training rows out: `x_train, y_train = x[:split - horizon], y[:split - horizon]`",
)

OF_TEST: dict[str, Advice] = {
    "gaps": GAPS,
    "perturb the future": (
        "shift(-1), a centred window, bfill or interpolate, a statistic of the whole sample", SHIFTED[1],
    ),
    "truncate the future": (
        "a value that needs the end of the data: its length, its last date, a statistic of the whole sample",
        "let it depend on what lies before: `.expanding()` instead of the whole column",
    ),
    "foresight": (
        "the value is, or contains, the outcome it is to forecast", "use `.shift(1)`, or leave the column out",
    ),
    "shuffle the labels": (
        "the outcome reaches the forecast by another way than learning",
        "leave the outcome out: `x = x.drop(columns='y')`",
    ),
    "pure noise": (
        "the outcome reaches the forecast: nothing else can win on a random walk",
        "leave the outcome out: `x = x.drop(columns='y')`",
    ),
    "batch dependence": (
        "predictions are scaled, ranked or smoothed over the rows asked for",
        "keep the training rows' statistics: `scaler.fit(x_train)`, then `scaler.transform(x)`",
    ),
    "published": (
        "the value is dated by the period it describes, not by the day it came out",
        "`pd.merge_asof(bars, table, left_index=True, right_on='published')`",
    ),
    "other dates": (
        "data joined by date: macro series are dated by reference month and come out weeks later, and are revised; or "
        "dates that were written into the code",
        "join by the day it came out and return that day as a column `published`, as `releases.beside` does",
    ),
    "repeat unchanged": (
        "an unseeded generator, a state kept between calls, or threads that sum in another order",
        "`rng = np.random.default_rng(0)` inside the function; for Keras `keras.utils.set_random_seed(0)`",
    ),
    "planted signal": (
        "too few epochs or rows, or the model does not use the features it is given",
        "train it for longer: `epochs=50`",
    ),
}  # fmt: skip
"""By experiment, where the pattern tells no more."""

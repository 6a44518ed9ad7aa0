"""Walk-forward folds: fit on what was known at a cutoff, forecast what came after it, move on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import as_slice, places
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.limits import Natural, Sessions, Share
from beatnaive.core.types import WARMUP, Fold, Instants, Ints, Samples


@dataclass(frozen=True)
class Split:
    """How the past is divided.

    kind "single": one fit; `train` is the share of the sessions that is learnt from, or the first test date.
    kind "walk_forward": `first` training sessions (or their share, or the first test date), then a refit every
    `refit_every` sessions; window "expanding" keeps all the past, "rolling" the last `length` sessions (or `first`).
    least: in a panel, the training labels that a symbol needs before a fold forecasts it: no model is
    blamed for a symbol that had no past.
    test: the symbols that are forecast, () = all; the others are only learnt from.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: Literal["single", "walk_forward"] = "single"
    train: Share | date = 0.8
    window: Literal["expanding", "rolling"] = "expanding"
    first: Sessions | Share | date | None = None
    refit_every: Sessions = 21
    length: Sessions | None = None
    least: Natural = 100
    test: tuple[str, ...] = ()


def walk_forward(samples: Samples, split: Split) -> tuple[Fold, ...]:
    """The folds, in time order. A fold trains on every label with known_at <= cutoff: purging is that comparison.

    Sessions are counted by the exchange's dates; the cutoff is the first close at which the fold forecasts, so a
    Tokyo row never trains on a New York close that had not happened. Raises InputError when a side would be empty.
    """
    symbols = samples.inputs.symbols
    for name in split.test:
        if name not in symbols:
            raise UnknownName("symbol in split.test", name, symbols)
    # the rows of the symbols that are forecast: all symbols, where none are named
    codes = samples.inputs.symbol[samples.rows]
    requested = np.isin(symbols, split.test or symbols)[codes]
    if not requested.any():
        raise InputError(f"split.test: {', '.join(split.test)} has no usable row: take a longer period")
    session = samples.inputs.session[samples.rows]
    sessions = np.unique(session[requested])
    if split.kind == "single":
        starts = [_position(sessions, split.train, "train")]
    elif split.refit_every < 1:
        raise InputError(f"split: refit_every is {split.refit_every}; it counts sessions and must be at least 1")
    else:
        starts = list(range(_position(sessions, split.first, "first"), len(sessions), split.refit_every))
    folds = []
    for number, (begin, end) in enumerate(pairwise([*starts, len(sessions)])):
        inside = requested & (session >= sessions[begin]) & (session <= sessions[end - 1])
        test = places(inside)
        cutoff = samples.inputs.origin[samples.rows[as_slice(test)]].min()
        known = samples.known_at <= cutoff
        if split.kind == "walk_forward" and split.window == "rolling":
            length = split.length or _position(sessions, split.first, "first")
            known &= session >= sessions[max(begin - length, 0)]
        if not known.any():
            raise InputError(
                f"split: no label is known by {cutoff}, the first forecast; a horizon of {samples.target.horizon} "
                "needs more training sessions"
            )
        train = places(known)
        folds.append(Fold(number, cutoff, train, with_a_past(samples, codes, train, test, split.least)))
    folds = [fold for fold in folds if len(fold.test)]
    if not folds:
        raise InputError(f"split: no symbol has {split.least} training labels: take a longer period or lower `least`")
    return tuple(folds)


def warmup_fold(samples: Samples, first: Fold, share: float = 0.2) -> Fold:
    """The fold before the first: fitted without the last `share` of the first training set, which it forecasts.

    Its forecasts start the intervals' residuals and are never scored. Labels are purged as in every fold: the cutoff
    is the first close that it forecasts from.
    """
    sessions = np.unique(samples.inputs.session[samples.rows[first.train]])
    start = sessions[round(len(sessions) * (1 - share))]
    row_sessions = samples.inputs.session[samples.rows[first.train]]
    codes = samples.inputs.symbol[samples.rows]
    forecast_later = np.isin(codes[first.train], codes[first.test])
    test = first.train[(row_sessions >= start) & forecast_later]
    cutoff = samples.inputs.origin[samples.rows[test]].min()
    train = first.train[samples.known_at[first.train] <= cutoff]
    return Fold(WARMUP, cutoff, train, with_a_past(samples, codes, train, test, 1))


def _position(sessions: Instants, where: float | date | None, key: str) -> int:
    """The session at which the first forecast is made: by date, by number of sessions before it, or by their share."""
    if where is None:
        raise InputError("split: walk_forward needs `first`: a number of training sessions or the first test date")
    if isinstance(where, date):
        position = int(np.searchsorted(sessions, np.datetime64(where, "D")))
    elif isinstance(where, int) or where > 1:
        position = int(where)
    else:
        position = int(len(sessions) * where)
    if not 1 <= position < len(sessions):
        raise InputError(
            f"split: {key} = {where} leaves {max(position, 0)} sessions to learn from and "
            f"{max(len(sessions) - position, 0)} to test on, of {len(sessions)}; both need at least one"
        )
    return position


def with_a_past(samples: Samples, codes: NDArray[np.int32], train: Ints, test: Ints, least: int) -> Ints:
    """The test rows whose symbol has at least `least` training labels; all rows of a study with one symbol.

    codes (k,): the symbol of every sample.
    """
    symbols = len(samples.inputs.symbols)
    enough = np.bincount(codes[as_slice(train)], minlength=symbols) >= least
    return test if symbols == 1 or enough.all() else test[enough[codes[as_slice(test)]]]

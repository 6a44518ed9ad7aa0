"""Targets: what is forecast, in which unit, judged how. Labels look ahead; nothing else in the project does.

A session's variance is estimated from its own bar, so that `session_variance` is at once the label of a
volatility study (of later sessions) and the input of its models (of sessions up to the origin).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import CLOSE, HIGH, LOW, OPEN, Floats, Inputs, Ints, Target


def log_return(inputs: Inputs, rows: Ints, horizon: int) -> Floats:
    """r = log(close `horizon` sessions later / close at the origin).

    rows (k,) positions in the inputs, horizon in sessions. Returns (k,) log returns over the horizon, NaN
    where there is no such session or a close is missing or not positive.
    """
    later = inputs.ahead(rows, horizon)
    close = np.where(inputs.close > 0, inputs.close, np.nan)
    return np.asarray(np.where(later >= 0, np.log(close[later] / close[rows]), np.nan))


def variance(inputs: Inputs, rows: Ints, horizon: int) -> Floats:
    """v = sum of `session_variance` over the next `horizon` sessions.

    rows (k,) positions in the inputs, horizon in sessions. Returns (k,) variances of the log return over the
    horizon, NaN where a session or its bar is missing.
    """
    daily = session_variance(inputs)
    later = np.stack([inputs.ahead(rows, step) for step in range(1, horizon + 1)])
    return np.asarray(np.where(later >= 0, daily[later], np.nan).sum(axis=0))


def session_variance(inputs: Inputs) -> Floats:
    r"""Variance of each session's log return, close to close, estimated from its own bar.

    With o, h, l, c the logs of open, high, low, close and c' the close before:
    v = (o - c')^2 + (h - l)^2 / 2 - (2 log 2 - 1) (c - o)^2,
    the squared overnight return plus Garman and Klass' estimate of the trading session: unbiased for a
    driftless Gaussian walk and about eight times as precise as the squared return over the session. Where open,
    high or low is missing: v = (c - c')^2, unbiased too.

    Returns (n,) variances, known at each session's close; NaN at a symbol's first session and where a close
    is missing. Zero is possible: a session without any movement.

    Reference: Garman and Klass 1980, doi:10.1086/296072; Patton 2011, doi:10.1016/j.jeconom.2010.03.034
    (rankings by QLIKE and squared error are right for any unbiased proxy).
    """
    positive = np.where(inputs.bars > 0, inputs.bars, np.nan)
    o, h, low, c = np.log(positive[:, [OPEN, HIGH, LOW, CLOSE]]).T
    before = inputs.history(np.arange(len(inputs)), 2)[:, 0]
    previous = np.where(before >= 0, c[before], np.nan)
    ranged = (o - previous) ** 2 + 0.5 * (h - low) ** 2 - (2 * np.log(2) - 1) * (c - o) ** 2
    # a bar whose high or low excludes its own close can make the estimate negative: such a range says nothing
    return np.asarray(np.where(np.isfinite(ranged) & (ranged >= 0), ranged, (c - previous) ** 2))


def return_target(horizon: int) -> Target:
    """Log return over the horizon, against "tomorrow = today", in squared error."""
    return Target("return", horizon, "log return", ("naive",), "squared", log_return)


def volatility_target(horizon: int) -> Target:
    """Variance of the next sessions, against all three naive forecasts of volatility, in QLIKE."""
    return Target("volatility", horizon, "variance", ("last_value", "mean_20", "expanding_mean"), "qlike", variance)


TARGETS: dict[str, Callable[[int], Target]] = {"return": return_target, "volatility": volatility_target}


def target(name: str, horizon: int = 1) -> Target:
    """The target of this name over `horizon` sessions.

    Raises UnknownName for a name that is not in `TARGETS`, InputError for a horizon below 1.

    >>> target("volatility", 5).benchmarks
    ('last_value', 'mean_20', 'expanding_mean')
    """
    if name not in TARGETS:
        raise UnknownName("target", name, TARGETS)
    if horizon < 1:
        raise InputError(f"horizon must be at least 1 session, got {horizon}")
    return TARGETS[name](horizon)

"""Targets: what is forecast, in which unit, judged how. Labels look ahead; nothing else in the project does.

A session's variance is estimated from its own bar, so that `features.variance.session_variance` is at once the label
of a volatility study (of later sessions) and the input of its models (of sessions up to the origin).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import Floats, Inputs, Ints, Target
from beatnaive.features.variance import session_variance


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

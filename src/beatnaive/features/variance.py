"""The variance of a session, from its own bar: known at its close, input of the volatility models and their label."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import CLOSE, HIGH, LOW, OPEN, Floats, Inputs


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

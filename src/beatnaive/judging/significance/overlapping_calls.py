"""Pesaran-Timmermann where outcomes overlap: directions beyond horizon one."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.pesaran_timmermann import PT
from beatnaive.judging.significance.tails import t_below


def overlapping_calls(move: Floats, call: Floats, horizon: int) -> PT:
    """Test that the called direction is independent of the direction that came, whatever the autocorrelation of both.

    With a_t = 1{move rises}, b_t = 1{call rises}: the mean of x_t = (a_t - mean a)(b_t - mean b), half the share of
    hits beyond those expected, studentised by the cosine estimate of its long-run variance (`cosine_count` of the rows
    and the horizon); Student's t, one-sided. In Pesaran and Timmermann's regression of one indicator on the other the
    coefficient is the same mean over the other's variance.

    Both means are estimated, which takes their covariance from the mean of x: a call may know the outcomes before it (a
    bet on reversion does), so that this is not zero where nobody knows the future. It is given back: with c_k the mean
    of (a_t - mean a)(b_(t+k) - mean b), sum (1 - k / n) c_k / n over k = 1 .. 2 horizon - 1. And the error is n / (n -
    horizon) times the cosines', since centring takes one span out of the products.

    move (n,) outcomes and call (n, k) forecasts, both as changes from naive, in time order; horizon in sessions; rows
    where either is zero call nothing and are left out. NaN where a model always calls the same direction, or calls on
    fewer than three rows.

    Reference: Pesaran and Timmermann 2009, doi:10.1198/jasa.2009.0113

    >>> rng = np.random.default_rng(0)
    >>> move = np.convolve(rng.normal(size=258), np.ones(20), "valid")
    >>> test = overlapping_calls(move, move + 3 * rng.normal(size=239), 20)
    >>> bool(test.p_value[0] < 0.01), round(float(test.hits[0]), 2)
    (True, 0.76)
    """
    call = call.reshape(len(move), -1)
    each = [_one(move, call[:, k], horizon) for k in range(call.shape[1])]
    statistic, p, hits, expected, n = np.array(each, np.float64).reshape(-1, 5).T
    return PT(statistic, p, hits, expected, n)


def _one(move: Floats, call: Floats, horizon: int) -> tuple[float, float, float, float, int]:
    used = (move != 0) & (call != 0)
    a, b = (move[used] > 0).astype(float), (call[used] > 0).astype(float)
    n = len(a)
    if not n:
        return np.nan, np.nan, np.nan, np.nan, 0
    p, q = a.mean(), b.mean()
    hits, expected = float((a == b).mean()), float(p * q + (1 - p) * (1 - q))
    if n < 3:
        return np.nan, np.nan, hits, expected, n
    up, called = a - p, b - q
    test = mean_test(up * called, cosine_count(n, horizon))
    if test.error[0] == 0:
        return np.nan, np.nan, hits, expected, n
    lags = range(1, min(2 * horizon, n))
    of_means = sum((1 - k / n) * float(up[:-k] @ called[k:]) for k in lags) / n**2
    t = (float(test.mean[0]) + of_means) / (float(test.error[0]) * n / max(n - horizon, 1))
    return t, float(t_below(np.array(-t), test.df)), hits, expected, n

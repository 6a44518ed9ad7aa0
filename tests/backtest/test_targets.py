"""Labels against arithmetic done by hand, and against a simulated market whose variance is known."""

from __future__ import annotations

import numpy as np
import pytest
from panels import closes, inputs_of

from beatnaive.backtest.targets import log_return, target, variance
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.features.variance import session_variance


def test_return_is_the_log_ratio_and_ends_with_the_series() -> None:
    inputs = inputs_of(closes(100, 110, 121, np.nan, 0.0))
    y = log_return(inputs, np.arange(5), 2)
    assert y[0] == pytest.approx(np.log(1.21))
    assert np.isnan(y[1:]).all()


def test_return_never_crosses_symbols() -> None:
    inputs = inputs_of(closes(100, 5, 110, 6), [0, 1, 0, 1])
    np.testing.assert_allclose(log_return(inputs, np.arange(4), 1), [np.log(1.1), np.log(1.2), np.nan, np.nan])


def test_session_variance_by_hand() -> None:
    bars = np.array([[100, 101, 99, 100, 1], [102, 104, 101, 103, 1], [103, 103, 103, np.nan, 1]], float)
    got = session_variance(inputs_of(bars))
    overnight, rng, body = np.log(102 / 100), np.log(104 / 101), np.log(103 / 102)
    assert np.isnan(got[0])
    assert got[1] == pytest.approx(overnight**2 + rng**2 / 2 - 0.3862943611198906 * body**2, rel=1e-12)
    assert np.isnan(got[2])


def test_without_a_range_the_squared_return() -> None:
    np.testing.assert_allclose(session_variance(inputs_of(closes(100, 110))), [np.nan, np.log(1.1) ** 2])


def test_an_impossible_range_falls_back_to_the_squared_return() -> None:
    bars = np.array([[100, 101, 99, 100, 1], [100, 100.1, 99.9, 120, 1]], float)
    assert session_variance(inputs_of(bars))[1] == pytest.approx(np.log(1.2) ** 2)


def test_both_estimates_are_unbiased_on_a_gaussian_walk() -> None:
    rng = np.random.default_rng(0)
    n, steps, sd = 2000, 2000, 0.01
    path = rng.normal(0, sd / np.sqrt(steps), (n, steps)).cumsum(1)
    night = rng.normal(0, 0.5 * sd, n)
    c = (night + path[:, -1]).cumsum()
    o = c - path[:, -1]
    bars = np.exp(np.column_stack([o, o + np.maximum(path.max(1), 0), o + np.minimum(path.min(1), 0), c, c]))
    ranged, plain = session_variance(inputs_of(bars))[1:], session_variance(inputs_of(closes(*np.exp(c))))[1:]
    assert ranged.mean() == pytest.approx(1.25 * sd**2, rel=0.06)  # 2000 steps see less than the true range
    assert plain.mean() == pytest.approx(1.25 * sd**2, rel=0.06)
    assert ranged.var() < 0.35 * plain.var()


def test_horizon_sums_the_sessions() -> None:
    inputs = inputs_of(closes(100, 110, 99, 120))
    daily = session_variance(inputs)
    y = variance(inputs, np.arange(4), 2)
    np.testing.assert_allclose(y, [daily[1] + daily[2], daily[2] + daily[3], np.nan, np.nan])


def test_prices_in_another_currency_leave_the_variance_unchanged() -> None:
    rng = np.random.default_rng(1)
    bars = np.exp(rng.normal(4, 0.01, (50, 5)))
    np.testing.assert_allclose(session_variance(inputs_of(bars * 7)), session_variance(inputs_of(bars)), rtol=1e-9)


def test_names_and_horizons_are_checked() -> None:
    assert target("return", 3).horizon == 3
    with pytest.raises(UnknownName, match="did you mean 'volatility'"):
        target("volatilty")
    with pytest.raises(InputError, match="horizon"):
        target("return", 0)

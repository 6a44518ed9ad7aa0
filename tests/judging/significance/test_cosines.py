"""The cosine t against a regression on cosines, Student's distribution and its own invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import nct

from beatnaive.judging.significance.cosines import cosine_count, cosines, deviation, mean_test
from beatnaive.judging.significance.effect import detectable_effect, noncentrality


@settings(max_examples=30, deadline=None)
@given(st.integers(12, 80), st.integers(1, 9), st.integers(0, 2**31))
def test_variance_is_that_of_a_regression_on_cosines(n, count, seed):
    """Least squares on a constant and the cosines: the coefficients' squares are the variance's terms."""
    d = np.random.default_rng(seed).normal(1.0, 2.0, n)
    t = np.arange(1, n + 1)
    x = np.stack([np.ones(n), *(np.sqrt(2) * np.cos(np.pi * j * (t - 0.5) / n) for j in range(1, count + 1))], axis=1)
    coefficient = np.linalg.lstsq(x, d, rcond=None)[0]
    error = np.sqrt((coefficient[1:] ** 2).mean())  # coefficient j = L_j / sqrt(n)
    found = mean_test(d, count)
    assert found.mean[0] == pytest.approx(coefficient[0])
    assert found.error[0] == pytest.approx(error)
    assert found.t[0] == pytest.approx(coefficient[0] / error)
    assert found.p_value[0] == pytest.approx(2 * stats.t.sf(abs(found.t[0]), count))


def test_independent_normal_data_give_students_t():
    d = np.random.default_rng(0).normal(size=(60, 20_000))
    found = mean_test(d, 8)
    assert stats.kstest(found.t, stats.t(8).cdf).pvalue > 0.01


def test_all_cosines_give_the_ordinary_t():
    d = np.random.default_rng(1).normal(0.3, 1.0, 25)
    found = mean_test(d, 24)
    assert found.t[0] == pytest.approx(stats.ttest_1samp(d, 0).statistic)


def test_interval_excludes_zero_exactly_where_p_is_below_five_percent():
    d = np.random.default_rng(2).normal(0.15, 1.0, size=(120, 400))
    found = mean_test(d, cosine_count(120))
    low, high = found.interval(0.9)
    assert 20 < (low > 0).sum() < 380
    assert np.array_equal(low > 0, found.p_better < 0.05)
    assert (low + high) / 2 == pytest.approx(found.mean)


def test_columns_that_never_vary_carry_no_evidence():
    d = np.stack([np.zeros(50), np.full(50, 0.1), np.random.default_rng(3).normal(size=50)], axis=1)
    found = mean_test(d, 9)
    assert found.t[:2].tolist() == found.error[:2].tolist() == [0.0, 0.0]
    assert found.p_better[:2].tolist() == found.p_value[:2].tolist() == [1.0, 1.0]
    assert deviation(d)[1] == 0.0
    assert found.error[2] > 0


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-6, 1e6), st.integers(0, 2**31))
def test_units_change_no_p(scale, seed):
    d = np.random.default_rng(seed).normal(0.1, 1.0, size=(40, 2))
    assert mean_test(scale * d, 8).p_better == pytest.approx(mean_test(d, 8).p_better, rel=1e-9)


@pytest.mark.parametrize(
    ("n", "horizon", "persistent", "count"),
    [(30, 1, False, 8), (239, 1, False, 15), (1000, 1, False, 40), (2500, 1, False, 74), (239, 5, False, 7),
     (239, 20, False, 6), (1000, 20, False, 9), (2500, 1, True, 8), (2500, 20, True, 8), (5, 1, False, 4)],
)  # fmt: skip
def test_number_of_cosines(n, horizon, persistent, count):
    assert cosine_count(n, horizon, persistent=persistent) == count
    assert cosines(n, count).shape == (count, n)


THRESHOLDS = [(1.753, 15), (2.6, 15), (1.94, 6), (2.9, 8), (1.67, 74), (3.8, 15), (4.97, 15), (8.29, 6), (3.97, 74)]


@pytest.mark.parametrize(("critical", "df"), THRESHOLDS)
def test_a_gain_of_the_detectable_size_is_found_four_times_in_five(critical, df):
    """By drawing worlds: the size that their histories call detectable, averaged, added to each of them."""
    rng = np.random.default_rng(df)
    error = np.sqrt(rng.chisquare(df, 400_000) / df)
    gain = detectable_effect(error, critical, df).mean()
    t = (rng.normal(size=400_000) + gain) / error
    assert (t > critical).mean() == pytest.approx(0.8, abs=0.004)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(("critical", "df"), [*THRESHOLDS, (29.2, 2), (4.4, 500), (1.65, 3000)])
def test_noncentrality_against_the_noncentral_t_of_scipy(critical, df, power):
    assert nct.sf(critical, df, noncentrality(critical, df, power)) == pytest.approx(power, abs=1e-7)


def test_noncentrality_of_thresholds_that_no_t_passes():
    """Three rows of a symbol among thousands: two degrees of freedom, a tail of 1e-8; without rows, infinite."""
    assert 7071 < noncentrality(7071.1, 2) < 10_000
    assert noncentrality(np.inf, 2) == np.inf

"""The classical tests against R, against slow loops that share no code, and against published worked values."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beatnaive.judging.significance.clark_west import clark_west
from beatnaive.judging.significance.diebold_mariano import diebold_mariano, long_run_variance
from beatnaive.judging.significance.giacomini_white import giacomini_white, wald
from beatnaive.judging.significance.pesaran_timmermann import pesaran_timmermann
from beatnaive.judging.significance.tails import holm

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def worked():
    return pd.read_csv(GOLDEN / "worked.csv")


def differences(name, power):
    series = pd.read_csv(GOLDEN / "series.csv").query("series == @name")
    return (series.e1.abs() ** power - series.e2.abs() ** power).to_numpy()


@pytest.mark.parametrize(
    "row", pd.read_csv(GOLDEN / "dm.csv").to_dict("records"), ids=lambda r: "-".join(map(str, r.values()))
)
def test_diebold_mariano_equals_r(row):
    test = diebold_mariano(differences(row["series"], row["power"]), row["h"])
    p = {"two.sided": test.p_value, "greater": test.p_better, "less": 1 - test.p_better}[row["alternative"]]
    assert test.statistic[0] == pytest.approx(row["statistic"], abs=1e-8)
    assert p[0] == pytest.approx(row["p_value"], abs=1e-8)


def test_golden_values_cover_what_they_should():
    rows = pd.read_csv(GOLDEN / "dm.csv")
    assert set(rows.h) == {1, 2, 5, 20}
    assert set(rows.power) == {1, 2}
    assert set(rows.alternative) == {"two.sided", "greater", "less"}
    assert rows.series.nunique() >= 3


def test_diebold_mariano_is_silent_where_its_variance_is_not_positive():
    d = np.array([1.0, -1.0] * 20) + 0.01
    assert np.isnan(diebold_mariano(d, 2).statistic[0])


def test_diebold_mariano_of_differences_that_never_vary():
    assert np.isnan(diebold_mariano(np.zeros(50)).statistic[0])
    assert np.isnan(diebold_mariano(np.full(50, 0.1)).p_value[0])


def test_columns_are_tested_one_by_one():
    d = np.random.default_rng(0).normal(size=(60, 3))
    together = diebold_mariano(d, 3).statistic
    assert together == pytest.approx([diebold_mariano(d[:, k], 3).statistic[0] for k in range(3)])


def slow_variance(d, horizon):
    n, mean = len(d), sum(d) / len(d)
    total = 0.0
    for lag in range(horizon):
        c = sum((d[t] - mean) * (d[t - lag] - mean) for t in range(lag, n)) / n
        total += c if lag == 0 else 2 * c
    return total


def test_long_run_variance_is_the_slow_sum():
    d = np.random.default_rng(1).normal(size=80)
    for horizon in (1, 2, 5, 20):
        expected = slow_variance(list(d), horizon)
        assert long_run_variance(d[:, None], horizon)[0] == pytest.approx(expected) or expected <= 0


def test_clark_west_equals_a_slow_loop():
    rng = np.random.default_rng(2)
    y, f = rng.normal(size=(2, 120))
    adjusted = [y[t] ** 2 - ((y[t] - f[t]) ** 2 - f[t] ** 2) for t in range(120)]
    mean = sum(adjusted) / 120
    error = math.sqrt(sum((a - mean) ** 2 for a in adjusted) / 119 / 120)
    test = clark_west(np.array(adjusted))
    assert test.statistic[0] == pytest.approx(mean / error)
    assert test.p_value[0] == pytest.approx(stats.norm.sf(mean / error))


def test_clark_west_published(worked):
    """The example of the R package forecastdom, help page cw_test: statistic 9.7491 from set.seed(42), n = 200."""
    e1, e2 = worked.actual - worked.f1, worked.actual - worked.f2
    adjusted = e1**2 - (e2**2 - (worked.f1 - worked.f2) ** 2)
    assert clark_west(adjusted.to_numpy()).statistic[0] == pytest.approx(9.7491, abs=5e-5)


def test_clark_west_where_the_model_is_naive():
    assert np.isnan(clark_west(np.zeros(40)).p_value[0])


def slow_wald(z, lags):
    n, q = z.shape
    omega = np.zeros((q, q))
    for lag in range(lags + 1):
        for t in range(lag, n):
            outer = np.outer(z[t], z[t - lag])
            omega += outer / n if lag == 0 else (1 - lag / (lags + 1)) * (outer + outer.T) / n
    mean = z.mean(0)
    return n * mean @ np.linalg.inv(omega) @ mean


@pytest.mark.parametrize("horizon", [1, 4])
def test_giacomini_white_equals_a_slow_loop(horizon):
    d = np.random.default_rng(3).normal(size=90) + 0.2
    z = np.array([[d[t], d[t - horizon] * d[t]] for t in range(horizon, 90)])
    expected = slow_wald(z, horizon - 1)
    test = giacomini_white(d, horizon)
    assert test.statistic[0] == pytest.approx(expected)
    assert test.p_value[0] == pytest.approx(stats.chi2.sf(expected, 2))
    assert test.n == 90 - horizon


def test_giacomini_white_published(worked):
    """The example of the R package forecastdom, help page gw_test: Wald 3.6214, p = 0.1635 from set.seed(42), n = 200.

    That package takes the mean off and seven Newey-West lags, as its help says; the moments are ours.
    """
    d = (worked.e1**2 - worked.e2**2).to_numpy()
    statistic = wald(np.stack([d[1:], d[1:] * d[:-1]], axis=1), lags=7, centred=True)
    assert statistic == pytest.approx(3.6214, abs=5e-5)
    assert stats.chi2.sf(statistic, 2) == pytest.approx(0.1635, abs=5e-5)


def test_giacomini_white_does_not_depend_on_the_unit():
    d = np.random.default_rng(4).normal(size=100)
    assert giacomini_white(1e-6 * d).statistic == pytest.approx(giacomini_white(d).statistic)


def slow_pt(y, f, second_order=True):
    n = len(y)
    p = sum(v > 0 for v in y) / n
    q = sum(v > 0 for v in f) / n
    hits = sum((a > 0) == (b > 0) for a, b in zip(y, f, strict=True)) / n
    expected = p * q + (1 - p) * (1 - q)
    variance = expected * (1 - expected) / n
    variance -= ((2 * p - 1) ** 2 * q * (1 - q) + (2 * q - 1) ** 2 * p * (1 - p)) / n
    if second_order:
        variance -= 4 * p * q * (1 - p) * (1 - q) / n**2
    return (hits - expected) / math.sqrt(variance)


def test_pesaran_timmermann_equals_a_slow_loop():
    y, f = np.random.default_rng(5).normal(size=(2, 77)) + 0.2
    test = pesaran_timmermann(y, f)
    assert test.statistic[0] == pytest.approx(slow_pt(y, f))
    assert test.p_value[0] == pytest.approx(stats.norm.sf(slow_pt(y, f)))


def test_pesaran_timmermann_published():
    """A published record of weekly gold forecasts (n = 52; 25 rises and 4 falls called right, 19 and 4 called wrong).

    It gives S = 0.3571730355831603 in the form that leaves out the term of order 1/n^2, as statsmodels documents it:
    the paper's own form, ours, differs from it by exactly that term.
    """
    y = np.repeat([1.0, -1.0, -1.0, 1.0], [25, 4, 19, 4])
    f = np.repeat([1.0, -1.0, 1.0, -1.0], [25, 4, 19, 4])
    test = pesaran_timmermann(y, f)
    gap = float(test.hits[0] - test.expected[0])
    p, q, n = 29 / 52, 44 / 52, 52
    first_order = gap / math.sqrt((gap / float(test.statistic[0])) ** 2 + 4 * p * q * (1 - p) * (1 - q) / n**2)
    assert first_order == pytest.approx(0.3571730355831603, abs=1e-12)
    assert slow_pt(y, f, second_order=False) == pytest.approx(0.3571730355831603, abs=1e-12)


def test_a_model_that_always_calls_a_rise_calls_nothing():
    test = pesaran_timmermann(np.array([1.0, -1, 1, 1, -1, 1]), np.ones(6))
    assert np.isnan(test.p_value[0])


def test_rows_without_a_call_do_not_count():
    y, f = np.random.default_rng(6).normal(size=(2, 50))
    padded = pesaran_timmermann(np.append(y, 1.0), np.append(f, 0.0))
    assert padded.n[0] == 50
    assert padded.statistic[0] == pytest.approx(pesaran_timmermann(y, f).statistic[0])


def test_holm_equals_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(7).random(9) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])

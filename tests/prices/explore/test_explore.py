"""The first look: each number against a slow loop or another library, each ruling on series whose truth is known."""

import re

import numpy as np
import pytest

from beatnaive import report
from beatnaive.cli import main
from beatnaive.core.errors import InputError
from beatnaive.core.types import Prices, Provenance
from beatnaive.prices import Source, load
from beatnaive.prices.explore import explore, paths, returns, stationarity
from beatnaive.prices.quality import examine_quality
from beatnaive.report import charts


def prices_of(close, symbol="TEST", volume=None):
    n = len(close)
    days = np.arange("2015-01-01", np.datetime64("2015-01-01") + n, dtype="datetime64[D]")
    bars = np.full((n, 5), np.nan)
    bars[:, 3] = close
    if volume is not None:
        bars[:, 4] = volume
    return Prices(
        symbol=symbol,
        sessions=days,
        closes_at=days.astype("datetime64[s]"),
        bars=bars,
        dividends=np.zeros(n),
        splits=np.ones(n),
        filled=np.zeros(n, bool),
        calendar="24/7",
        provenance=Provenance("test", ""),
    )


def random_walk(seed, n=1000):
    return np.random.default_rng(seed).normal(size=n).cumsum()


def ar1(seed, n=1000, phi=0.9):
    e = np.random.default_rng(seed).normal(size=n + 200)
    y = np.zeros(n + 200)
    for t in range(1, len(y)):
        y[t] = phi * y[t - 1] + e[t]
    return y[200:]


def slow_variance_ratio(y, q):
    """Lo and MacKinlay 1988, overlapping and unbiased, one difference at a time."""
    n = len(y) - 1
    mu = (y[-1] - y[0]) / n
    one = sum((y[t] - y[t - 1] - mu) ** 2 for t in range(1, n + 1)) / (n - 1)
    many = sum((y[t] - y[t - q] - q * mu) ** 2 for t in range(q, n + 1)) / (q * (n - q + 1) * (1 - q / n))
    return many / one


@pytest.mark.parametrize("series", [random_walk(3, 400), ar1(4, 400)])
def test_variance_ratio_equals_a_slow_loop(series):
    assert stationarity.run(series).ratio == pytest.approx(slow_variance_ratio(series, stationarity.Q), rel=1e-9)


def test_adf_and_kpss_are_those_of_statsmodels():
    from statsmodels.tsa.stattools import adfuller, kpss

    y = ar1(5, 300, 0.97)
    tests = stationarity.run(y)
    assert tests.adf == adfuller(y, regression="c", autolag="AIC", result_object=False)[1]
    assert tests.kpss == kpss(y, regression="c", nlags="auto", result_object=False)[1]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "right"), [(random_walk, stationarity.RANDOM_WALK), (ar1, stationarity.STATIONARY)])
def test_ruling_is_right_in_nine_of_ten_and_never_wrong(make, right):
    """200 seeds, n = 1,000: the rest is "the tests disagree", not the opposite."""
    rulings = [stationarity.examine(make(seed)).ruling for seed in range(200)]
    assert rulings.count(right) >= 180
    assert set(rulings) <= {right, stationarity.DISAGREE}


def test_a_ruling_says_why():
    words = stationarity.examine(random_walk(1)).words
    assert words.startswith("Not stationary")
    assert all(name in words for name in ("ADF", "Phillips-Perron", "KPSS", "variance ratio"))
    assert stationarity.examine(np.ones(100)).words == "the series never changes."
    assert stationarity.examine(np.arange(10.0)).ruling == stationarity.TOO_SHORT


def test_autocorrelation_equals_statsmodels():
    from statsmodels.stats.diagnostic import acorr_ljungbox
    from statsmodels.tsa.stattools import acf

    x = ar1(7, 500, 0.3)
    mine = returns.autocorrelation(x)
    np.testing.assert_allclose(mine.acf, acf(x, nlags=30, fft=False)[1:], rtol=1e-9)
    assert mine.ljung_box == pytest.approx(acorr_ljungbox(x, lags=[10])["lb_pvalue"].iloc[0], rel=1e-9)


def test_bands_allow_for_changing_volatility():
    """On GARCH-like noise without autocorrelation one lag in twenty leaves the robust band, many the plain one."""
    rng = np.random.default_rng(2)
    outside = {True: 0, False: 0}
    for _ in range(60):
        variance, e = 1.0, np.zeros(1500)
        for t in range(1500):
            e[t] = np.sqrt(variance) * rng.normal()
            variance = 0.05 + 0.25 * e[t] ** 2 + 0.70 * variance
        for robust in outside:
            found = returns.autocorrelation(e, 5, robust=robust)
            outside[robust] += int((np.abs(found.acf) > found.band).sum())
    assert outside[True] / 300 < 0.10
    assert outside[False] / 300 > 0.13


def test_shape_equals_numpy():
    r = np.random.default_rng(0).standard_t(4, size=3000)
    z = (r - r.mean()) / r.std()
    found = returns.shape(r)
    assert found.kurtosis == pytest.approx(np.mean(z**4) - 3, rel=1e-9)
    assert found.skew == pytest.approx(np.mean(z**3), rel=1e-9)
    assert found.beyond == pytest.approx(np.mean(np.abs(z) > 3) / 0.0026997961, rel=1e-6)


def test_crossings_equal_a_slow_loop():
    close = 100 * np.exp(0.01 * random_walk(11, 400))
    days = np.arange("2020-01-01", np.datetime64("2020-01-01") + 400, dtype="datetime64[D]")
    slow, before = [], None
    for t in range(49, 400):
        above = np.mean(close[t - 6 : t + 1]) > np.mean(close[t - 49 : t + 1])
        if before is not None and above != before:
            slow.append((str(days[t]), "up" if above else "down"))
        before = above
    assert [(one.session, one.direction) for one in paths.crossings(days, close)] == slow
    assert len(slow) > 3


def test_drawdowns_by_hand():
    close = np.array([10.0, 12, 9, 6, 13, 13, 11, 12])
    days = np.arange("2020-01-01", "2020-01-09", dtype="datetime64[D]")
    first, second = paths.drawdowns(days, close)
    assert (first.peak, first.trough, first.recovery, first.depth) == ("2020-01-02", "2020-01-04", "2020-01-05", -0.5)
    assert (second.peak, second.trough, second.recovery, second.sessions) == ("2020-01-06", "2020-01-07", "", 3)


def test_outliers_are_dated():
    close = 100 * np.exp(0.01 * random_walk(2, 300))
    close[200:] *= 0.7
    seen = explore(prices_of(close))
    assert seen.far_returns[0].session == str(seen.sessions[200])
    assert seen.far_returns[0].value == pytest.approx(np.log(close[200] / close[199]))
    text = report.build_exploration(seen, charts.draw_exploration(seen))
    assert str(seen.sessions[200]) in text


def complete(prices):
    """Explore, draw and write everything; returns the exploration."""
    seen = explore(prices, examine_quality([prices]))
    drawn = charts.draw_exploration(seen)
    html = report.build_exploration(seen, drawn)
    assert set(drawn) == set(charts.EXPLORATION)
    assert seen.words[-1] in html.replace("\N{NO-BREAK SPACE}", " ")
    for ruling in (seen.price, seen.change):
        assert "ADF" in ruling.words
    return seen


def test_the_index_of_the_sample():
    seen = complete(load(Source(symbols=("^GSPC",)))[0])
    assert seen.price.ruling == stationarity.RANDOM_WALK
    assert seen.change.ruling == stationarity.STATIONARY
    assert seen.volume is not None
    assert "2008-10-15" in {one.session for one in seen.far_returns}
    assert any("one differencing is enough" in line for line in seen.words)
    assert any("size of moves is forecastable" in line for line in seen.words)


def test_closes_only():
    seen = complete(load(Source(symbols=("AAPL",), years=5))[0])
    assert seen.volume is None
    assert seen.far_volumes == ()


def test_a_file_with_missing_rows(shared_data):
    path = shared_data / "defects" / "EURUSD_2016_2020_nan_dmy.csv"
    seen = complete(load(Source(kind="file", path=str(path), symbols=("EURUSD=X",)))[0])
    assert seen.missing == 23
    assert seen.findings
    assert np.isfinite(seen.close).all()


def test_a_stationary_price_is_not_told_to_be_differenced():
    seen = complete(prices_of(np.exp(4 + 0.02 * ar1(1)), volume=np.exp(random_walk(2))))
    assert seen.price.ruling == stationarity.STATIONARY
    assert "Differencing is not needed" in seen.words[0]


def test_too_few_closes_is_one_line():
    with pytest.raises(InputError, match="TEST has 20 closes: exploring needs at least 30"):
        explore(prices_of(np.linspace(1, 2, 20)))


def test_short_series_still_get_a_page():
    close = 100 * np.exp(0.01 * random_walk(2, 40))
    seen = explore(prices_of(close))
    assert seen.price.ruling == stationarity.TOO_SHORT
    assert "too short" in seen.words[0]
    assert "A first look at TEST" in report.build_exploration(seen, charts.draw_exploration(seen))


def test_the_command_prints_and_writes(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["explore", "AAPL", "--source", "sample", "--start", "2019-01-01", "--out", str(tmp_path)])
    assert stop.value.code == 0
    printed = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "What this means for forecasting" in printed
    assert "Log price. Not stationary" in printed
    folder = tmp_path / "AAPL"
    assert (folder / "explore.html").is_file()
    assert {path.stem for path in (folder / "plots").iterdir()} == set(charts.EXPLORATION)


def test_heavy_tails_say_what_remains_without_the_days_that_carry_a_finding():
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 800)))
    close[400] *= 4.4
    prices = prices_of(close)
    seen = explore(prices, examine_quality([prices]))
    (tails,) = [line for line in seen.words if "tails" in line]
    assert tails.startswith("The tails look heavy (excess kurtosis 3")
    assert "without the two returns on days that carry a finding they are close to normal" in tails
    assert any("The size of moves seems to have a memory, but through the days" in line for line in seen.words)
    heavy = np.random.default_rng(1).standard_t(3, 800) / 100
    heavy[400] = 0.9
    prices = prices_of(100 * np.exp(np.cumsum(heavy)))
    seen = explore(prices, examine_quality([prices]))
    (tails,) = [line for line in seen.words if "tails" in line]
    assert re.search(r"heavy: excess kurtosis [\d.]+, .* normal law; without the two returns on days that carry", tails)


def test_calendar_and_order_of_dates_are_options(tmp_path, capsys):
    days = [f"{1 + k % 12:02d}/{1 + k % 9:02d}/{2000 + k}" for k in range(24)] * 2
    rows = "".join(f"{day},{100 + k}\n" for k, day in enumerate(days))
    (tmp_path / "T.csv").write_text(f"Date,Close\n{rows}")
    for words, code, said in (
        ([], 2, 'declare dates = "DMY" or "MDY" (--dates)'),
        (["--dates", "DYM"], 2, "unknown order of dates 'DYM'"),
        (["--dates", "dmy", "--calendar", "XLOM"], 2, "unknown calendar 'XLOM': did you mean 'XLON'?"),
        (["--dates", "dmy", "--calendar", "XLON"], 3, "sessions of XLON have no row"),  # read; but not daily bars
    ):
        with pytest.raises(SystemExit) as left:
            main(["explore", "--source", str(tmp_path / "T.csv"), "--out", str(tmp_path / "out"), *words])
        err = capsys.readouterr().err
        assert (int(left.value.code or 0), said in err, len(err) < 300) == (code, True, True)

"""The published AAPL study, judged: luck, and too few days to see more."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import gamma

from beatnaive.features.published import published_frame
from beatnaive.judging.from_table import judge

TRAIN = 955


@pytest.fixture(scope="module")
def frame(shared_data):
    prices = pd.read_csv(shared_data / "AAPL_published_frame.csv", index_col="Date", parse_dates=True)
    return published_frame(prices).dropna()


def regression(frame, leave_out):
    """Ordinary least squares on the standardised columns, trained on the first 955 rows."""
    x = frame.drop(columns=[*leave_out, "target"]).to_numpy(float)
    spread = x[:TRAIN].std(0)
    x = (x - x[:TRAIN].mean(0)) / np.where(spread > 0, spread, 1)
    x = np.column_stack([np.ones(len(x)), x])
    weights = np.linalg.lstsq(x[:TRAIN], frame["target"].to_numpy()[:TRAIN], rcond=None)[0]
    return x[TRAIN:] @ weights


def verdict(frame, leave_out, loss="squared"):
    test = frame.iloc[TRAIN:]
    table = {"ds": test.index, "y": test["target"], "close": test["Close"], "linear": regression(frame, leave_out)}
    return judge(pd.DataFrame(table), loss=loss)


def detectable(frame, leave_out):
    """% of naive's RMSE that a single test sees four times in five, by loops and scipy's noncentral t."""
    test = frame.iloc[TRAIN:]
    y, close = test["target"].to_numpy(), test["Close"].to_numpy()
    naive = (y - close) ** 2
    d = naive - (y - regression(frame, leave_out)) ** 2
    n, count = len(d), round(0.4 * len(d) ** (2 / 3))
    waves = [
        sum(d[t] * np.sqrt(2 / n) * np.cos(np.pi * j * (t + 0.5) / n) for t in range(n)) for j in range(1, count + 1)
    ]
    error = np.sqrt(np.mean(np.square(waves)) / n)
    critical = stats.t.ppf(0.95, count)
    too_small = np.sqrt(2 / count) * gamma((count + 1) / 2) / gamma(count / 2)
    shift = brentq(lambda m: stats.nct.sf(critical, count, m) - 0.8, 0, 20) / too_small
    return 100 * (1 - np.sqrt(1 - shift * error / naive.mean()))


def test_the_published_linear_regression(frame):
    found = verdict(frame, ["Open", "High", "Low", "Close"])
    data = found.to_json()
    linear = data["models"]["linear"]
    assert data["n"] == 239
    assert data["naive"]["rmse"] == pytest.approx(4.305190, abs=5e-7)
    assert linear["rmse"] == pytest.approx(4.382743, abs=5e-7)
    assert linear["dm"]["p_value"] == pytest.approx(0.30, abs=0.005)
    assert linear["mde_single_pct"] == pytest.approx(detectable(frame, ["Open", "High", "Low", "Close"]), abs=5e-4)
    assert linear["skill_pct"] == pytest.approx(-1.80, abs=0.005)
    assert linear["ruling"] == "cannot tell"
    assert "1.8 % worse" in found.words
    assert "239 days" in found.words


def test_the_variant_that_seems_to_win(frame):
    found = verdict(frame, ["Open", "High", "Low", "Volume"]).to_json()
    linear = found["models"]["linear"]
    assert linear["rmse"] == pytest.approx(4.284795, abs=5e-7)
    assert linear["dm"]["p_value"] == pytest.approx(0.73, abs=0.005)
    assert linear["mde_single_pct"] == pytest.approx(detectable(frame, ["Open", "High", "Low", "Volume"]), abs=5e-4)
    assert linear["ruling"] == "cannot tell"


@pytest.mark.parametrize("leave_out", [["Open", "High", "Low", "Close"], ["Open", "High", "Low", "Volume"]])
def test_log_returns_rule_the_same(frame, leave_out):
    assert verdict(frame, leave_out, loss="log").rulings["linear"].ruling == "cannot tell"

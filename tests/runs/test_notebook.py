"""pandas in, pandas out: what a notebook hands in, and what it gets back."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import beatnaive as bn
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.prices.frames import flat, source_of, to_frame
from beatnaive.prices.loader import load
from beatnaive.runs.folder import read_tables


def prices(n=700, seed=0, start="2019-01-01"):
    """A walk on New York's sessions, as yfinance gives one symbol."""
    from beatnaive.prices.calendars import sessions_between

    days = sessions_between("XNYS", np.datetime64(start), np.datetime64(start) + 2 * n)[:n]
    close = 100 * np.exp(0.01 * np.random.default_rng(seed).standard_normal(n).cumsum())
    bars = {"Open": close, "High": close * 1.001, "Low": close * 0.999, "Close": close, "Volume": 1000.0}
    return pd.DataFrame(bars, index=pd.DatetimeIndex(days, name="Date"))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "mine"
    return bn.run(prices(), models=["drift"], symbol="XYZ", features=["close"], out=folder, jobs=1), folder


def test_a_run_of_a_frame_gives_the_documented_tables(found):
    result, folder = found
    data = read_tables(folder)
    pd.testing.assert_frame_equal(result.scores, data.scores)
    written = data.forecasts.astype({"symbol": str, "model": str})
    pd.testing.assert_frame_equal(result.forecasts.astype({"symbol": str, "model": str}), written, check_dtype=False)
    assert set(result.forecasts["symbol"].astype(str)) == {"XYZ"}
    own = result.losses.query("model == 'naive'")
    assert own["loss"].to_numpy() == pytest.approx((own["y"] - own["forecast"]) ** 2)
    assert list(result.findings.columns) == ["severity", "kind", "symbol", "message", "mend", "count", "dates"]
    assert str(result.verdict) == result.verdict.words
    assert result.study.source.path == str(folder / "prices.parquet")  # what the run needs to be run again


def test_a_run_shows_itself(found, tmp_path):
    result, _ = found
    assert repr(result).startswith("<Result of default: No model beat")
    html = result._repr_html_()
    for text in ("drift", "to beat", "currentColor", result.verdict.words[:30]):
        assert text in html
    page = result.report(tmp_path / "page.html")
    assert "<html" in page.read_text(encoding="utf-8")
    spec = result.plot("skill").to_dict()
    assert "drift" in str(spec)
    with pytest.raises(UnknownName):
        result.plot("skil")
    with pytest.raises(InputError, match="does not apply"):
        result.plot("loss_curves")


def test_frames_of_every_shape_are_the_same_prices():
    one, two = prices(), prices(seed=1)
    wide = pd.concat({"AAA": one, "BBB": two}, axis=1, names=["Ticker", "Price"])
    shapes = {
        "long": pd.concat([one.assign(Ticker="AAA"), two.assign(Ticker="BBB")]),
        "by ticker": wide,
        "by price": wide.swaplevel(axis=1),
        "no names": wide.swaplevel(axis=1).rename_axis([None, None], axis=1),
        "keys": pd.concat({"AAA": one, "BBB": two}),
    }
    for name, frame in shapes.items():
        read = load(source_of(frame))
        assert [each.symbol for each in read] == ["AAA", "BBB"], name
        assert read[1].bars[:, 3] == pytest.approx(two["Close"].to_numpy()), name
    assert [each.symbol for each in load(source_of(wide, symbol="BBB"))] == ["BBB"]
    back = to_frame(load(source_of(one, symbol="AAA")))
    pd.testing.assert_frame_equal(back, one, check_freq=False, check_dtype=False)
    with pytest.raises(InputError, match="no rows"):
        flat(one.head(0))
    with pytest.raises(InputError, match="holds one: name one, not 2"):
        source_of(one, symbol=("A", "B"))


def test_load_gives_a_frame_that_can_be_run_again():
    frame = bn.load("AAPL", start="2019-01-02", end="2019-03-01")
    assert list(frame.columns)[-1] != "Dividends"  # applied already
    again = to_frame(load(source_of(frame, symbol="AAPL")))
    assert again["Close"].to_numpy() == pytest.approx(frame["Close"].to_numpy())
    both = bn.load(["^GSPC", "^IXIC"], start="2018-12-01")
    assert set(both["Ticker"]) == {"^GSPC", "^IXIC"}
    with pytest.raises(InputError, match="write YYYY-MM-DD"):
        bn.load("AAPL", start="1/2/2019")


def test_explore_forecast_and_audit_take_a_frame():
    frame = prices()
    seen = bn.explore(frame, symbol="XYZ")
    assert seen.symbol == "XYZ"
    assert repr(seen).startswith("<Exploration of XYZ")
    assert "Exploration of XYZ" in seen._repr_html_()
    with pytest.raises(InputError, match="holds 2 symbols"):
        bn.explore(pd.concat([frame.assign(Ticker="A"), frame.assign(Ticker="B")]))
    outlook = bn.forecast(frame, symbol="XYZ", models=["drift"], features=["close"])
    assert outlook.symbol == "XYZ"
    assert outlook.close == pytest.approx(frame["Close"].iloc[-1])
    assert repr(outlook).startswith(f"<Outlook of XYZ: {outlook.close:,.2f} on {outlook.steps[0].session} (80 %: ")
    low, high = outlook.steps[0].interval(0.95)
    assert f"{low:,.2f} to {high:,.2f}" in outlook._repr_html_()


def test_worth_shows_itself(found):
    worth = bn.worth(found[0])
    assert repr(worth) == f"<Worth: {worth.sentence}>"
    html = worth._repr_html_()
    for text in ("holding", "drift", "to beat", f"{100 * worth.models['drift'].net:+.1f}", worth.words[:30]):
        assert text in html


def tomorrow(bars):
    """Looks ahead."""
    return bars["Close"].shift(-1).rename("tomorrow")


def test_audit_tries_a_feature_on_bars_of_ones_own():
    report = bn.audit(tomorrow, data=prices())
    assert not report.clean
    assert repr(report).startswith("<AuditReport: tomorrow looks ahead")
    assert "truncate the future" in report._repr_html_()


def test_prices_show_themselves():
    (one,) = load(source_of(prices(), symbol="XYZ"))
    assert repr(one).startswith("<Prices of XYZ: 700 sessions, 2019-01-02 to")
    assert "XYZ" in one._repr_html_()


def table(n=120):
    price = prices(n + 1)["Close"].to_numpy()
    guess = price[:-1] * np.exp(0.002 * np.random.default_rng(3).standard_normal(n))
    return pd.DataFrame(
        {"ds": pd.bdate_range("2021-01-04", periods=n), "y": price[1:], "m<b>": guess, "close": price[:-1]}
    )


def test_judge_returns_the_same_kind_of_result(tmp_path):
    result = bn.judge(table())
    scores = result.scores.set_index("model")
    data = result.to_json()["models"]["m<b>"]
    assert scores.loc["m<b>", "skill_pct"] == data["skill_pct"]
    assert scores.loc["naive", "rmse"] == result.to_json()["naive"]["rmse"]
    own = result.losses.query("model == 'm<b>'")
    assert len(own) == 120
    assert "loss" not in result.forecasts
    assert len(result.findings) == 0
    assert "m&lt;b&gt;" in result._repr_html_()
    page = result.report(tmp_path / "judged.html").read_text(encoding="utf-8")
    assert "m&lt;b&gt;" in page
    assert "<b>" not in page
    assert "prefers-color-scheme: dark" in page
    assert ":root{color-scheme:light dark}" in page  # of the body alone it leaves the canvas white
    assert "skill_low" in str(result.plot("skill").to_dict())
    with pytest.raises(InputError, match="has the chart 'skill'"):
        result.plot("crps")


def test_a_judged_table_of_horizons_has_a_row_each():
    frame = table()
    result = bn.judge(pd.concat([frame.assign(horizon=1), frame.assign(horizon=2)]))
    assert result.scores.groupby("horizon").size().to_dict() == {1: 2, 2: 2}
    assert set(result.losses["horizon"]) == {1, 2}
    assert "h = 2" in result._repr_html_()
    assert "facet" in result.plot().to_dict()
    buffer = io.StringIO()
    print(result.verdict, file=buffer)
    assert buffer.getvalue().strip() == result.verdict.words

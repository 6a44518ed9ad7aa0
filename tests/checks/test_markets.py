"""What the audit does to a market: another future moves every column by itself, and what is known stays."""

import numpy as np
import pandas as pd
import pytest

from beatnaive.checks.markets import FUTURES, shuffled, walk_frame, with_future

KNOWN = 200
BARS = walk_frame(400, seed=6).assign(
    sentiment=lambda frame: np.random.default_rng(1).normal(1.0, 0.1, len(frame)),
    flag=lambda frame: np.arange(len(frame)) % 7 == 0,
)


@pytest.mark.parametrize("future", FUTURES)
def test_what_is_known_stays_and_every_column_of_the_future_is_another(future: str) -> None:
    made = with_future(BARS, KNOWN, future)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(made.iloc[:KNOWN], BARS.iloc[:KNOWN])
    assert made.index.equals(BARS.index)
    same = (made.iloc[KNOWN:] == BARS.iloc[KNOWN:]).mean()
    assert (same.drop("flag") < 0.01).all()
    assert same["flag"] < 0.95


@pytest.mark.parametrize("future", ["up", "down"])
def test_no_ratio_inside_a_bar_survives(future: str) -> None:
    made, later = with_future(BARS, KNOWN, future).iloc[KNOWN:], BARS.iloc[KNOWN:]  # type: ignore[arg-type]
    for one in ("Open", "High", "Low", "Volume"):
        was, is_now = later[one] / later["Close"], made[one] / made["Close"]
        assert not np.isclose(was, is_now, rtol=1e-6).any()
        assert abs(np.corrcoef(was, is_now)[0, 1]) < 0.5 or one == "Volume"
    factors = pd.DataFrame({one: made[one] / later[one] for one in ("Close", "Volume")})
    assert factors["Volume"].std() > 0.5  # volumes do not go with the prices
    assert (made["sentiment"] < 0).mean() > 0.9  # other signs
    assert (made["High"] >= made[["Open", "Close"]].max(axis=1)).all()  # and still bars
    assert (made["Low"] <= made[["Open", "Close"]].min(axis=1)).all()


def test_up_is_above_and_down_below_from_the_first_session_on() -> None:
    close = BARS["Close"].to_numpy()[KNOWN]
    assert with_future(BARS, KNOWN, "up")["Close"].to_numpy()[KNOWN] > 1.1 * close
    assert with_future(BARS, KNOWN, "down")["Close"].to_numpy()[KNOWN] < 0.9 * close


def test_shuffled_sessions_keep_their_steps_and_lose_their_order() -> None:
    bars = BARS[["Open", "High", "Low", "Close", "Volume"]]
    made = shuffled(bars, seed=1)
    steps, shuffled_steps = (np.sort(np.diff(np.log(frame["Close"]))) for frame in (bars, made))
    np.testing.assert_allclose(steps, shuffled_steps, atol=1e-12)
    assert abs(np.corrcoef(np.diff(np.log(bars["Close"])), np.diff(np.log(made["Close"])))[0, 1]) < 0.2

"""`score` rules by the ledger's bets."""

import numpy as np
import pytest

from beatnaive.forecasting.ruling import ruling
from beatnaive.forecasting.score import Scored


def scored(day: int, **more) -> Scored:
    rng = np.random.default_rng(day)
    r = 0.01 * rng.standard_normal()
    words = {
        "file": "a", "symbol": "S", "model": "linear", "origin": f"{day:04}", "session": f"{day + 1:04}",
        "price": 100 * np.exp(0.5 * r), "naive": 100.0, "actual": 100 * np.exp(r), "volatility": 0.01,
        "inside": {"50": True, "80": True, "95": True}, "crps": 0.1, **more,
    }  # fmt: skip
    return Scored(**words)


def test_a_model_that_knows_half_of_every_move_is_better_and_the_loop_says_the_same():
    rows = [scored(day) for day in range(200)]
    (found,) = ruling(rows)
    wealth, squares, weight = 1.0, 0.0, 0.0
    for day, one in enumerate(rows):
        r, f = np.log(one.actual / 100), np.log(one.price / 100)
        d = (r**2 - (r - f) ** 2) / 0.01**2
        if day >= 20:
            c = 8 * np.sqrt(squares / weight)
            wealth *= 1 + min(max(d, -c), c) / (2 * c)
        squares, weight = 0.99 * squares + d**2, 0.99 * weight + 1
    assert found["odds"] == pytest.approx(wealth)
    assert (found["ruling"], found["rows"], found["ahead"]) == ("better", 200, 1)


def test_late_unknown_repeated_and_naive_forecasts_do_not_bet():
    rows = [scored(day) for day in range(30)]
    extra = [scored(31, late=True), scored(32, actual=None), scored(5, price=50.0, file="b")]
    assert ruling(rows + extra) == ruling(rows)
    assert ruling([scored(1, model="naive")]) == []
    assert ruling([]) == []


def test_each_distance_has_processes_of_its_own():
    rows = [scored(day) for day in range(60)] + [scored(day, ahead=2, file="c") for day in range(60)]
    one, two = ruling(rows)
    assert (one["ahead"], two["ahead"]) == (1, 2)
    assert two["odds"] < one["odds"]

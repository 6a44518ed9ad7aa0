"""Does knowing more help? Planted gains, an oracle for both tests, Holm over all pairs, and the words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beatnaive.judging.from_table import Question, losses_of
from beatnaive.judging.information import gains, words_of


def losses(n: int = 400, seed: int = 0, strength: float = 1.0):
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, n)) * 0.01
    days = pd.bdate_range("2015-01-01", periods=n)
    table = pd.DataFrame({"ds": days, "y": strength * x + noise, "m": x, "m~vix": 0.0 * x + 1e-5, "m!vix": x + noise})
    return losses_of(table, Question(y="return", loss="squared"))


def test_clark_west_of_a_nested_pair_is_that_of_its_formula() -> None:
    made = losses()
    y, f, g = made.y, made.forecast["m"], made.forecast["m~vix"]
    adjusted = (y - g) ** 2 - ((y - f) ** 2 - (f - g) ** 2)
    t = adjusted.mean() / (adjusted.std(ddof=1) / np.sqrt(len(y)))
    one = gains(made, nested=["m"])[0]
    assert (one.test, one.answer) == ("clark_west", "helps")
    assert one.p_value == pytest.approx(float(stats.norm.sf(t)), rel=1e-6)


@pytest.mark.parametrize(
    ("strength", "answer", "words"),
    [
        (0.3, "informs", "which its own noise outweighs"),
        (0.5, "informs", "better cannot be told"),
        (0.6, "helps", "helped"),
    ],
)
def test_a_release_helps_only_where_the_gain_itself_is_beyond_chance(strength: float, answer: str, words: str) -> None:
    """Clark and West's p is below a thousandth in all three: something is known; does it help?"""
    one = gains(losses(strength=strength, seed=1), nested=["m"])[0]
    assert one.p_adjusted < 0.001
    assert one.answer == answer
    assert one.ci90 is not None
    assert (one.ci90[0] > 0) == (answer == "helps")
    assert words in words_of([one])


def test_the_gain_is_in_percent_of_the_twins_error() -> None:
    made = losses()
    one = gains(made)[0]
    ratio = np.sqrt(((made.y - made.forecast["m"]) ** 2).mean() / ((made.y - made.forecast["m~vix"]) ** 2).mean())
    assert one.test == "cosines"
    assert one.gain_pct == pytest.approx(100 * (1 - ratio))
    assert one.ci90 is not None
    assert one.ci90[0] < one.gain_pct < one.ci90[1]


def test_the_leak_is_a_premium_and_no_answer() -> None:
    one = gains(losses(strength=0.0))[0]
    assert one.answer == "hurts"
    assert one.premium is not None
    assert one.premium.pct is not None
    assert one.premium.p_value < 1e-6
    assert "that is the future, not information" in words_of([one])


def test_holm_counts_all_pairs() -> None:
    one = losses(strength=0.12)
    more = {f"m{k}": one.loss["m"] for k in range(9)} | {f"m{k}~vix": one.loss["m"] for k in range(9)}
    forecasts = dict.fromkeys(more, one.forecast["m"])
    many = replace(one, loss={**one.loss, **more}, forecast={**one.forecast, **forecasts})
    alone, among = gains(one)[0], gains(many)[0]
    assert among.p_value == alone.p_value
    assert among.p_adjusted == pytest.approx(min(1.0, 10 * alone.p_value))
    assert among.mde_pct > alone.mde_pct


def test_too_few_rows_decide_nothing() -> None:
    assert gains(losses(n=25))[0].answer == "cannot tell"


def test_differences_too_small_for_a_digit_are_told_without_one() -> None:
    """A column that hardly moves the forecast: no row of zeros, no exponent, no sign before nothing."""
    made = losses()
    twin = made.forecast["m"] * (1 + 1e-9)
    near = replace(
        made, forecast={**made.forecast, "m~vix": twin, "m!vix": made.forecast["m"]},
        loss={**made.loss, "m~vix": (made.y - twin) ** 2, "m!vix": made.loss["m"]},
    )  # fmt: skip
    words = words_of(gains(near))
    assert "(0.00 %, cannot tell; an edge of less than 0.01 % would have been seen)" in words
    assert "it would have looked no different" in words

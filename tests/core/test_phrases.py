"""Numbers in words, at the borders where the words change."""

import math

import pytest

from beatnaive.core.phrases import chance, count, finite, listing, p_number, p_text, percent


@pytest.mark.parametrize(
    ("p", "text", "number"),
    [
        (0.0, "p < 0.001", "<0.001"),
        (0.00099, "p < 0.001", "<0.001"),
        (0.001, "p = 0.001", "0.001"),
        (0.0994, "p = 0.099", "0.099"),
        (0.0995, "p = 0.10", "0.100"),
        (1.0, "p = 1.00", "1.000"),
    ],
)
def test_a_p_value_is_never_zero(p, text, number):
    assert (p_text(p), p_number(p)) == (text, number)


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.1, "that may well be chance (p = 0.10)"),
        (0.05, "that is perhaps chance, taken by itself (p = 0.050)"),
        (0.049, "that is hardly chance, taken by itself (p = 0.049)"),
        (math.nan, "the test does not apply"),
    ],
)
def test_chance(p, words):
    assert chance(p) == words


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (0.0, "no better and no worse"),
        (0.0049, "0.005 % better"),
        (-0.0049, "0.005 % worse"),
        (4e-5, "0.00004 % better"),
        (-0.05, "0.05 % worse"),
        (0.1, "0.1 % better"),
        (-12.34, "12.3 % worse"),
    ],
)
def test_a_gain(gain, words):
    assert percent(gain) == words


def test_lists_and_small_numbers():
    assert [listing(list("abc"[:n])) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert [count(n) for n in (0, 1, 10, 11)] == ["no", "one", "ten", "11"]


def test_what_is_not_finite_is_none():
    assert [finite(value) for value in (1.5, math.inf, -math.inf, math.nan)] == [1.5, None, None, None]

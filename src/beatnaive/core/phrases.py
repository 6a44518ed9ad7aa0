"""Numbers in words, so that every test and verdict speaks alike."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal


def printable(text: str) -> str:
    r"""The text with every sign that a terminal would obey as an escape: of colours, titles, direction, no width.

    Line breaks and tabs stay.

    >>> print(printable("\x1b[31mred, \u202e\nGreek \u03b1"))
    \x1b[31mred, \u202e
    Greek α
    """
    return "".join(sign if sign.isprintable() or sign in "\n\t" else repr(sign)[1:-1] for sign in text)


def printable_json(text: str) -> str:
    r"""The same for JSON, which stays the same data.

    >>> print(printable_json('{"a": "\x9b\u03b1"}'))
    {"a": "\u009bα"}
    """
    return "".join(sign if sign.isprintable() or sign in "\n\t" else json.dumps(sign)[1:-1] for sign in text)


def finite(value: float) -> float | None:
    """A plain float, or None where it is not finite.

    >>> finite(float("nan")) is None
    True
    """
    return float(value) if math.isfinite(value) else None


def p_number(p: float | None) -> str:
    """A p-value with three decimals, never zero, for a table; empty where there is none.

    >>> p_number(0.3047), p_number(0.00001), p_number(None)
    ('0.305', '<0.001', '')
    """
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def p_text(p: float) -> str:
    """A p-value with two digits, never zero.

    >>> p_text(0.3047), p_text(0.004), p_text(0.00001)
    ('p = 0.30', 'p = 0.004', 'p < 0.001')
    """
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.0995 else f"p = {p:.2f}"


def chance(p: float) -> str:
    """What a two-sided p-value says about luck.

    >>> chance(0.30)
    'that may well be chance (p = 0.30)'
    """
    if not math.isfinite(p):
        return "the test does not apply"
    if p >= 0.1:
        return f"that may well be chance ({p_text(p)})"
    return f"that is {'hardly' if p < 0.05 else 'perhaps'} chance, taken by itself ({p_text(p)})"


def percent(gain: float) -> str:
    """A gain in words.

    >>> percent(-1.82), percent(0.04), percent(0.0)
    ('1.8 % worse', '0.04 % better', 'no better and no worse')
    """
    return f"{digits(abs(gain))} % {'better' if gain > 0 else 'worse'}" if gain else "no better and no worse"


def digits(size: float) -> str:
    """A percentage to a tenth, a smaller one to its first digits: never 0 for what is not.

    >>> digits(12.34), digits(0.043), digits(0.00321)
    ('12.3', '0.04', '0.003')
    """
    if abs(size) >= 0.0095:
        return f"{size:.1f}" if abs(size) >= 0.095 else f"{size:.2f}"
    return f"{Decimal(f'{size:.1g}'):f}"  # without an exponent


def listing(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listing(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def count(n: int) -> str:
    """Small numbers as words.

    >>> count(7), count(40)
    ('seven', '40')
    """
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else str(n)

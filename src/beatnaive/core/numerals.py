"""Numbers as people write them: 1,234.56 in one country is 1.234,56 in another."""

from __future__ import annotations

import re
from collections.abc import Iterable

_POINT = re.compile(r"[+-]?((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?((\d+|\d{1,3}(\.\d{3})+)(,\d*)?|,\d+)([eE][+-]?\d+)?")
_SPACE = re.compile("[\\s\u00a0\u202f]+")


def bare(text: str) -> str:
    """A number without the spaces that may divide its thousands, and with a plain minus.

    >>> bare(" \u22121 234,5")
    '-1234,5'
    """
    return _SPACE.sub("", text).replace("\u2212", "-")


def decimal_marks(texts: Iterable[str]) -> str:
    """The marks, "." and ",", with which all of these `bare` texts are numbers; both where either may be meant.

    >>> [decimal_marks(texts) for texts in (["1.234,56", "7"], ["1,234.56"], ["1,234"], ["1,2.3"])]
    [',', '.', '.,', '']
    """
    every = list(texts)
    return "".join(mark for mark, form in ((".", _POINT), (",", _COMMA)) if all(map(form.fullmatch, every)))


def with_point(text: str, mark: str) -> str:
    """A number with this decimal mark, as a program writes it.

    >>> with_point("1.234,56", ","), with_point("1,234.56", ".")
    ('1234.56', '1234.56')
    """
    return text.replace("." if mark == "," else ",", "").replace(",", ".")

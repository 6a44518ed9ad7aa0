"""Plain data to frozen dataclasses: unknown keys are refused with the nearest right one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from beatnaive.core.errors import InputError, UnknownName

T = TypeVar("T")


LIMITS = {
    "Input should be greater than or equal to": "give at least",
    "Input should be greater than": "give more than",
    "Input should be less than or equal to": "give at most",
    "Input should be less than": "give less than",
}
"""pydantic's words for a number beyond its limits, and ours."""


def build(kind: type[T], data: Mapping[str, Any], where: str) -> T:
    """An instance of the dataclass `kind`, validated; `where` names the place in messages.

    Raises UnknownName for a key that `kind` does not have, InputError for a value of the wrong type.

    >>> from beatnaive.models.baselines import MovingAverage
    >>> build(MovingAverage, {"window": 20}, "models.ma")
    MovingAverage(window=20)
    >>> build(MovingAverage, {"windw": 20}, "models.ma")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.UnknownName: unknown key in models.ma 'windw': did you mean 'window'? Known: window
    """
    from pydantic import TypeAdapter, ValidationError

    data = table(data, where)
    known = {f.name for f in fields(kind) if f.init}  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            raise UnknownName(f"key in {where}", key, known)
    try:
        plain = json.dumps(dict(data), default=_day)
    except (TypeError, ValueError, RecursionError):  # a Python program's: numpy's numbers, tables nested in themselves
        plain = None
    try:
        if plain is None:
            return TypeAdapter(kind).validate_python(dict(data))
        return TypeAdapter(kind).validate_json(plain, strict=True)  # a text "20" is not a number, nor is true
    except ValidationError as error:
        raise InputError(_one_line(error.errors()[0], where)) from error


def _day(value: Any) -> str:
    """A day or instant of TOML, as JSON has it; TypeError for anything else that JSON does not have."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError


def table(data: Any, where: str) -> Mapping[str, Any]:
    """The data, which must be a table. Raises InputError.

    >>> table(3, "source")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.InputError: source = 3: write a table, [source]
    """
    if not isinstance(data, Mapping):
        raise InputError(f"{where} = {_short(data)}: write a table, [{where}]")
    return data


def _short(value: Any) -> str:
    """A value of any size as a few words."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply, or an integer of thousands of digits
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _one_line(problem: Any, where: str) -> str:
    place = ".".join(str(part) for part in (where, *problem["loc"]) if part)
    message = problem["msg"].removeprefix("Value error, ")
    for told, words in LIMITS.items():
        message = message.replace(told, words)
    return f"{place[:90]} = {_short(problem['input'])}: {message[:1].lower()}{message[1:110]}"

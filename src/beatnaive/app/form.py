"""A study as a form gives it, and the ordinary command that it is; nothing but names of the tables gets through."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from beatnaive.app.commands import flags
from beatnaive.app.home import Home
from beatnaive.core.documents import is_file
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.registry import sentence_of
from beatnaive.features import FEATURES
from beatnaive.models import MODELS
from beatnaive.releases import RELEASES
from beatnaive.study.spec import presets

EMBEDDED = ("vix", "us10y", "cpi", "fundamentals")
"""Releases that need no more than their name."""
SOURCES = ("yahoo", "sample", "synthetic", "file")
UPLOADS = "uploads"
"""The folder that uploaded files go to."""
COMBINATION = "beatnaive.backtest.walk:combine"


@dataclass(frozen=True)
class Choice:
    """A row of a table: its name and the one line about it."""

    name: str
    line: str


@cache
def choices() -> dict[str, list[Choice]]:
    """What a form offers: studies, models of returns and of variances, feature sets, releases; kept, as it ships."""
    rows = {name: sentence_of(where) for name, where in {**MODELS, "combination": COMBINATION}.items()}
    variance = [name for name, where in MODELS.items() if ".volatility." in where]
    shipped = {name: _first_lines(path.read_text(encoding="utf-8")) for name, path in presets().items()}
    tables = {
        "studies": {name: shipped[name] for name in sorted(shipped, key=lambda one: (one != "default", one))},
        "models": {name: line for name, line in rows.items() if name not in variance},
        "variance models": {name: rows[name] for name in variance},
        "features": {name: sentence_of(where) for name, where in FEATURES.items()},
        "releases": {name: sentence_of(RELEASES[name]) for name in EMBEDDED},
    }
    return {table: [Choice(name, line) for name, line in found.items()] for table, found in tables.items()}


def words_of(given: Mapping[str, Any], home: Home) -> tuple[list[str], str]:
    """The words of `beatnaive run ...` for a filled-in form, and the path of the run that it will make.

    Raises InputError, UnknownName for what the form cannot have; everything else is left to the command itself.
    """
    study = _one_of("study", given.get("study") or "default", presets())
    source = _one_of("source", given.get("source") or "yahoo", SOURCES)
    symbols = [word for word in re.split(r"[\s,;]+", _text(given, "symbols", 4000)) if word]
    for symbol in symbols:
        if symbol.startswith("-") or len(symbol) > 60 or not symbol.isprintable():
            raise InputError(f"{symbol[:60]!r} is not a symbol: write such as AAPL, ^GSPC or BTC-USD")
    options: dict[str, Any] = {"study": study}
    if source == "file":
        name = _text(given, "file", 200)
        path = home.inside(f"{UPLOADS}/{name}")
        if not name or not is_file(path):
            raise InputError("choose a file with prices, or another source")
        options["source"] = path
    elif source != "yahoo":
        options["source"] = source
    elif not symbols:
        raise InputError("name a symbol, such as AAPL, or take the embedded prices")
    known = {"models": [*MODELS, "combination"], "features": FEATURES, "with": EMBEDDED}
    for name, table in known.items():
        options[name] = tuple(_one_of(name, one, table) for one in given.get(name) or ())
    for name, highest in (("horizon", 250), ("seeds", 1000), ("jobs", 256)):
        options[name] = whole(_text(given, name, 20), name, highest)
    cost = number(_text(given, "cost", 20), "cost")
    options["cost"] = None if cost is None else f"{cost:g}"
    for name in ("start", "end"):
        options[name] = _date(_text(given, name, 20), name)
    dates = _text(given, "dates", 3)
    options["dates"] = _one_of("order of dates", dates, ("DMY", "MDY", "YMD")) if dates else None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = home.runs / f"{study}-{stamp}"
    numbered = (folder.with_name(f"{folder.name}-{k}") for k in range(2, 1000))
    out = folder if not folder.exists() else next(one for one in numbered if not one.exists())
    words = ["run", *flags({**options, "out": out}), *(("--", *symbols) if symbols else ())]
    return words, home.name_of(out)


def number(text: str, name: str) -> float | None:
    """A number as people write it, with a decimal point or a decimal comma; None where nothing was written.

    >>> number("2,5", "cost"), number(" 2.5 ", "cost"), number("", "cost")
    (2.5, 2.5, None)
    >>> number("1.000", "cost")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.InputError: cost '1.000' may be one or a thousand: write it without a separator, ...
    """
    text = text.strip()
    if not text:
        return None
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}([.,' ]\d{3})+", text):
        raise InputError(f"{name} {text!r} may be one or a thousand: write it without a separator, such as 1000 or 1")
    if not re.fullmatch(r"[+-]?\d{1,12}([.,]\d{1,12})?", text, re.ASCII):
        raise InputError(f"{name} {text[:20]!r} is not a number: write such as 2.5 or 2,5")
    return float(text.replace(",", "."))


def whole(text: str, name: str, most: int) -> int | None:
    """A whole number from 1 on; None where nothing was written.

    >>> whole("5", "seeds", 10), whole("5,0", "seeds", 10), whole("", "seeds", 10)
    (5, 5, None)
    """
    value = number(text, name)
    if value is None:
        return None
    if value != int(value) or not 1 <= value <= most:
        raise InputError(f"{name} {text.strip()!r}: give a whole number from 1 to {most}")
    return int(value)


def _text(given: Mapping[str, Any], name: str, longest: int) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str) or len(value) > longest:
        raise InputError(f"{name}: give a text of at most {longest} characters")
    return value.strip()


def _one_of(what: str, name: Any, table: Collection[str]) -> str:
    if not isinstance(name, str) or name not in table:
        raise UnknownName(what, str(name)[:60], table)
    return name


def _date(text: str, name: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError as error:
        raise InputError(f"{name} {text!r} is not a date: write YYYY-MM-DD") from error


def _first_lines(toml: str) -> str:
    """The comment at the head of a shipped study."""
    lines = []
    for line in toml.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines)

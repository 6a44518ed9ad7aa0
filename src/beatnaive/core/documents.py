"""Reading files that others made: TOML, JSON and bytes, whatever they hold, or one line that says what is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from beatnaive.core.errors import BeatNaiveError, InputError

LARGEST = 64 << 20
"""Bytes of the largest TOML or JSON file that is read; a panel's fits are a tenth of it."""


def shown(path: Path | str) -> str:
    r"""A path as one short line, its end kept.

    >>> shown("runs/a\nb/run.json"), len(shown("x" * 6000))
    ('runs/a\\nb/run.json', 103)
    """
    text = str(path).encode("unicode_escape").decode("ascii") if not str(path).isprintable() else str(path)
    return text if len(text) <= 120 else f"{text[:20]}...{text[-80:]}"


def is_file(path: Path) -> bool:
    """Whether a path leads to a regular file, whatever the path looks like: too long, a loop, with a NUL."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_bytes(path: Path, *, most: int = LARGEST) -> bytes:
    """The bytes of a regular file of at most `most` bytes.

    Raises InputError for anything else: a folder, a pipe or device (which may never end), a loop of links, a file that
    is missing, not readable or too large.
    """
    with _regular(path, most) as file:
        return file.read(most)


def sha256_of(path: Path) -> str:
    """Hex digest of a regular file, a piece at a time. Raises InputError for anything else."""
    with _regular(path, sys.maxsize) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _regular(path: Path, most: int) -> Iterator[BufferedReader]:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(file, "rb", closefd=True) as opened:
            facts = os.fstat(file)
            if stat.S_ISDIR(facts.st_mode):
                raise InputError(f"{shown(path)} is a folder, not a file")
            if not stat.S_ISREG(facts.st_mode):
                raise InputError(f"{shown(path)} is a pipe or device: give a regular file")
            if facts.st_size > most:
                raise InputError(f"{shown(path)} has {facts.st_size:,} bytes: more than {most:,} cannot be meant")
            yield opened
    except FileNotFoundError as error:
        raise InputError(f"no such file: {shown(path)}") from error
    except IsADirectoryError as error:
        raise InputError(f"{shown(path)} is a folder, not a file") from error
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read {shown(path)}: {reason}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as plain data. Raises InputError."""
    return toml_of(read_bytes(path), shown(path))


def toml_of(content: bytes, where: str) -> dict[str, Any]:
    """Plain data from TOML's bytes; `where` names them in messages. Raises InputError."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError, OverflowError) as error:
        raise InputError(f"{where} is not valid TOML: {_reason(error)}") from error


def read_json(path: Path) -> Any:
    """A JSON file as plain data, NaN and infinity refused. Raises InputError."""
    return json_of(read_bytes(path), shown(path))


def json_of(content: bytes, where: str) -> Any:
    """Plain data from JSON's bytes; `where` names them in messages. Raises InputError.

    >>> json_of(b'{"a": NaN}', "f.json")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.InputError: f.json is not valid JSON: NaN is not a number that JSON knows
    """
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not valid JSON: {_reason(error)}") from error


@contextmanager
def as_written(what: str, remedy: str, refused: type[BeatNaiveError] = InputError) -> Iterator[None]:
    """Content that this program wrote is used in here; `what` names it, should it be anything else.

    The hashes of a file that somebody made up can fit. Raises `refused`.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, AssertionError) as odd:
        why = f"{type(odd).__name__}: {str(odd)[:60]}"
        raise refused(f"{what} holds what this program does not write ({why}): {remedy}") from odd


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a number that JSON knows")


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]

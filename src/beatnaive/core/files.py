"""Writing a file so that it is whole or not there at all; what is costly to make is kept in the user's cache folder."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from beatnaive.core.errors import CannotWrite


def write_atomically(path: Path, data: bytes | str | Callable[[BinaryIO], None], *, private: bool = False) -> None:
    """The whole file or nothing: written beside itself, synced, renamed; a function writes it piece by piece.

    private: only the user may read it, and the folder made for it. Raises CannotWrite.
    """
    if not path.name:
        raise CannotWrite(f"cannot write {path}: it is a folder; name a file", option="out")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # root could put a file in the place of a device
            raise OSError(errno.EINVAL, "it is a device, a pipe or a socket")
        path.parent.mkdir(0o700 if private else 0o777, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(beside, flags, 0o600 if private else 0o666), "wb") as file:
            if callable(data):
                data(file)
            else:
                file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise CannotWrite(
            f"cannot write {path}: {reason}; free space or choose another folder", option="out"
        ) from error


def at_home(path: str | Path) -> Path:
    """The path, `~` and `~user` written out; left as it is for a user who does not exist.

    >>> at_home("~nobody-at-all/x").name
    'x'
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own raises for such a user


def to_json(data: Any) -> str:
    r"""The text of a JSON file; what JSON lacks is written as its nearest: NaN as null, a tuple as a list.

    >>> to_json({"skill": float("nan"), "ci90": (1.0, 2.0)})
    '{\n "skill": null,\n "ci90": [\n  1.0,\n  2.0\n ]\n}\n'
    """
    return json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return float(data) if math.isfinite(data) else None
    return data


def cache_folder() -> Path:
    """The user's cache folder for this program, or where the environment variable BEATNAIVE_CACHE says."""
    if named := os.environ.get("BEATNAIVE_CACHE"):
        return at_home(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "beatnaive"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "beatnaive" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beatnaive"


def state_folder() -> Path:
    """The user's folder for what this program remembers, or where the environment variable BEATNAIVE_STATE says."""
    if named := os.environ.get("BEATNAIVE_STATE"):
        return at_home(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "beatnaive"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "beatnaive" / "state"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "beatnaive"


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """What `make` returns, from the cache folder where it lies there whole, else made and kept.

    The name must say all that the content depends on, versions included. A folder that cannot be written costs time,
    never a result.
    """
    path = cache_folder() / "made" / name
    try:
        stored = path.read_bytes()
    except OSError:
        stored = b""
    digest, data = stored[:32], stored[32:]
    if stored and hashlib.sha256(data).digest() == digest:
        return data
    data = make()
    with suppress(CannotWrite):
        write_atomically(path, hashlib.sha256(data).digest() + data)
    return data


def refuse_links(folder: Path) -> None:
    """Raise CannotWrite for a symbolic link in the folder: what is written through it would lie outside."""
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if (Path(path) / name).is_symlink():
                raise CannotWrite(
                    f"{(Path(path) / name)!s:.150} is a link: a run writes into its own folder only; remove the link"
                )

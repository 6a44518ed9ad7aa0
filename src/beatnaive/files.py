"""Writing a file so that it is whole or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

from beatnaive.errors import CannotWrite


def write_atomically(path: Path, data: bytes | str) -> None:
    """The whole file or nothing: written beside itself, synced, renamed. Raises CannotWrite."""
    raw = data.encode() if isinstance(data, str) else data
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        _forget(beside)
        reason = error.strerror or str(error)
        raise CannotWrite(f"cannot write {path}: {reason}; free space or choose another folder with --out") from error


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return

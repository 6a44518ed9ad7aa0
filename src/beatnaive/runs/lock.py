"""One run at a time in a folder: a lock file, made atomically, that says who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from beatnaive.core.documents import read_json
from beatnaive.core.errors import CannotWrite, InputError

NAME = ".lock"


@dataclass(frozen=True)
class Holder:
    """A process: its host, its number there, and when it started, since numbers are given again."""

    host: str
    pid: int
    started: str

    @classmethod
    def of_this_process(cls) -> Holder:
        """This one."""
        return cls(socket.gethostname(), os.getpid(), _started(os.getpid()) or "")

    @property
    def is_gone(self) -> bool:
        """Whether it certainly runs no more; of another host nobody here can tell."""
        return self.host == socket.gethostname() and _started(self.pid) != self.started


@contextmanager
def locked(folder: Path, *, resumed: bool = False) -> Iterator[None]:
    """Nobody else runs in this folder meanwhile. Raises CannotWrite when somebody does.

    resumed: a lock whose holder was killed on this host is taken over; otherwise it is in the way.
    """
    path = folder / NAME
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    _take(path, resumed)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
            for one in new:
                one.rmdir()  # what nothing was written into is not left behind


def _take(path: Path, resumed: bool) -> None:
    """Make the lock file, or take over one whose holder is gone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _made(path):
            return
        holder = _holder(path)
        if resumed and (holder is None or holder.is_gone):
            # renamed first: of two that resume at once, one finds it gone
            stale = path.with_name(f"{NAME}.{os.getpid()}.stale")
            with suppress(FileNotFoundError):
                path.rename(stale)
                stale.unlink()
                if _made(path):
                    return
            holder = _holder(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWrite(f"cannot write {path}: {reason}; free space or choose another folder with --out") from error
    if holder is not None and holder.is_gone:
        raise CannotWrite(f"{path.parent} is left from a run that was killed: continue it with --resume {path.parent}")
    who = "another process" if holder is None else f"process {holder.pid} on {holder.host}"
    raise CannotWrite(f"{path.parent} is in use by {who}: wait for it, or choose another folder with --out")


def _made(path: Path) -> bool:
    """Whether the lock file could be made; it is never seen half-written, because it is linked under its name whole."""
    draft = path.with_name(f"{NAME}.{os.getpid()}.part")
    draft.write_text(json.dumps(asdict(Holder.of_this_process())) + "\n", encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(draft.read_text(encoding="utf-8"))
        except FileExistsError:
            return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _holder(path: Path) -> Holder | None:
    """Who made the lock file; None for one that is gone or says nothing."""
    try:
        data = read_json(path)
        return Holder(str(data["host"]), int(data["pid"]), str(data["started"]))
    except (InputError, KeyError, TypeError, ValueError):
        return None


def _started(pid: int) -> str | None:
    """When a process of this host started, as the system counts; "" where it does not say; None = there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in "ZX" else fields[18]  # man proc: field 22, in ticks since the host started
    except (OSError, IndexError):
        if Path("/proc/self/stat").exists():
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return ""
    return ""

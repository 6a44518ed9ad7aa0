"""One run at a time in a folder: a lock file, made atomically, that says who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from beatnaive.core.documents import read_json, shown
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

    resumed: a lock whose holder was killed on this host is taken over; otherwise only where it left no run.json.
    """
    path = folder / NAME
    new = [one for one in (folder, *folder.parents) if not os.path.exists(one)]  # noqa: PTH110 - no name is too long
    try:
        _take(path, resumed)
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
    finally:
        for one in new:
            with suppress(OSError):
                one.rmdir()  # what nothing was written into is not left behind


def _take(path: Path, resumed: bool) -> None:
    """Make the lock file, or take over one whose holder is gone."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _made(path):
            return
        if resumed or not (folder / "run.json").exists():  # without a record there is nothing that --resume could keep
            with _turn(folder) as ours:
                # read and removed in one turn: what was judged gone is what is removed
                holder = _holder(path) if ours else None
                if holder is not None and holder.is_gone:
                    path.unlink()
                if ours and _made(path):
                    return
        holder = _holder(path)
    except OSError as error:
        reason = error.strerror or str(error)
        mend = "free space or choose another folder"
        raise CannotWrite(f"cannot write {path}: {reason}; {mend}", option="out") from error
    if holder is None and path.exists():
        raise CannotWrite(f"{shown(path)} does not say who made it: remove it if nothing runs in that folder")
    if holder is not None and holder.is_gone and not resumed and (folder / "run.json").exists():
        left = f"{folder} is left from a run that was killed"
        raise CannotWrite(f"{left}: continue it with beatnaive run --resume {folder}")
    who = f"process {holder.pid} on {holder.host}" if holder is not None and not holder.is_gone else "another process"
    raise CannotWrite(f"{folder} is in use by {who}: wait for it, or choose another folder", option="out")


@contextmanager
def _turn(folder: Path) -> Iterator[bool]:
    """Whether this process alone may take a lock over now; the system ends the turn of one that is killed."""
    try:
        import fcntl
    except ImportError:  # no such system here: nothing is taken over
        yield False
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # somebody else's turn, or a file system that cannot tell
            yield False
            return
        yield True
    finally:
        os.close(number)


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


def holder_of(folder: Path) -> Holder | None:
    """Who runs in this folder, or was killed there; None where nobody does, or the lock does not say."""
    return _holder(folder / NAME)


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

"""The ordinary commands, as processes of their own: what the app does, anybody could type, and it outlives the app."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beatnaive.app.home import Home
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.runs.lock import holder_of

PROGRAM = [sys.executable, "-c", "from beatnaive.cli import main; main()"]
SAFE = {"PYTHONSAFEPATH": "1"}
"""No process of the app's, nor one of its workers, imports what lies in the folder that it stands in."""
MOST = 4
"""Studies at a time."""
AS_JSON = "--json"
TAIL = 20_000


@dataclass(frozen=True)
class Done:
    """What a command came to: its exit code, its standard output and error."""

    code: int
    out: str
    err: str

    @property
    def why(self) -> str:
        """The line that says what went wrong, as the command line says it."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return lines[-1].removeprefix("beatnaive: ") if lines else f"it ended with exit code {self.code}"


def line_of(words: Sequence[str]) -> str:
    """The command as one types it.

    >>> line_of(["run", "--models", "linear,my model"])
    "beatnaive run --models 'linear,my model'"
    """
    return shlex.join(["beatnaive", *words])


def flags(options: Mapping[str, Any]) -> list[str]:
    """Options as words of a command line; what is None or empty is left out.

    >>> flags({"seeds": 3, "as_of": None, "models": ("linear", "lstm")})
    ['--seeds', '3', '--models', 'linear,lstm']
    """
    words: list[str] = []
    for name, value in options.items():
        if value not in (None, "", ()):
            words += [f"--{name.replace('_', '-')}", ",".join(value) if isinstance(value, tuple) else str(value)]
    return words


async def finished(words: Sequence[str], *, seconds: float = 600.0) -> Done:
    """Run a command to its end, which may not take longer than `seconds`. Raises InputError when it does."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **SAFE}, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError as error:
        raise InputError(f"it took longer than {seconds:.0f} seconds: type {line_of(words)}") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Done(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


@dataclass(eq=False)
class Studies:
    """The runs that this app started: each a process of its own session, with a log under its run's name."""

    home: Home
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, words: Sequence[str], path: str) -> None:
        """Start `beatnaive ...` for the run at this path. Raises InputError where enough of them run already."""
        if len(self.running) >= MOST:
            raise InputError(f"{MOST} studies run already: wait for one, or stop one")
        log = self.log_of(path)
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as file:
                file.write(f"$ {line_of(words)}\n".encode())
                file.flush()
                self.processes[path] = subprocess.Popen(
                    [*PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                    env={**os.environ, **SAFE}, start_new_session=True,
                )  # fmt: skip
        except OSError as error:
            raise CannotWrite(f"cannot write {log}: {error.strerror or error}") from error

    @property
    def running(self) -> dict[str, int]:
        """Path and process number of every study that this app started and that still works."""
        return {path: one.pid for path, one in self.processes.items() if one.poll() is None}

    def stop(self, path: str) -> None:
        """Tell a run to stop, as Ctrl-C does: what is finished is kept. Raises InputError where none works there.

        A run that was started elsewhere is stopped where its lock names a process of this host that works on it.
        """
        process = self.processes.get(path)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            return
        holder = holder_of(self.home.inside(path))
        if holder is None or holder.is_gone or not _runs_a_study(holder.pid):
            raise InputError(f"nothing that could be stopped runs in {path}")
        os.kill(holder.pid, signal.SIGTERM)

    def log_of(self, path: str) -> Path:
        """Where a run's output goes."""
        return self.home.own / "logs" / f"{path.replace('/', '%2F')}.log"

    def log(self, path: str) -> str:
        """The end of what a run printed, its command first; "" where this app did not start it."""
        try:
            text = self.log_of(path).read_bytes()[-TAIL:].decode(errors="replace")
        except OSError:
            return ""
        return text[text.rfind("\n$ ") + 1 :]

    def failed(self) -> dict[str, str]:
        """Path and last line of every study that ended before it had a run folder, not of what was deleted since."""
        found = {}
        for file in (self.home.own / "logs").glob("*.log"):
            path = file.stem.replace("%2F", "/")
            if path not in self.running and not (self.home.root / path / "run.json").exists():
                lines = [line for line in self.log(path).splitlines() if line.strip()]
                if lines and not lines[-1].startswith("all files"):
                    found[path] = lines[-1].removeprefix("beatnaive: ")
        return found

    def forget(self, path: str) -> None:
        """Remove the log of a study that failed. Raises InputError where there is none."""
        if path not in self.failed():
            raise InputError(f"{path} is not a study that failed")
        self.log_of(path).unlink(missing_ok=True)


def _runs_a_study(pid: int) -> bool:
    """Whether a process of this host is one of our commands, as far as the system tells: a lock may lie."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return any("beatnaive" in word for word in words[:3]) and not {"run", "forecast", "ledger"}.isdisjoint(words)

"""A small study whose first fits are short and whose last are as long as wanted, run as a user runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

STUDY = """
source = {{ kind = "sample", years = 3 }}
split  = {{ kind = "single", train = 0.8 }}
seeds  = 3
[models.naive]
[models.quick]
kind       = "lstm"
lookback   = 6
units      = [4]
dense      = []
epochs     = 1
[models.slow]
kind       = "lstm"
lookback   = 30
units      = [32]
dense      = []
epochs     = {epochs}
validation = 0.0
"""


@dataclass(frozen=True)
class Running:
    """A study that runs as a process, in a process group of its own."""

    process: subprocess.Popen
    folder: Path

    def units(self) -> list[Path]:
        return sorted(self.folder.glob("run/units/*/*/*/*.npz"))

    def wait_for_units(self, count: int) -> None:
        """Until so many units are finished. Fails when the run ends or hangs before."""
        deadline = time.monotonic() + 150
        while len(self.units()) < count:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, f"{len(self.units())} of {count} units in time"
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """The worker processes; helpers of theirs (the resource tracker) not counted."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = {int(pid) for file in children for pid in file.read_text().split()}
        return sorted(pid for pid in pids if b"popen_loky" in Path(f"/proc/{pid}/cmdline").read_bytes())

    def end(self) -> tuple[int, str]:
        """Exit code and standard error."""
        _, err = self.process.communicate(timeout=300)
        return self.process.returncode, err


@pytest.fixture
def start(tmp_path) -> Callable[..., Running]:
    """`start(epochs, *words, **environment)`: run the study in tmp_path."""
    begun = []

    def begin(epochs: int, *words: str, **environment: str) -> Running:
        (tmp_path / "study.toml").write_text(STUDY.format(epochs=epochs))
        code = "from beatnaive.cli import main; main()"
        command = [sys.executable, "-c", code, "run", "--study", "study.toml", "--out", "run", "--quiet", *words]
        pipe, own = subprocess.PIPE, {**os.environ, **environment}
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True, start_new_session=True, env=own
        )
        begun.append(process)
        return Running(process, tmp_path)

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.wait()

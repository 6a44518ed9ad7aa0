"""The command as a user calls it, in this process (fast) or as a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from beatnaive.cli import main


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def one_line(said: Said, code: int, *words: str) -> None:
    """One line on stderr, with these words, and the exit code."""
    assert said.code == code, said
    lines = said.err.strip().splitlines()
    error = [line for line in lines if line.startswith("beatnaive: ")]
    assert len(error) == 1, said.err
    assert "Traceback" not in said.err
    for word in words:
        assert word in error[0], error[0]


@pytest.fixture
def command(capsys, tmp_path, monkeypatch) -> Callable[..., Said]:
    """Run `beatnaive ...` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Said:
        code = 0
        with contextlib.suppress(SystemExit):
            try:
                main([str(word) for word in words])
            except SystemExit as stop:
                code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture
def process(tmp_path) -> Callable[..., subprocess.Popen[str]]:
    """Start `beatnaive ...` as a process of its own, in an empty folder."""

    def start(*words: object) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", "from beatnaive.cli import main; main()", *map(str, words)]
        pipe = subprocess.PIPE
        # a suite that runs under nohup ignores SIGHUP, and would hand that on
        hung_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        try:
            return subprocess.Popen(arguments, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True, env=dict(os.environ))
        finally:
            signal.signal(signal.SIGHUP, hung_up)

    return start

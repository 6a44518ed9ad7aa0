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


def one_line(said: Said, code: int | tuple[int, ...] = 2, *words: str) -> str:
    """The one line on stderr, under 300 characters, with these words; `code`, or one of them, is the exit code."""
    assert said.code in ((code,) if isinstance(code, int) else code), said
    lines = [line for line in said.err.splitlines() if line.startswith("beatnaive: ")]
    assert len(lines) == 1, said.err
    assert len(lines[0]) < 300, lines[0]
    assert "Traceback" not in said.err
    assert said.code == 70 or "--debug" not in lines[0]  # nobody's mistake is to be reported to us
    for word in words:
        assert word in lines[0], lines[0]
    return lines[0]


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

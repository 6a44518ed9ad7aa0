"""The cron line and the systemd units of docs/ledger.md, run as those two run them: in an empty environment."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from beatnaive.forecasting.ledger.standing import standing

PAGE = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
HOME = "/home/me/forecasts"


def block(kind: str, holding: str) -> str:
    found = [text for text in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) if holding in text]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def home(tmp_path, run) -> Path:
    """A folder like that of the page: a ledger, runs/first, and the command in its own environment."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "first").symlink_to(run)
    command = tmp_path / ".venv" / "bin" / "beatnaive"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from beatnaive.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    clean(f"cd {tmp_path} && {command} ledger init")
    return tmp_path


def clean(line: str) -> subprocess.CompletedProcess[str]:
    """A line in a shell that knows nothing but what cron sets."""
    words = ["env", "-i", "HOME=/tmp", "PATH=/usr/bin:/bin", "LOGNAME=nobody", "SHELL=/bin/sh", "/bin/sh", "-c", line]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_cron_line_adds_once_and_nothing_twice(home):
    line = block("cron", "ledger settle").strip()
    fields, command = line.split(maxsplit=5)[:5], line.split(maxsplit=5)[5]
    assert fields == ["30", "7,23", "*", "*", "1-6"]
    assert "%" not in command  # cron would end the line there
    heads = []
    for _ in range(2):
        assert clean(command.replace(HOME, str(home))).returncode == 0
        heads.append(standing(home / "ledger")["head"])
    assert heads[0] == heads[1]
    assert standing(home / "ledger")["entries"] == 2
    log = (home / "ledger.log").read_text(encoding="utf-8")
    assert "in the ledger already" in log
    assert "Traceback" not in log


def test_the_systemd_units_name_commands_that_run(home):
    service, timer = block("ini", "[Service]"), block("ini", "[Timer]")
    assert "OnCalendar=" in timer
    assert "Persistent=true" in timer
    folder = re.search(r"^WorkingDirectory=(.*)$", service, re.MULTILINE)
    assert folder is not None
    commands = re.findall(r"^ExecStart=(-?)(.*)$", service, re.MULTILINE)
    assert [minus for minus, _ in commands] == ["-", ""]
    for _, command in commands:
        done = clean(f"cd {folder[1]} && exec {command}".replace(HOME, str(home)))
        assert done.returncode == 0, done.stderr
    assert standing(home / "ledger")["entries"] == 2

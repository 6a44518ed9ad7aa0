"""The audit as a test of one's own: the pytest plugin, the helper, and the pre-commit hook."""

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from beatnaive.checks import assert_no_lookahead
from beatnaive.cli import main

ROOT = Path(__file__).parents[2]
MINE = (
    "def good(bars):\n    return bars[['Close']].diff()\n\n\n"
    "def bad(bars):\n    return bars[['Close']].shift(-1)\n\n\n"
    "DAYS = ['2016-03-01', '2017-06-01']\ndef dated(bars):\n    return bars.index.isin(DAYS)\n"
)


def pytest_on(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "mine.py").write_text(MINE)
    (folder / "test_mine.py").write_text("def test_one():\n    assert True\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--beatnaive-seconds", "1", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_package_brings_the_plugin() -> None:
    (one,) = [each for each in entry_points(group="pytest11") if each.name == "beatnaive"]
    assert one.value == "beatnaive.checks.pytest_plugin"


def test_names_are_audited_beside_the_tests(tmp_path: Path) -> None:
    said = pytest_on(tmp_path, "--beatnaive", "mine.py:good", "--beatnaive", "mine.py:bad")
    assert said.returncode == 1
    assert "1 failed, 2 passed" in said.stdout
    assert "Close changes when later sessions are others" in said.stdout
    assert "repair: use `.shift(1)`" in said.stdout
    assert "Traceback" not in said.stdout


def test_a_doubt_fails_where_asked_to(tmp_path: Path) -> None:
    assert pytest_on(tmp_path, "--beatnaive", "mine.py:dated").returncode == 0
    said = pytest_on(tmp_path, "--beatnaive", "mine.py:dated", "--beatnaive-strict")
    assert said.returncode == 1
    assert "changes on 2 rows when the same bars carry other dates" in said.stdout


def test_the_helper_raises_with_the_report() -> None:
    assert_no_lookahead(lambda bars: bars["Close"].diff(), seconds=1)
    with pytest.raises(AssertionError, match=r"repair: use `\.shift"):
        assert_no_lookahead(lambda bars: bars["Close"].shift(-1), seconds=1)


def test_the_hook_stops_a_commit_that_looks_ahead(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["language"] == "python"
    (tmp_path / "mine.py").write_text(MINE)
    # its own words, in the environment of this test: installing the package anew would need a network
    entry = f"{sys.executable} -c 'from beatnaive.cli import main; main()' {hook['entry'].removeprefix('beatnaive ')}"
    command = ["git", "init", "-q", "."]
    subprocess.run(command, cwd=tmp_path, check=True)
    codes = {}
    for name in ("good", "bad"):
        local = {**hook, "language": "system", "entry": entry, "args": [f"mine.py:{name}", "--seconds", "1"]}
        config = {"repos": [{"repo": "local", "hooks": [local]}]}
        (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
        subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
        run = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
        codes[name] = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert codes["good"].returncode == 0, codes["good"].stdout + codes["good"].stderr
    assert codes["bad"].returncode == 1, codes["bad"].stdout + codes["bad"].stderr
    assert "looks ahead" in codes["bad"].stdout


def test_the_example_of_a_github_action_runs_a_command_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8"), re.DOTALL)
    (action,) = [read for read in map(yaml.safe_load, blocks) if "jobs" in read]
    commands = [step["run"].split() for step in action["jobs"]["audit"]["steps"] if "run" in step]
    (words,) = [command for command in commands if command[0] == "beatnaive"]
    with pytest.raises(SystemExit):
        main([words[1], "--help"])
    told = capsys.readouterr().out
    assert "audit" in told
    assert all(option in told for option in words if option.startswith("--"))
    assert "--strict" in words

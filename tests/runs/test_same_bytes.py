"""A result is a function of data, study and seed: not of processes, cores, interruptions or the folder it lies in."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDY = """
source   = { kind = "sample", symbols = ["^GSPC", "^IXIC"], years = 3 }
features = ["published"]
split    = { kind = "walk_forward", first = 500, refit_every = 100 }
seeds    = 2
[models.naive]
[models.linear]
[models.ridge]
[models.lstm]
lookback = 20
units    = [8, 8]
dense    = [4]
epochs   = 2
"""
CONTRACT = ("scores.csv", "forecasts.parquet")


def beatnaive(folder: Path, *words: str, cores: int | None = None) -> subprocess.Popen[bytes]:
    code = "from beatnaive.cli import main; main()"
    pin = f"import os; os.sched_setaffinity(0, range({cores})); " if cores else ""
    silent = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-c", pin + code, "run", *words], cwd=folder, stdout=silent, stderr=silent)


def contents(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in CONTRACT]


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "small.toml").write_text(STUDY)
    assert beatnaive(folder, "--study", "small.toml", "--out", "one", "--jobs", "1").wait(300) == 0
    return folder


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_bytes(reference):
    assert beatnaive(reference, "--study", "small.toml", "--out", "two", "--jobs", "2").wait(300) == 0
    assert contents(reference / "two") == contents(reference / "one")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that can pin processes to cores")
def test_one_core_gives_the_same_bytes(reference):
    assert beatnaive(reference, "--study", "small.toml", "--out", "core", cores=1).wait(300) == 0
    assert contents(reference / "core") == contents(reference / "one")


@pytest.mark.slow
def test_the_study_file_of_a_finished_run_gives_them_again(reference):
    assert beatnaive(reference, "--study", "one/study.toml", "--out", "again").wait(300) == 0
    assert contents(reference / "again") == contents(reference / "one")


@pytest.mark.slow
@pytest.mark.parametrize("units", [1, 9])
def test_killed_at_any_moment_and_resumed_it_ends_with_the_same_bytes(reference, units):
    out = f"killed{units}"
    running = beatnaive(reference, "--study", "small.toml", "--out", out, "--jobs", "2")
    deadline = time.monotonic() + 120
    while len(list((reference / out).glob("units/*/*/*/*.npz"))) < units and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait(30)
    assert beatnaive(reference, "--resume", out).wait(300) == 0
    assert contents(reference / out) == contents(reference / "one")


@pytest.mark.slow
def test_another_study_data_or_version_is_not_resumed(reference):
    run = reference / "other"
    running = beatnaive(reference, "--study", "small.toml", "--out", "other", "--jobs", "1")
    while not list(run.glob("units/*/*/*/*.npz")):
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait(30)
    kept = (run / "study.toml").read_text()
    (run / "study.toml").write_text(kept.replace("epochs = 2", "epochs = 3"))
    assert beatnaive(reference, "--resume", "other").wait(60) == 2
    (run / "study.toml").write_text(kept)
    record = (run / "run.json").read_text()
    (run / "run.json").write_text(record.replace('"keras": "', '"keras": "0.'))
    assert beatnaive(reference, "--resume", "other").wait(60) == 2

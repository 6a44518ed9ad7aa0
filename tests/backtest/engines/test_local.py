"""Local processes: interrupted, killed, and always with the same result."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, market, samples_of

from beatnaive.backtest.engines import engine
from beatnaive.backtest.engines.local import Processes
from beatnaive.backtest.engines.shared_data import ctrl_c_is_for_the_parent
from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.backtest.units import Serial
from beatnaive.backtest.walk import MemoryStore, walk
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.models.spec import ModelSpec

FAULTY = Path(__file__).with_name("faulty.py")
LONG = 10_000
"""Epochs: minutes."""
posix = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@posix
@pytest.mark.parametrize(("group", "jobs"), [(True, "2"), (False, "1")], ids=["terminal", "parent_alone"])
def test_ctrl_c_in_the_middle_of_a_network_ends_all_and_keeps_what_is_finished(start, group, jobs):
    running = start(LONG, "--jobs", jobs)
    running.wait_for_units(3)
    workers = running.workers()
    time.sleep(1)
    (os.killpg if group else os.kill)(running.process.pid, signal.SIGINT)
    code, err = running.end()
    assert code == 130
    assert err.startswith("beatnaive: interrupted; ")
    assert err.count("\n") == 1
    assert "--resume run" in err
    assert len(workers) == int(jobs)
    assert alive(workers) == []


@posix
def test_ctrl_c_while_processes_start_is_for_the_parent_alone_and_is_not_lost():
    came = []

    def begin():
        with ctrl_c_is_for_the_parent():
            came.append(subprocess.Popen([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
                                         stdout=subprocess.PIPE))  # fmt: skip
            came[0].stdout.readline()
            came[0].send_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            came.append("the end of the block")

    try:
        with pytest.raises(KeyboardInterrupt):
            begin()
        assert came[1:] == ["the end of the block"]
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        time.sleep(0.2)
        assert came[0].poll() is None
    finally:
        came[0].kill()
        came[0].communicate()


@posix
def test_units_of_a_killed_worker_are_run_again_and_nothing_changes(start, tmp_path):
    running = start(60, "--jobs", "2")
    running.wait_for_units(2)
    os.kill(running.workers()[0], signal.SIGKILL)
    assert running.end() == (0, "")
    once = [(tmp_path / "run" / name).read_bytes() for name in ("scores.csv", "forecasts.parquet")]
    (tmp_path / "run").rename(tmp_path / "killed")
    assert start(60, "--jobs", "1").end() == (0, "")
    assert [(tmp_path / "run" / name).read_bytes() for name in ("scores.csv", "forecasts.parquet")] == once


@posix
def test_workers_end_with_a_parent_that_was_killed_and_leave_nothing_behind(start, tmp_path):
    (tmp_path / "scratch").mkdir()
    running = start(LONG, "--jobs", "2", TMPDIR=str(tmp_path / "scratch"))
    running.wait_for_units(2)
    workers = running.workers()
    running.process.kill()
    running.end()
    deadline = time.monotonic() + 30
    while alive(workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(workers) == 2
    assert alive(workers) == []
    assert list((tmp_path / "scratch").glob("beatnaive-*")) == []


@posix
def test_a_full_scratch_folder_is_one_line_that_says_what_to_do(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("joblib.dump", full)
    made = samples_of(market(ar1(120, 0.0)))
    with pytest.raises(CannotWrite, match=r"cannot write .*: No space left on device; name a folder .* TMPDIR"):
        walk(made, walk_forward(made, Split()), {"luck": ModelSpec(f"{FAULTY}:Luck")}, seeds=2, engine=Processes(2))


@posix
def test_a_model_that_always_loses_its_process_is_one_clear_line_and_no_hang():
    made = samples_of(market(ar1(120, 0.0)))
    models = {"luck": ModelSpec(f"{FAULTY}:Luck"), "big": ModelSpec(f"{FAULTY}:Killed")}
    store = MemoryStore()
    with pytest.raises(
        InputError, match=r"3 times in a row \(big unfinished\).*out of memory: use fewer jobs.*is kept"
    ):
        walk(made, walk_forward(made, Split()), models, store=store, seeds=2, engine=Processes(2))
    assert {key.model for key in store.outcomes} == {"luck"}


def test_processes_and_this_one_forecast_the_same():
    made = samples_of(market(ar1(150, 0.0, symbols=3)))
    models = {"luck": ModelSpec(f"{FAULTY}:Luck"), "ridge": ModelSpec("ridge")}
    folds = walk_forward(made, Split(least=10))
    here = walk(made, folds, models, seeds=2, engine=Serial())
    there = walk(made, folds, models, seeds=2, engine=Processes(2))
    for name in models:
        np.testing.assert_array_equal(here[name].forecast.mean, there[name].forecast.mean)


def test_an_error_of_ours_crosses_the_process_as_it_was_raised():
    made = samples_of(market(ar1(120, 0.0)))
    models = {"luck": ModelSpec(f"{FAULTY}:Luck"), "ridge": ModelSpec("ridge")}
    with pytest.raises(InputError, match=r"ridge needs at least 10 training rows, 4 given"):
        walk(made, walk_forward(made, Split(train=4)), models, seeds=2, engine=Processes(2))


@pytest.mark.parametrize(("name", "jobs"), [("locl", None), ("local", 0), ("ray", -1)])
def test_an_engine_that_does_not_exist_is_refused(name, jobs):
    with pytest.raises(InputError, match=r"local or ray|at least 1"):
        engine(name, jobs)

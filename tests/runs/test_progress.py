"""How far a run has come, from its folder alone."""

import json

import pytest
from run_folders import run_folder

from beatnaive.core.errors import InputError
from beatnaive.runs.lock import Holder, locked
from beatnaive.runs.progress import progress_of
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
from beatnaive.study.spec import parse


def unit(folder, name):
    path = folder / "units" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def test_fits_and_stages_follow_the_folder(tmp_path):
    folder = run_folder(tmp_path / "a", state="running", units=2)
    with locked(folder, resumed=True):
        found = progress_of(folder)
        assert (found.state, found.done, found.expected, found.stage) == ("running", 0, 2, "reading prices")
        unit(folder, "drift/0/-1/0.npz")
        assert (progress_of(folder).done, progress_of(folder).stage) == (1, "fitting")
        unit(folder, "naive/0/-1/0.npz")
        assert progress_of(folder).stage == "judging"
        (folder / "forecasts.parquet").touch()
        assert progress_of(folder).stage == "saving"
        (folder / "worth.json").touch()
        assert progress_of(folder).stage == "plots and report"
    assert (progress_of(folder).state, progress_of(folder).stage) == ("killed", "")


def test_the_holder_of_a_lock_decides_whether_it_runs(tmp_path):
    folder = run_folder(tmp_path / "a", state="interrupted")
    assert progress_of(folder).state == "interrupted"
    here = Holder.of_this_process()
    for holder, state in (
        (here, "running"),
        (Holder(here.host, here.pid, "1"), "interrupted"),
        (Holder("elsewhere", 1, "1"), "running"),
    ):
        (folder / ".lock").write_text(json.dumps(vars(holder)))
        assert progress_of(folder).state == state


def test_a_run_writes_down_how_many_fits_there_will_be(tmp_path):
    source = {"kind": "sample", "symbols": ["^GSPC"], "start": "2016-01-04", "end": "2017-12-29"}
    split = {"kind": "walk_forward", "first": 300, "refit_every": 100}
    study = {"source": source, "split": split, "features": [], "models": {"naive": {}, "drift": {}}}
    Recorder(RunStore(tmp_path / "run")).run(parse(study, "small"), pages=False)
    found = progress_of(tmp_path / "run")
    assert found.state == "complete"
    assert found.done == found.expected > 4


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"has no run\.json"):
        progress_of(tmp_path)

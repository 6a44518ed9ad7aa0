"""Commands in an empty folder, and a finished run to do harm to."""

import shutil
from pathlib import Path

import pytest
from commands import command, process

import beatnaive as bn
from beatnaive.prices.source import Synthetic
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore

__all__ = ["command", "process"]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run, complete but for plots and page, which nobody believes; made once."""
    folder = tmp_path_factory.mktemp("made") / "run"
    source = bn.Source("synthetic", synthetic=Synthetic(n=400))
    models = {name: bn.ModelSpec(name) for name in ("naive", "drift")}
    study = bn.Study("small", source, models, features=("close",))
    Recorder(RunStore(folder)).run(study, pages=False)
    return folder


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in this process end without plots and page, which other tests draw: they are most of what a run costs."""
    monkeypatch.setattr(Recorder, "_illustrate", lambda self, progress: None)


@pytest.fixture
def run_folder(command: object, finished: Path) -> Path:
    """A copy of the finished run in the folder one stands in, as `run`."""
    return Path(shutil.copytree(finished, "run"))

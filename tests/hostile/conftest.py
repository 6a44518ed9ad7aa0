"""Commands in an empty folder, and a finished run to do harm to."""

import shutil
from pathlib import Path

import pytest
from commands import command, process

import beatnaive as bn
from beatnaive.prices.source import Synthetic

__all__ = ["command", "process"]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run, complete; made once."""
    folder = tmp_path_factory.mktemp("made") / "run"
    source = bn.Source("synthetic", synthetic=Synthetic(n=400))
    models = {name: bn.ModelSpec(name) for name in ("naive", "drift")}
    bn.run(bn.Study("small", source, models, features=("close",)), out=folder)
    return folder


@pytest.fixture
def run_folder(command: object, finished: Path) -> Path:
    """A copy of the finished run in the folder one stands in, as `run`."""
    return Path(shutil.copytree(finished, "run"))

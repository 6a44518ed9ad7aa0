"""A run of the embedded sample, a clock that the tests move, and ledgers upon them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import command, process

from beatnaive.forecasting.ledger import clock
from beatnaive.prices.calendars import sessions_between
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
from beatnaive.study.spec import parse

__all__ = ["command", "process"]

STUDY = {
    "source": {"kind": "sample", "symbols": ["^GSPC", "^IXIC"], "start": "2016-01-04", "end": "2017-12-29"},
    "features": [],
    "split": {"kind": "walk_forward", "first": 300, "refit_every": 250},
    "models": {"naive": {}, "drift": {}, "moving_average": {}},
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on two indices up to 29 December 2017; the sample knows the year after it."""
    folder = tmp_path_factory.mktemp("ledger") / "run"
    Recorder(RunStore(folder)).run(parse(STUDY, "two"), pages=False)
    return folder


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the ledger's clock: UTC."""

    def to(instant: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: np.datetime64(instant, "s"))

    return to


@pytest.fixture(scope="session")
def evenings() -> list[str]:
    """An hour and more after the closes of 2018, the last session of 2017 first."""
    days = sessions_between("XNYS", np.datetime64("2017-12-29"), np.datetime64("2018-12-31"))
    return [f"{day}T22:30:00" for day in days]

"""Shared fixtures. Networks run as in the program itself, so that their bits do not depend on the machine."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from markets import prices_of

from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.targets import target
from beatnaive.core import trust
from beatnaive.core.jax_environment import prepare
from beatnaive.core.types import Inputs, Samples

prepare()

SLOW = frozenset((Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").split())
"""Tests that take more than 0.4 seconds of processor time, as tests/support/processor_time.py measured them."""

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
NO_SHARED = "real test data (../shared/data) is not beside this checkout"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file that is slow as a whole is not even imported for the others' sake: its imports cost seconds."""
    if "not slow" not in config.option.markexpr or not collection_path.is_relative_to(config.rootpath):
        return None
    return True if collection_path.relative_to(config.rootpath).as_posix() in SLOW else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is measured to be slow carries the marker: `make quick` leaves it out."""
    for item in items:
        if not SLOW.isdisjoint((item.nodeid.partition("::")[0], item.nodeid.partition("[")[0])):
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line says how many tests stood still for lack of data: their silence is not to be taken for a pass."""
    skipped = [one for one in terminalreporter.stats.get("skipped", ()) if NO_SHARED in str(one.longrepr)]
    if skipped:
        files = sorted({one.nodeid.partition("::")[0] for one in skipped})
        line = f"{len(skipped)} tests skipped without ../shared/data (CONTRIBUTING lists them): {', '.join(files)}"
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data that lies beside the checkout; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    return SHARED


@pytest.fixture
def panel() -> Callable[..., Inputs]:
    def make(counts: dict[str, int], hours: dict[str, int] | None = None) -> Inputs:
        prices = [prices_of(s, n, seed=k, hour=(hours or {}).get(s, 21)) for k, (s, n) in enumerate(counts.items())]
        tables = [np.log(one.bars[:, [3]]) for one in prices]
        return gather(prices, ["log_close"], tables)

    return make


@pytest.fixture
def samples(panel: Callable[..., Inputs]) -> Callable[..., Samples]:
    def make(n: int = 300, horizon: int = 1, lookback: int = 1, symbols: int = 1) -> Samples:
        inputs = panel({f"S{k}": n for k in range(symbols)})
        return assemble(inputs, target("return", horizon), lookback=lookback)

    return make


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test sees, or adds to, what its user trusts."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEATNAIVE_STATE", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _nothing_trusted(_own_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts without trust in anything: neither in files nor, on the path, in the folder one stands in."""
    trust.forget()
    (_own_state / "trusted.json").unlink(missing_ok=True)
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder])

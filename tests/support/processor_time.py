"""Which tests are slow, by measurement: over 0.4 seconds of processor time for all parameters, children included.

    PYTHONPATH=tests/support python -m pytest -n auto --dist loadfile -p processor_time

runs every test and writes tests/slow.txt: a line per test function, or per file where what is slow is
a fixture that its tests share. `tests/conftest.py` marks what stands there `slow`; `make quick` leaves it out.
"""

from __future__ import annotations

import resource
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

LIST = Path(__file__).parents[1] / "slow.txt"
ALWAYS = (
    "tests/backtest/engines/test_gpu.py",
    "tests/backtest/engines/test_local.py",
    "tests/backtest/engines/test_ray.py",
    "tests/backtest/test_promises.py",
    "tests/checks/auditing/test_audit.py",
    "tests/checks/test_contracts.py",
    "tests/cli/test_bad_input.py",
    "tests/explain/test_guide.py",
    "tests/explain/test_pages.py",
    "tests/explain/test_run.py",
    "tests/explain/test_step.py",
    "tests/forecasting/test_forecast.py",
    "tests/hostile/test_audit.py",
    "tests/hostile/test_better.py",
    "tests/hostile/test_code.py",
    "tests/hostile/test_endings.py",
    "tests/hostile/test_fuzz.py",
    "tests/hostile/test_parsers.py",
    "tests/hostile/test_runs.py",
    "tests/hostile/test_silence.py",
    "tests/judging/significance/test_golden.py",
    "tests/models/networks/test_fit.py",
    "tests/models/networks/test_forward.py",
    "tests/models/test_user_models.py",
    "tests/prices/explore/test_explore.py",
    "tests/prices/test_files.py",
    "tests/report/charts/test_figures.py",
    "tests/report/test_browser.py",
    "tests/report/test_command.py",
    "tests/report/test_report.py",
    "tests/report/test_standards.py",
    "tests/runs/test_same_bytes.py",
)
"""Files that are slow together, whatever each test takes: market experiments of the audit, trained guides and networks,
browsers, and processes that are started, attacked and killed."""
LIMIT = 0.4
FIRST = ("altair", "arch", "keras", "pandas", "pyarrow", "scipy.stats", "sklearn", "statsforecast", "statsmodels.api")
"""Imported before the first test, which would else be charged for them."""

_seconds: dict[str, dict[str, float]] = defaultdict(dict)
_last = [0.0]


def function_of(nodeid: str) -> str:
    """A test without its parameters."""
    return nodeid.partition("[")[0]


def slow(seconds: dict[str, dict[str, float]]) -> list[str]:
    """The lines of tests/slow.txt, from processor seconds per test and phase."""
    files = {nodeid.partition("::")[0] for nodeid, phases in seconds.items() if phases.get("setup", 0.0) > LIMIT}
    files |= set(ALWAYS)
    called: dict[str, float] = defaultdict(float)
    for nodeid, phases in seconds.items():
        called[function_of(nodeid)] += phases.get("setup", 0.0) + phases.get("call", 0.0)
    tests = {name for name, spent in called.items() if spent > LIMIT}
    return sorted(files | {one for one in tests if one.partition("::")[0] not in files})


def pytest_sessionstart() -> None:
    from importlib import import_module

    from beatnaive.core.jax_environment import prepare

    prepare()
    for name in FIRST:
        import_module(name)


def pytest_collection_finish() -> None:
    """No test pays for the import of all of them."""
    _last[0] = _used()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In the process that ran the test: what its setup, call or teardown took."""
    report = yield
    now = _used()
    report.processor_seconds, _last[0] = now - _last[0], now  # type: ignore[attr-defined]
    return report  # type: ignore[return-value]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid][str(report.when)] = report.processor_seconds  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    yield
    if not hasattr(session.config, "workerinput"):  # a worker of pytest-xdist leaves the list to the first process
        LIST.write_text("\n".join(slow(_seconds)) + "\n", encoding="utf-8")


def _used() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)

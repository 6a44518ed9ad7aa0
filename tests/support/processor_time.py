"""Which tests are slow, by measurement: more than two seconds of processor time, children included.

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
ALWAYS = ("tests/checks/auditing/test_audit.py", "tests/explain/test_guide.py")
"""The audit's market experiments and the trained guides: slow together, whatever each one takes."""
LIMIT = 2.0
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
    tests = {function_of(nodeid) for nodeid, phases in seconds.items() if phases.get("call", 0.0) > LIMIT}
    return sorted(files | {one for one in tests if one.partition("::")[0] not in files})


def pytest_sessionstart() -> None:
    from importlib import import_module

    from beatnaive.core.jax_environment import prepare

    prepare()
    for name in FIRST:
        import_module(name)
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

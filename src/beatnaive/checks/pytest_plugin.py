"""pytest's part in the audit: `pytest --beatnaive FILE.py:NAME` adds a test per name, which fails for a leak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--beatnaive NAME`, as often as there are names, and its options."""
    group = parser.getgroup("beatnaive", "look for look-ahead in your own code")
    group.addoption(
        "--beatnaive", action="append", default=[], metavar="FILE.py:NAME",
        help="Audit this function, model, pipeline or strategy as a test. May be given several times.",
    )  # fmt: skip
    group.addoption(
        "--beatnaive-seconds", type=float, default=None, metavar="S", help="Time for each audit (default: as `audit`)."
    )
    group.addoption("--beatnaive-strict", action="store_true", help="A doubt fails the test, too.")


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """The audits come after the tests that were collected."""
    names = config.getoption("--beatnaive")
    items.extend(Audit.from_parent(session, name=f"beatnaive[{name}]", subject=name) for name in names)


class Audit(pytest.Item):
    """One audit, run in a process of its own."""

    def __init__(self, *, subject: str, **given: Any) -> None:
        super().__init__(**given)
        self.subject = subject

    def runtest(self) -> None:
        """Fail with the report."""
        from beatnaive.checks.auditing.apart import audit_apart
        from beatnaive.checks.auditing.audit import audit
        from beatnaive.checks.auditing.findings import refuse
        from beatnaive.core.trust import names_code

        seconds = self.config.getoption("--beatnaive-seconds")
        look: Callable[..., Any] = audit_apart if names_code(self.subject) else audit
        refuse(look(self.subject, seconds=seconds), strict=self.config.getoption("--beatnaive-strict"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The report, or the one line that says why there is none: no traceback of ours."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Where it is: in the user's file."""
        return self.subject.rpartition(":")[0] or self.subject, None, self.name

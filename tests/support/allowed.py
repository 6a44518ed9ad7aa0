"""The code that a test names is the program's own: it needs nobody's leave."""

import pytest

from beatnaive.core import trust


@pytest.fixture(autouse=True)
def _whatever_a_test_names_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "require", lambda name: None)

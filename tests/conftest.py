"""Shared fixtures. Networks run as in the program itself, so that their bits do not depend on the machine."""

from pathlib import Path

import pytest

from beatnaive.core.jax_environment import prepare

prepare()

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data that lies beside the checkout; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("real test data (../shared/data) is not beside this checkout")
    return SHARED

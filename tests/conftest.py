"""Shared fixtures. Networks run as in the program itself, so that their bits do not depend on the machine."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("PJRT_NPROC", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data that lies beside the checkout; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("real test data (../shared/data) is not beside this checkout")
    return SHARED

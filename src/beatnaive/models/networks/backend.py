"""Keras on JAX, as `xla` sets it up.

Import `keras` from here, inside functions only: the import takes seconds.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from beatnaive.core.errors import InputError
from beatnaive.models.networks.xla import jax, jnp


def _choose_jax() -> None:
    """Environment that is read when Keras is imported."""
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "jax"
    elif sys.modules["keras"].config.backend() != "jax":
        raise InputError(
            f"Keras is already imported with the {sys.modules['keras'].config.backend()} backend, networks train on "
            "JAX: set KERAS_BACKEND=jax before Keras is imported"
        )


PATCHED = ("3.11", "3.12", "3.13", "3.14", "3.15")
"""Versions of Keras that import scikit-learn where it is installed; `tests/models/networks/test_backend.py` says when
the patch can go. Another version imports what it likes: the same networks, 0.7 s later."""


@contextmanager
def _without_scikit_learn() -> Iterator[None]:
    """Keras imports scikit-learn, where there is one, for wrappers that no network here uses: 0.7 s of each process."""
    known = ".".join(version("keras").split(".")[:2]) in PATCHED
    if "sklearn" in sys.modules or "keras" in sys.modules or not known:
        yield
        return
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # the import system's own sign for "not there"
    try:
        yield
    finally:
        del sys.modules["sklearn"]


_choose_jax()

with _without_scikit_learn():
    import keras

__all__ = ["jax", "jnp", "keras", "quiet"]


@contextmanager
def quiet() -> Iterator[None]:
    """Without one warning of NumPy 2 about Keras: its variables have NumPy 1's `__array__` signature."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning)
        yield

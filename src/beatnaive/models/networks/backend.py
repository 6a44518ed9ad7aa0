"""Keras on JAX, set up so that a fit gives the same bits on any number of cores.

Import `jax`, `jnp` and `keras` from here, inside functions only: the import takes seconds. XLA splits sums by the size
of its thread pool, so the pool is fixed to one thread (`PJRT_NPROC`) and the program is parallel by processes; large
batches are split over two host devices, whatever the number of cores.
Compiled programs are kept in the user's cache folder.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from beatnaive.errors import InputError


def _choose_jax() -> None:
    """Environment that is read when Keras and JAX are imported."""
    os.environ.setdefault("PJRT_NPROC", "1")
    flags = os.environ.get("XLA_FLAGS", "")
    if "host_platform_device_count" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count=2".strip()
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "jax"
    elif sys.modules["keras"].config.backend() != "jax":
        raise InputError(
            f"Keras is already imported with the {sys.modules['keras'].config.backend()} backend, networks train on "
            "JAX: set KERAS_BACKEND=jax before Keras is imported"
        )


@contextmanager
def _without_scikit_learn() -> Iterator[None]:
    """Keras imports scikit-learn, where there is one, for wrappers that no network here uses: 0.7 s of each process."""
    if "sklearn" in sys.modules or "keras" in sys.modules:
        yield
        return
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # the import system's own sign for "not there"
    try:
        yield
    finally:
        del sys.modules["sklearn"]


_choose_jax()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

with _without_scikit_learn():
    import keras

__all__ = ["compiled_programs", "jax", "jnp", "keras", "quiet"]


def compiled_programs() -> Path | None:
    """The folder of compiled programs: `$BEATNAIVE_CACHE/xla`, else `~/.cache/beatnaive/xla`; None if unwritable."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "beatnaive"
    folder = Path(os.environ.get("BEATNAIVE_CACHE") or cache).expanduser() / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@contextmanager
def quiet() -> Iterator[None]:
    """Without one warning of NumPy 2 about Keras: its variables have NumPy 1's `__array__` signature."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning)
        yield


def _keep_compiled(folder: Path | None) -> None:
    if folder is not None:
        jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)  # type: ignore[no-untyped-call]


_keep_compiled(compiled_programs())

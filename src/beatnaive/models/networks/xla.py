"""JAX, set up so that a computation gives the same bits on any number of cores.

Import `jax` and `jnp` from here, inside functions only: the import takes half a second. Compiled programs are kept in
the user's cache folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from beatnaive.core.files import cache_folder
from beatnaive.core.jax_environment import prepare

prepare()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

__all__ = ["compiled_programs", "jax", "jnp"]


def compiled_programs() -> Path | None:
    """The folder of compiled programs, `xla` in the user's cache folder; None where it cannot be written."""
    folder = cache_folder() / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


if (folder := compiled_programs()) is not None:
    jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)  # type: ignore[no-untyped-call]

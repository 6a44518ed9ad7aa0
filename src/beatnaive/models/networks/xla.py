"""JAX, set up so that a computation gives the same bits on any number of cores.

Import `jax` and `jnp` from here, inside functions only: the import takes half a second. Compiled programs are kept in
the user's cache folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from beatnaive.core.jax_environment import prepare

prepare()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

__all__ = ["compiled_programs", "jax", "jnp"]


def compiled_programs() -> Path | None:
    """The folder of compiled programs: `$BEATNAIVE_CACHE/xla`, else `~/.cache/beatnaive/xla`; None if unwritable."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "beatnaive"
    folder = Path(os.environ.get("BEATNAIVE_CACHE") or cache).expanduser() / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _keep_compiled(folder: Path | None) -> None:
    if folder is not None:
        jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)  # type: ignore[no-untyped-call]


_keep_compiled(compiled_programs())

"""Where units run: in this process, in local processes, on a GPU, on a Ray cluster. The forecasts are the same bytes.

Samples and folds travel once per run, a unit as its model's import string plus options; only the parent writes.
"""

from __future__ import annotations

from beatnaive.backtest.engines.gpu import Accelerator, has_plugin
from beatnaive.backtest.engines.local import Processes
from beatnaive.backtest.engines.ray import Ray
from beatnaive.backtest.units import Engine
from beatnaive.core.errors import InputError
from beatnaive.core.threads import cores


def engine(name: str, jobs: int | None = None) -> Engine:
    """The engine of this name with `jobs` processes (None = one per core; on a Ray cluster, whatever it has).

    "local" uses the processes of this machine, and its GPU where JAX was installed with a plugin for one; "ray" a
    cluster. Raises InputError for another name, fewer than one process, or a package that is not installed.

    >>> type(engine("local", 2)).__name__ in ("Processes", "Accelerator")
    True
    """
    if jobs is not None and not 1 <= jobs <= 1024:
        raise InputError(f"jobs = {jobs}: give at least 1, and 1,024 at most")
    if name == "ray":
        return Ray(jobs)
    if name != "local":
        raise InputError(f"unknown engine {name!r}: local or ray")
    processes = Processes(jobs or cores())
    return Accelerator(processes) if has_plugin() else processes

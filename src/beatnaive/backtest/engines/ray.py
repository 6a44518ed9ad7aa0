"""Units as tasks of a Ray cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from beatnaive.backtest.engines.shared_data import SharedData, by_devices, complete_key, cores, ctrl_c_is_for_the_parent
from beatnaive.backtest.units import FitKey, Job, Outcome
from beatnaive.core.errors import InputError
from beatnaive.core.jax_environment import jax_variables

RETRIES = 3
"""Times that Ray runs a unit again after its node or process was lost."""


class Ray:
    """Plain Ray tasks: the units of a node that dies are run again elsewhere; only the parent writes.

    Runs on the cluster of `RAY_ADDRESS`, else on one that lives as long as the run, of `workers` processes. The nodes
    need this version of BeatNaive, and the modules of user-supplied models.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        try:
            import ray  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError("the engine ray needs Ray: python3 -m pip install 'beatnaive[ray]'") from error

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[FitKey, Outcome]]:
        """Units as they finish, each tried up to four times. Raises InputError when the cluster keeps losing one.

        An error of ours arrives as it was raised, one of the cluster's as a line.
        """
        if not jobs:
            return
        import ray
        from ray.exceptions import RayError, RayTaskError

        with _cluster(self.workers):
            data, waiting = ray.put(SharedData.of(jobs)), []
            for devices, alike in by_devices(jobs).items():
                site = {"env_vars": jax_variables(devices)}
                task = ray.remote(max_retries=RETRIES, runtime_env=site)(complete_key)
                waiting += [task.remote(one, data) for one in alike]
            try:
                while waiting:
                    ready, waiting = ray.wait(waiting, num_returns=1)
                    try:
                        finished: tuple[FitKey, Outcome] = ray.get(ready[0])
                    except RayTaskError as error:
                        raise error.cause from None
                    except RayError as error:
                        what = str(error).strip().splitlines()[0]
                        raise InputError(
                            f"the Ray cluster lost a unit {RETRIES + 1} times ({what}): see its logs"
                        ) from error
                    yield finished
            finally:
                for one in waiting:
                    ray.cancel(one, force=True)


@contextmanager
def _cluster(workers: int | None) -> Iterator[None]:
    """Connected to Ray: to the cluster of RAY_ADDRESS, or to a quiet one of our own that ends with the run."""
    import logging

    import ray

    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = os.environ.get("RAY_ADDRESS")
    own: dict[str, Any] = {"num_cpus": workers or cores(), "include_dashboard": False} if address is None else {}
    with ctrl_c_is_for_the_parent():
        ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    try:
        yield
    finally:
        ray.shutdown()

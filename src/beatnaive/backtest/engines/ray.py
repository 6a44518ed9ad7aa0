"""Units as tasks of a Ray cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

from beatnaive.backtest.engines.shared_data import (
    JobKey,
    SharedData,
    by_devices,
    complete_key,
    ctrl_c_is_for_the_parent,
)
from beatnaive.backtest.units import FitKey, Job, Outcome, Serial
from beatnaive.core import malloc
from beatnaive.core.errors import InputError
from beatnaive.core.inputs import ROWS
from beatnaive.core.jax_environment import jax_variables
from beatnaive.core.threads import cores
from beatnaive.core.types import Ints
from beatnaive.models.spec import build

RETRIES = 3
"""Times that Ray runs a unit again after its node or process was lost."""


class Ray:
    """Plain Ray tasks: the units of a node that dies are run again elsewhere; only the parent writes.

    Runs on the cluster of `RAY_ADDRESS`, else on one that lives as long as the run, of `workers` processes. The nodes
    need this version of BeatNaive, and the modules of user-supplied models.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        self.at_once = 0 if os.environ.get("RAY_ADDRESS") else workers or cores()
        try:
            import ray  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError("the engine ray needs Ray: python3 -m pip install 'beatnaive[ray]'") from error

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[FitKey, Outcome]]:
        """Units as they finish, each tried up to four times. Raises InputError when the cluster keeps losing one.

        A model that is fitted symbol by symbol goes to the nodes with its own group of symbols, one that keeps sums is
        fitted here: only what learns from all symbols at once needs a node with room for all of them.
        An error of ours arrives as it was raised, one of the cluster's as a line.
        """
        near = [job for job in jobs if is_light(job)]
        far = [job for job in jobs if not is_light(job)]
        if not far:
            yield from Serial().run(near)
            return
        samples = far[0].samples  # a copy of the nouns: what is grouped for the nodes is let go when they have finished
        whole = replace(SharedData.of(far), samples=replace(samples, inputs=samples.inputs.grouped()))
        with _cluster(self.workers):
            require_node(whole, [job for job in far if not job.per_symbol])
            yield from Serial().run(near)
            for devices, alike in by_devices(far).items():
                yield from _finish(_parts(whole, alike), devices)
        del whole
        malloc.trim()


def _parts(whole: SharedData, jobs: Sequence[JobKey]) -> Iterator[_Part]:
    """The jobs with the data that they need: those of a group of symbols have its rows alone."""
    groups: dict[int | None, list[JobKey]] = {}
    for one in jobs:
        groups.setdefault(one.key.group if one.per_symbol else None, []).append(one)
    for group, own in groups.items():
        if group is None:
            yield own, whole, None
        else:
            positions, data = whole.of_group(group)
            yield own, data, positions
            whole.forget()


def is_light(job: Job) -> bool:
    """Whether a unit is fitted on all symbols, and by one look at their rows."""
    return not job.per_symbol and bool(getattr(build(job.key.model, job.spec), "light", False))


def require_node(data: SharedData, jobs: Sequence[Job]) -> None:
    """Raise InputError, one line, where no node has room for the panel that these models learn from as a whole."""
    if not jobs:
        return
    import ray

    inputs, samples = data.samples.inputs, data.samples
    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    need = sum(getattr(inputs, name).nbytes for name in ROWS) + 3 * samples.y.nbytes
    largest = max((node["Resources"].get("object_store_memory", 0) for node in nodes if node["Alive"]), default=0)
    if need > largest:
        models = ", ".join(dict.fromkeys(one.key.model for one in jobs))
        raise InputError(
            f"{models}: learns from all symbols at once, so that one node needs the whole panel, {need / 1e9:,.2f} GB; "
            f"the largest object store of the cluster has {largest / 1e9:,.2f}: set per_symbol = true, or start Ray "
            "with a larger one"
        )


def _finish(parts: Iterator[_Part], devices: int) -> Iterator[tuple[FitKey, Outcome]]:
    """Units as they finish. A part travels when fewer units wait than there are processors, and goes with its last."""
    import ray
    from ray.exceptions import RayError, RayTaskError

    site = {"env_vars": jax_variables(devices)}
    task = ray.remote(max_retries=RETRIES, runtime_env=site)(complete_key)
    waiting: dict[Any, Ints | None] = {}
    processors = ray.cluster_resources().get("CPU", 1)  # type: ignore[no-untyped-call]
    try:
        while True:
            while len(waiting) < processors and (part := next(parts, None)) is not None:
                jobs, data, positions = part
                held = ray.put(data)
                waiting |= {task.remote(one, held): positions for one in jobs}
                del part, data, held
            if not waiting:
                return
            ready, _ = ray.wait(list(waiting), num_returns=1)
            positions = waiting.pop(ready[0])
            try:
                key, outcome = ray.get(ready[0])
            except RayTaskError as error:
                raise error.cause from None
            except RayError as error:
                what = str(error).strip().splitlines()[0]
                raise InputError(f"the Ray cluster lost a unit {RETRIES + 1} times ({what}): see its logs") from error
            yield key, outcome if positions is None else replace(outcome, rows=positions[outcome.rows])
    finally:
        for one in waiting:
            ray.cancel(one, force=True)


_Part: TypeAlias = "tuple[list[JobKey], SharedData, Ints | None]"
"""Jobs, their data, and where each of its rows stands in the whole; None: it is the whole."""


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

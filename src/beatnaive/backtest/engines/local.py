"""Where units run: in this process, in local processes, or on a Ray cluster. The forecasts are the same bytes.

Samples and folds travel once per run, a unit as its model's import string plus options; only the parent writes.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from beatnaive.backtest.engines.gpu import Accelerator, has_plugin
from beatnaive.backtest.walk import Engine, Job, Outcome, Serial, Unit
from beatnaive.core import malloc
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.jax_environment import settings
from beatnaive.core.types import Fold, Samples
from beatnaive.models.spec import ModelSpec, build

Work: TypeAlias = Callable[[Job], Outcome]

LOSSES_IN_A_ROW = 3
"""Times that a worker process may be killed, with no unit finished in between, before the study gives up."""
RETRIES = 3
"""Times that Ray runs a unit again after its node or process was lost."""


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def engine(name: str, jobs: int | None) -> Engine:
    """The engine of this name with `jobs` processes (None = one per core; on a Ray cluster, whatever it has)."""
    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs {jobs}: give at least 1")
    if name == "ray":
        return Ray(jobs)
    if name != "local":
        raise InputError(f"unknown engine {name!r}: local or ray")
    processes = Processes(jobs or cores())
    return Accelerator(processes) if has_plugin() else processes


@dataclass(frozen=True, eq=False)
class Cargo:
    """What all units of a run share."""

    samples: Samples
    folds: Mapping[int, Fold]
    grouped: Mapping[str, NDArray[Any]] | None = None

    @classmethod
    def of(cls, jobs: Sequence[Job]) -> Cargo:
        """The samples and folds of these jobs, each once."""
        return cls(jobs[0].samples, {job.fold.number: job.fold for job in jobs})

    def by_symbol(self) -> Cargo:
        """With the rows grouped by symbol as well: workers then map that copy, too, and make none of their own."""
        return replace(self, grouped=self.samples.inputs.group())

    def opened(self) -> Cargo:
        """As a worker uses it."""
        if self.grouped is not None:
            self.samples.inputs.with_grouped(self.grouped)
        return self


@dataclass(frozen=True)
class Ticket:
    """A job without its cargo: a few hundred bytes."""

    unit: Unit
    spec: ModelSpec
    study_seed: int
    keep: bool
    look: bool

    @classmethod
    def of(cls, job: Job) -> Ticket:
        """The job's ticket."""
        return cls(job.unit, job.spec, job.study_seed, job.keep, job.look)

    def job(self, cargo: Cargo) -> Job:
        """The job again."""
        fold = cargo.folds[self.unit.fold]
        return Job(self.unit, self.spec, cargo.samples, fold, self.study_seed, self.keep, self.look)


class Processes:
    """joblib's loky processes: a worker keeps its compiled networks from one unit to the next.

    An interruption kills the workers at once; what was yielded is kept. The units of a worker that is killed from
    outside (out of memory, say) are run again.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Work, jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """Units as they finish. Raises InputError when workers are killed again and again."""
        if not _worth_it(jobs):
            yield from Serial().run(work, jobs)
            return
        with _on_disk(Cargo.of(jobs).by_symbol()) as cargo:
            for devices, alike in _by_devices(jobs).items():
                yield from self._finish(work, alike, _Site(cargo, devices))

    def _finish(self, work: Work, jobs: Sequence[Job], site: _Site) -> Iterator[tuple[Unit, Outcome]]:
        """All of the jobs, in one pool after another if workers are killed."""
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        left = {job.unit: Ticket.of(job) for job in sorted(jobs, key=_heavy, reverse=True)}
        losses = 0
        while left:
            try:
                for unit, outcome in self._in_a_pool(work, list(left.values()), site):
                    del left[unit]
                    losses = 0
                    yield unit, outcome
            except TerminatedWorkerError as error:
                losses += 1
                if losses == LOSSES_IN_A_ROW:
                    raise InputError(_lost(left)) from error

    def _in_a_pool(self, work: Work, tickets: Sequence[Ticket], site: _Site) -> Iterator[tuple[Unit, Outcome]]:
        from concurrent.futures import FIRST_COMPLETED, Future, wait

        from joblib.externals.loky import ProcessPoolExecutor

        variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        pool = ProcessPoolExecutor(
            min(self.workers, len(tickets)),
            initializer=_receive,
            initargs=(site.cargo, os.getpid()),
            env={**variables, **settings(site.devices)},
        )
        ahead, room, done = iter(tickets), 2 * self.workers, False
        running: set[Future[tuple[Unit, Outcome]]] = set()
        try:
            while not done:
                with _ctrl_c_is_for_the_parent():  # no more than the pool's own queue holds: it is then quick to kill
                    running |= {pool.submit(_in_worker, work, one) for one in islice(ahead, room - len(running))}
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                for task in ready:
                    yield task.result()
                done = not ready
        finally:
            pool.shutdown(wait=True, kill_workers=not done)


@dataclass(frozen=True)
class _Site:
    """What worker processes find: the file with the cargo, and how many host devices JAX has."""

    cargo: Path
    devices: int


def _by_devices(jobs: Sequence[Job]) -> dict[int, list[Job]]:
    """Jobs that need the same number of host devices: it is fixed when a process imports JAX."""
    kinds = {job.unit.model: job.spec for job in jobs}
    needed = {model: int(getattr(build(model, spec), "devices", 1)) for model, spec in kinds.items()}
    groups: dict[int, list[Job]] = {}
    for job in jobs:
        groups.setdefault(needed[job.unit.model], []).append(job)
    return groups


def _heavy(job: Job) -> bool:
    return job.unit.seed >= 0


def _worth_it(jobs: Sequence[Job]) -> bool:
    """Processes cost about a second to start: worth it for networks, and for many rows of anything.

    For networks even a single process: compiled code does not listen to Ctrl-C, a parent that waits does.
    """
    return any(_heavy(job) for job in jobs) or sum(len(job.fold.train) for job in jobs) > 1_000_000


def _lost(left: Mapping[Unit, Ticket]) -> str:
    models = ", ".join(dict.fromkeys(unit.model for unit in left))
    return (
        f"worker processes were killed {LOSSES_IN_A_ROW} times in a row ({models} unfinished), most likely for want of "
        "memory: use fewer --jobs; what is finished is kept, continue with --resume"
    )


@contextmanager
def _on_disk(cargo: Cargo) -> Iterator[Path]:
    """A file that all workers map into memory: one copy, however many they are."""
    import joblib

    with tempfile.TemporaryDirectory(prefix="beatnaive-") as folder:
        path = Path(folder) / "cargo"
        try:
            joblib.dump(cargo, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CannotWrite(f"cannot write {path}: {reason}; name a folder with room in TMPDIR") from error
        del cargo
        malloc.trim()
        yield path


@contextmanager
def _ctrl_c_is_for_the_parent() -> Iterator[None]:
    """Processes started in here ignore SIGINT, which a terminal sends to all: the parent stops them."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers, and only it is interrupted
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_received: list[Cargo] = []
"""A worker's cargo: it is loaded once, when the worker starts."""


def _receive(path: Path, parent: int) -> None:
    import joblib

    threading.Thread(target=_end_with, args=(parent, path.parent), daemon=True).start()
    _received[:] = [joblib.load(path, mmap_mode="r").opened()]


def _end_with(parent: int, folder: Path) -> None:
    """A parent killed by SIGKILL can neither stop its workers nor remove their cargo: they see to both themselves."""
    while os.getppid() == parent:
        time.sleep(0.5)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _in_worker(work: Work, ticket: Ticket) -> tuple[Unit, Outcome]:
    return ticket.unit, work(ticket.job(_received[0]))


class Ray:
    """Plain Ray tasks: the units of a node that dies are run again elsewhere; only the parent writes.

    Runs on the cluster of `RAY_ADDRESS`, else on one that lives as long as the run, of `workers` processes. The nodes
    need this version of BeatNaive, and the modules of models that a user brings.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        try:
            import ray  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError("--engine ray needs Ray: python3 -m pip install 'beatnaive[ray]'") from error

    def run(self, work: Work, jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """Units as they finish, each tried up to four times. Raises InputError when the cluster keeps losing one."""
        if not jobs:
            return
        import ray

        with _cluster(self.workers):
            cargo, waiting = ray.put(Cargo.of(jobs)), []
            for devices, alike in _by_devices(jobs).items():
                site = {"env_vars": settings(devices)}
                task = ray.remote(max_retries=RETRIES, runtime_env=site)(_on_node)
                waiting += [task.remote(work, Ticket.of(job), cargo) for job in sorted(alike, key=_heavy, reverse=True)]
            try:
                while waiting:
                    ready, waiting = ray.wait(waiting, num_returns=1)
                    yield _fetch(ready[0])
            finally:
                for one in waiting:
                    ray.cancel(one, force=True)


def _on_node(work: Work, ticket: Ticket, cargo: Cargo) -> tuple[Unit, Outcome]:
    return ticket.unit, work(ticket.job(cargo))


def _fetch(result: Any) -> tuple[Unit, Outcome]:
    """A unit's outcome; an error of ours arrives as it was raised, one of the cluster's as a line."""
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        got: tuple[Unit, Outcome] = ray.get(result)
    except RayTaskError as error:
        raise error.cause from None
    except RayError as error:
        what = str(error).strip().splitlines()[0]
        raise InputError(f"the Ray cluster lost a unit {RETRIES + 1} times ({what}): see its logs") from error
    return got


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
    with _ctrl_c_is_for_the_parent():
        ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    try:
        yield
    finally:
        ray.shutdown()

"""Where units run: in this process, in local processes, or on a Ray cluster. The forecasts are the same bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from beatnaive.errors import InputError
from beatnaive.walk import Engine, Job, Outcome, Serial, Unit


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def engine(name: str, jobs: int | None) -> Engine:
    """The engine of this name with `jobs` processes (None = one per core)."""
    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs {jobs}: give at least 1")
    if name == "ray":
        return Ray()
    if name != "local":
        raise InputError(f"unknown engine {name!r}: local or ray")
    workers = jobs or cores()
    return Serial() if workers == 1 else Processes(workers)


class Processes:
    """joblib's loky processes: a worker keeps its compiled networks from one unit to the next."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Callable[[Job], Outcome], jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """Units as they finish; an interruption kills the workers at once, what was yielded is kept."""
        if not _worth_it(jobs):
            yield from Serial().run(work, jobs)
            return
        from joblib import Parallel, delayed
        from joblib.externals.loky import get_reusable_executor

        tasks = (delayed(_named)(work, job) for job in sorted(jobs, key=_heavy, reverse=True))
        done = False
        try:
            yield from Parallel(n_jobs=self.workers, return_as="generator_unordered", batch_size=1)(tasks)
            done = True
        finally:
            get_reusable_executor().shutdown(wait=done, kill_workers=not done)


def _heavy(job: Job) -> bool:
    return job.unit.seed >= 0


def _worth_it(jobs: Sequence[Job]) -> bool:
    """Processes cost about a second to start: worth it for networks, and for many rows of anything."""
    return len(jobs) > 1 and (any(_heavy(job) for job in jobs) or sum(len(job.fold.train) for job in jobs) > 1_000_000)


def _named(work: Callable[[Job], Outcome], job: Job) -> tuple[Unit, Outcome]:
    return job.unit, work(job)


class Ray:
    """Plain Ray tasks: a lost node's units are run again elsewhere; only the parent writes."""

    def __init__(self) -> None:
        try:
            import ray  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError("--engine ray needs Ray: python3 -m pip install 'beatnaive[ray]'") from error

    def run(self, work: Callable[[Job], Outcome], jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """Units as they finish, each tried up to four times."""
        import ray

        if not ray.is_initialized():
            ray.init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False)
        remote = ray.remote(max_retries=3)(_without_samples)
        samples = ray.put(jobs[0].samples) if jobs else None
        waiting = [remote.remote(work, _lighten(job), samples) for job in jobs]
        while waiting:
            ready, waiting = ray.wait(waiting, num_returns=1)
            yield ray.get(ready[0])


def _lighten(job: Job) -> tuple[Job, None]:
    from dataclasses import replace

    return replace(job, samples=None), None  # type: ignore[arg-type]


def _without_samples(work: Callable[[Job], Outcome], light: tuple[Job, None], samples: object) -> tuple[Unit, Outcome]:
    from dataclasses import replace

    job = replace(light[0], samples=samples)  # type: ignore[arg-type]
    return job.unit, work(job)

"""Units in processes of this machine, which are started once and share one copy of the data."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from beatnaive.backtest.engines.shared_data import (
    JobKey,
    SharedData,
    by_devices,
    complete_key,
    ctrl_c_is_for_the_parent,
)
from beatnaive.backtest.units import FitKey, Job, Outcome, Serial
from beatnaive.core import malloc
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.jax_environment import jax_variables
from beatnaive.core.trust import names_code

LOSSES_IN_A_ROW = 3
"""Times that a worker process may be killed, with no unit finished in between, before the study gives up."""
ROWS_WORTH_PROCESSES = 1_000_000
"""Training rows, over all units, from which models without randomness are worth the second that processes cost."""


class Processes:
    """joblib's loky processes: a worker keeps its compiled networks from one unit to the next.

    An interruption kills the workers at once; what was yielded is kept. The units of a worker that is killed from
    outside (out of memory, say) are run again.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @property
    def at_once(self) -> int:
        """A fit per process."""
        return self.workers

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[FitKey, Outcome]]:
        """Units as they finish. Raises InputError when workers are killed again and again, CannotWrite
        when their data finds no room.

        A network is worth a process even where there is only one: compiled code does not listen to Ctrl-C, a parent
        that waits does. So is code of a user's, which may end the process it is in. Few rows of anything else are done
        sooner than processes have started.
        """
        rows = sum(len(job.fold.train) for job in jobs)
        if not any(job.key.seed >= 0 or names_code(job.spec.kind) for job in jobs) and rows <= ROWS_WORTH_PROCESSES:
            yield from Serial().run(jobs)
            return
        with tempfile.TemporaryDirectory(prefix="beatnaive-") as folder:
            file = Path(folder) / "shared_data"
            try:
                SharedData.of(jobs).write(file)
            except OSError as error:
                reason = error.strerror or str(error)
                raise CannotWrite(f"cannot write {file}: {reason}; name a folder with room in TMPDIR") from error
            malloc.trim()
            for devices, alike in by_devices(jobs).items():
                yield from self._finish(alike, _WorkerSite(file, devices))

    def _finish(self, jobs: Sequence[JobKey], site: _WorkerSite) -> Iterator[tuple[FitKey, Outcome]]:
        """All of the jobs, in one pool after another if workers are killed."""
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        left = {one.key: one for one in jobs}
        losses = 0
        while left:
            try:
                for key, outcome in self._in_a_pool(list(left.values()), site):
                    del left[key]
                    losses = 0
                    yield key, outcome
            except TerminatedWorkerError as error:
                losses += 1
                if losses == LOSSES_IN_A_ROW:
                    models = ", ".join(dict.fromkeys(key.model for key in left))
                    raise InputError(
                        f"worker processes were killed {losses} times in a row ({models} unfinished), most likely out "
                        "of memory: use fewer jobs; what is finished is kept, and a resumed run continues from there"
                    ) from error

    def _in_a_pool(self, jobs: Sequence[JobKey], site: _WorkerSite) -> Iterator[tuple[FitKey, Outcome]]:
        from concurrent.futures import FIRST_COMPLETED, Future, wait

        from joblib.externals.loky import ProcessPoolExecutor

        variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        pool = ProcessPoolExecutor(
            min(self.workers, len(jobs)),
            initializer=_receive,
            initargs=(site.file, os.getpid()),
            env={**variables, **jax_variables(site.devices)},
        )
        ahead, room, done = iter(jobs), 2 * self.workers, False
        running: set[Future[tuple[FitKey, Outcome]]] = set()
        try:
            while not done:
                with ctrl_c_is_for_the_parent():  # no more than the pool's own queue holds: it is then quick to kill
                    running |= {pool.submit(_in_worker, one) for one in islice(ahead, room - len(running))}
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                for task in ready:
                    yield task.result()
                done = not ready
        finally:
            pool.shutdown(wait=True, kill_workers=not done)


@dataclass(frozen=True)
class _WorkerSite:
    """What worker processes find: the file with the shared data, and how many host devices JAX has."""

    file: Path
    devices: int


_received: list[SharedData] = []
"""A worker's data: loaded once, when the worker starts."""


def _receive(path: Path, parent: int) -> None:
    threading.Thread(target=_end_with, args=(parent, path.parent), daemon=True).start()
    _received[:] = [SharedData.read(path)]


def _end_with(parent: int, folder: Path) -> None:
    """A parent killed by SIGKILL can neither stop its workers nor remove their data: they see to both themselves."""
    while os.getppid() == parent:
        time.sleep(0.5)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _in_worker(one: JobKey) -> tuple[FitKey, Outcome]:
    try:
        return complete_key(one, _received[0])
    finally:
        _received[0].forget()

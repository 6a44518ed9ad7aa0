"""What travels to another process: the data that all units share, once; a unit as a few hundred bytes."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from beatnaive.backtest.units import SYMBOLS_PER_GROUP, FitKey, Job, Outcome, complete
from beatnaive.core import mapped
from beatnaive.core.arrays import among
from beatnaive.core.inputs import ROWS
from beatnaive.core.trust import allow
from beatnaive.core.types import Fold, Ints, Samples
from beatnaive.models.spec import ModelSpec, build


@dataclass(frozen=True, eq=False)
class SharedData:
    """What all units of a run share: samples and folds, each once; `JobKey.job` puts a job together again."""

    samples: Samples
    folds: Mapping[int, Fold]

    @classmethod
    def of(cls, jobs: Sequence[Job]) -> SharedData:
        """The samples and folds of these jobs."""
        return cls(jobs[0].samples, {job.fold.number: job.fold for job in jobs})

    def of_group(self, group: int) -> tuple[Ints, SharedData]:
        """What the units of one group of symbols need, and where each of its rows stands in the whole.

        A model that is fitted symbol by symbol has the same bits on it.
        """
        samples = self.samples
        begin, end = group * SYMBOLS_PER_GROUP, (group + 1) * SYMBOLS_PER_GROUP
        positions, inputs = samples.inputs.of_symbols(begin, end)
        index = samples.of(range(begin, end))
        own = replace(samples.take(index), inputs=inputs, rows=np.searchsorted(positions, samples.rows[index]))
        folds = {
            number: Fold(number, fold.cutoff, among(index, fold.train), among(index, fold.test))
            for number, fold in self.folds.items()
        }
        return positions, SharedData(own, folds)

    def write(self, file: Path) -> None:
        """Into a file that workers map, with the rows grouped by symbol beside them: one copy, however many they are.

        What a large panel keeps in files already is named there, not written again.
        """
        import joblib

        inputs = self.samples.inputs.grouped()
        copies = dict(inputs.by_symbol or {})
        places = {"x": mapped.place_of(inputs.x), "own": mapped.place_of(copies["x"])}
        if places["x"] is not None:
            inputs = replace(inputs, x=inputs.x[:0])
        if places["own"] is not None:
            copies["x"] = copies["x"][:0]
        joblib.dump((replace(self.samples, inputs=inputs.with_copies(copies)), self.folds, places), file)

    @classmethod
    def read(cls, file: Path) -> SharedData:
        """The inverse of `write`, for as long as the process lives that wrote it."""
        import joblib

        samples, folds, places = joblib.load(file, mmap_mode="r")
        inputs, copies = samples.inputs, dict(samples.inputs.by_symbol)
        if places["x"] is not None:
            inputs = replace(inputs, x=places["x"].open())
        if places["own"] is not None:
            copies["x"] = places["own"].open()
        return cls(replace(samples, inputs=inputs.with_copies(copies)), folds)

    def forget(self) -> None:
        """Let go of what was read of files: the system has it at hand when the next unit asks."""
        inputs = self.samples.inputs
        for held in (vars(inputs), inputs.by_symbol or {}):
            mapped.forget(*(held[name] for name in ROWS if name in held))


@dataclass(frozen=True, kw_only=True)
class JobKey:
    """A job without its data: a few hundred bytes."""

    key: FitKey
    spec: ModelSpec
    study_seed: int
    per_symbol: bool
    save_model: bool
    check_look_ahead: bool

    @classmethod
    def of(cls, job: Job) -> JobKey:
        """All of the job but samples and fold."""
        return cls(
            key=job.key, spec=job.spec, study_seed=job.study_seed, per_symbol=job.per_symbol,
            save_model=job.save_model, check_look_ahead=job.check_look_ahead,
        )  # fmt: skip

    def job(self, data: SharedData) -> Job:
        """The job again."""
        allow(self.spec.kind)  # a worker runs what its parent sends, and the parent has asked
        return Job(
            key=self.key, spec=self.spec, samples=data.samples, fold=data.folds[self.key.fold],
            study_seed=self.study_seed, per_symbol=self.per_symbol, save_model=self.save_model,
            check_look_ahead=self.check_look_ahead,
        )  # fmt: skip


def complete_key(one: JobKey, data: SharedData) -> tuple[FitKey, Outcome]:
    """The job's key and outcome, fitted in this process, a worker."""
    with suppress(ValueError):  # a thread may not
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what raises KeyboardInterrupt here is a user's code, no person
    return one.key, complete(one.job(data))


def by_devices(jobs: Sequence[Job]) -> dict[int, list[JobKey]]:
    """Jobs that need the same number of host devices, stochastic ones first: networks take longest.

    The number is fixed when a process imports JAX, so that each group needs processes of its own.
    """
    kinds = {job.key.model: job.spec for job in jobs}
    needed = {model: int(getattr(build(model, spec), "devices", 1)) for model, spec in kinds.items()}
    groups: dict[int, list[JobKey]] = {}
    for job in jobs:
        groups.setdefault(needed[job.key.model], []).append(JobKey.of(job))
    return {
        devices: sorted(alike, key=lambda one: one.key.seed >= 0, reverse=True) for devices, alike in groups.items()
    }


@contextmanager
def ctrl_c_is_for_the_parent() -> Iterator[None]:
    """Processes and threads started in here never see SIGINT, which a terminal sends to all: the parent stops them.

    One that comes meanwhile reaches the parent at the end. (Windows cannot hold a signal back; nothing is done there.)
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

"""A study run into a folder: units as they finish, then tables, models, plots and the report."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from beatnaive.backtest.engines import engine as make_engine
from beatnaive.core import malloc
from beatnaive.core.documents import shown
from beatnaive.core.errors import CannotWrite, InputError, Interrupted
from beatnaive.core.files import refuse_links
from beatnaive.core.inputs import ROWS
from beatnaive.core.types import Forecast, Inputs, Progress
from beatnaive.judging.significance.loss_rows import take
from beatnaive.runs import tables, worth
from beatnaive.runs.folder import read_record, read_tables
from beatnaive.runs.lock import locked
from beatnaive.runs.store import RunStore
from beatnaive.study.pipeline import Execution, Result, run_study
from beatnaive.study.spec import Study, load_study


@dataclass(frozen=True)
class Recorder:
    """Runs a study into one folder, and leaves it complete or resumable."""

    store: RunStore

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.store.folder

    @classmethod
    def at(cls, study: Study, out: Path | None = None, resume: Path | None = None) -> Recorder:
        """The folder: `resume`, else `out`, else runs/<study>-<UTC time>."""
        for folder in (out, resume):
            if folder is not None and Path(os.path.realpath(folder)) in (Path.cwd(), *Path.cwd().parents):
                raise InputError(f"{shown(folder)} is the folder you stand in, or above it: name one for the run alone")
        if resume is not None:
            return cls(RunStore(resume, resumed=True))
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        return cls(RunStore(out or Path("runs") / f"{study.name}-{stamp}"))

    def run(
        self, study: Study, *, engine: str = "local", jobs: int | None = None, progress: Progress | None = None,
        answered: Callable[[Result], None] | None = None, pages: bool = True, keep: bool = True,
    ) -> Result:  # fmt: skip
        """The study's result, everything written; the run is complete when the last of its files stands.

        engine: "local" or "ray"; jobs: processes (None = one per core); answered: told the result as soon as it is
        known and its tables are written, before plots and report; pages: whether those are drawn; keep: whether the
        result has its prices, inputs, forecasts and losses, which a panel's memory has room for once.
        Raises Interrupted on Ctrl-C: run.json says so, and what was finished is kept.
        """
        with locked(self.folder, resumed=self.store.resumed), malloc.reusing():
            refuse_links(self.folder)
            execution = Execution(engine=make_engine(engine, jobs), progress=progress, keep=keep)
            return self._run(study, execution, answered, pages=pages)

    def _run(
        self, study: Study, execution: Execution, answered: Callable[[Result], None] | None, *, pages: bool
    ) -> Result:
        """The same, by the one process that may write."""
        try:
            result = run_study(study, self.store, execution)
            # the tables of the contract first: they are there even where a plot fails
            tables.write_results(self.store, result)
            hashes = tables.write_models(self.store, result)
            if answered is not None:
                answered(result)
            worth.write_bars(self.store, result)
            if not execution.keep:
                result = emptied(result)
                malloc.trim()
            worth.write(self.store, result.placebo_of_worth)
            malloc.trim()
            if pages:
                self._illustrate(execution.progress)
            self.store.complete(hashes)
        except KeyboardInterrupt as stop:
            done = self.store.interrupted()
            if not (self.folder / "run.json").exists():
                raise Interrupted("interrupted before the first fit; nothing was written") from stop
            kept = f"interrupted; {done} fits are kept: continue with beatnaive run --resume {self.folder}"
            raise Interrupted(kept) from stop
        except BaseException:
            with suppress(CannotWrite):  # what went wrong first is told
                self.store.interrupted()
            raise
        return result

    def _illustrate(self, progress: Progress | None) -> None:
        """Plots and report, from what the folder holds: a finished run gives the same page again."""
        from beatnaive import report
        from beatnaive.report import charts
        from beatnaive.report.charts.pictures import Pictures

        if progress is not None:
            progress(0, 0, "plots and report")
        with Pictures() as pictures:
            data = read_tables(self.folder)
            pictures.draw(charts.plots(data, self.folder / "plots"))
            report.write(data)


def emptied(result: Result) -> Result:
    """The result without what stands in the run folder by now: prices, inputs, forecasts, losses."""
    inputs = result.samples.inputs
    arrays = {key: getattr(inputs, key)[:0].copy() for key in ROWS}
    none = Inputs(symbols=inputs.symbols, features=inputs.features, **arrays)
    samples = replace(result.samples.take(np.arange(0)), inputs=none)
    tracks = {
        name: replace(track, rows=samples.rows, fold=track.fold[:0].copy(), forecast=Forecast(samples.y), seeds={})
        for name, track in result.tracks.items()
    }
    losses = take(result.losses, np.arange(0))
    return replace(result, prices=(), samples=samples, folds=(), tracks=tracks, losses=losses)


def resumed_study(folder: Path, *, trust: bool = False) -> Study:
    """The study of an interrupted run. Raises InputError when the run is complete, or the folder holds none.

    trust: code that the study names may run; else NotTrusted is raised where it was not trusted before.
    """
    record = read_record(folder)
    if record["state"] == "complete":
        raise InputError(f"{folder} is complete: there is nothing to resume; see beatnaive report {folder}")
    return replace(load_study(folder / "study.toml", trust=trust), name=record["study"])


def run(
    study: Study | str, *, out: str | Path | None = None, jobs: int | None = None, engine: str = "local",
    progress: Progress | None = None, trust: bool = False,
) -> Result:  # fmt: skip
    """Does any model of the study forecast better than naive? From prices to a verdict.

    study: a Study, a shipped study's name or a TOML file; out: the run folder to be written (None = nothing is
    written); jobs: processes, default one per core; engine: "local" or "ray"; progress: called with (done, total,
    what) as fits finish; trust: code that the TOML file names may run. Returns the Result: `verdict.words` say what was
    found, `scores` are the rows of scores.csv. Raises InputError for a study that cannot be run or a folder that holds
    a run, NotTrusted for code that nobody allowed, DataRefused for prices with a fatal finding, SourceUnreachable,
    CannotWrite, Interrupted.

    >>> import beatnaive as bn
    >>> from dataclasses import replace
    >>> study = bn.load_study("default")
    >>> result = bn.run(replace(study, models={name: study.models[name] for name in ("naive", "drift")}), jobs=1)
    >>> result.verdict.named("better")
    ()
    """
    wanted = load_study(study, trust=trust) if isinstance(study, str) else study
    if out is None:
        return run_study(wanted, execution=Execution(engine=make_engine(engine, jobs), progress=progress))
    return Recorder(RunStore(Path(out))).run(wanted, engine=engine, jobs=jobs, progress=progress)

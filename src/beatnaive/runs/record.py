"""A study run into a folder: units as they finish, then tables, models, plots and the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from beatnaive.backtest.engines import engine as make_engine
from beatnaive.core.errors import InputError, Interrupted
from beatnaive.core.types import Progress
from beatnaive.runs import tables
from beatnaive.runs.folder import RunStore, now, read_record, read_tables
from beatnaive.study import pipeline
from beatnaive.study.pipeline import Execution, Result
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
    def at(cls, asked: Study, out: Path | None = None, resume: Path | None = None) -> Recorder:
        """The folder: `resume`, else `out`, else runs/<study>-<UTC time>."""
        if resume is not None:
            return cls(RunStore(resume, resumed=True))
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        return cls(RunStore(out or Path("runs") / f"{asked.name}-{stamp}"))

    def run(
        self, asked: Study, *, engine: str = "local", jobs: int | None = None, progress: Progress | None = None
    ) -> Result:
        """The study's result, everything written. An interruption is noted in run.json: Interrupted."""
        execution = Execution(engine=make_engine(engine, jobs), progress=progress)
        try:
            result = pipeline.run_study(asked, self.store, execution)
            if progress is not None:
                progress(0, 0, "plots and report")
            self._write(result)
        except KeyboardInterrupt as stop:
            raise self._interrupted() from stop
        return result

    def _write(self, result: Result) -> None:
        """The contract's tables first; the run is complete when the last of its files stands."""
        from beatnaive import report
        from beatnaive.report import charts

        tables.write_results(self.store, result)
        hashes = tables.write_models(self.store, tables.saved_models(self.store, result))
        data = read_tables(self.folder)
        charts.draw_all(data, self.folder / "plots")
        report.write(data)
        self.store.note({"state": "complete", "finished": now(), "models": hashes})

    def _interrupted(self) -> Interrupted:
        if not (self.folder / "run.json").exists():
            return Interrupted("interrupted before the first fit; nothing was written")
        self.store.note({"state": "interrupted"})
        done = len(list(self.folder.glob("units/*/*/*/*.npz")))
        return Interrupted(f"interrupted; {done} fits are kept: continue with beatnaive run --resume {self.folder}")


def resumed_study(folder: Path) -> Study:
    """The study of an interrupted run. Raises InputError when it is complete or no run."""
    record = read_record(folder)
    if record["state"] == "complete":
        raise InputError(f"{folder} is complete: there is nothing to resume; see beatnaive report {folder}")
    return replace(load_study(folder / "study.toml"), name=record["study"])


def run(
    asked: Study | str, *, out: str | Path | None = None, jobs: int | None = None, engine: str = "local",
    progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Run a study, from Python: with `out`, into a run folder; without, nothing is written.

    asked: a Study, a shipped study's name or a TOML file. Returns the Result, whose `verdict.words` say what was found.
    """
    the_study = load_study(asked) if isinstance(asked, str) else asked
    if out is None:
        return pipeline.run_study(the_study, execution=Execution(engine=make_engine(engine, jobs), progress=progress))
    return Recorder(RunStore(Path(out))).run(the_study, engine=engine, jobs=jobs, progress=progress)

"""Writing a run folder: every file beside itself, synced and renamed; a killed run loses no finished unit."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from beatnaive.backtest.units import FitKey, Outcome
from beatnaive.core.errors import InputError
from beatnaive.core.files import to_json, write_atomically
from beatnaive.core.types import Fit, Losses, Samples
from beatnaive.runs.folder import fingerprint, now, read_record, sha256, versions
from beatnaive.runs.trials import find_trials, load_trials

if TYPE_CHECKING:
    from beatnaive.judging.significance import Trials
    from beatnaive.study.spec import Study

IDENTITY = {"study_sha256": "study", "data_sha256": "data", "versions": "version of the libraries"}
"""Entries of run.json that a resumed run must share, and what each is in words."""


@dataclass(frozen=True)
class RunStore:
    """A run folder as the walk sees it: `units/<model>/<fold>/<seed>/<group>.npz`, and `run.json` beside them.

    resumed: whether the folder's run is continued; else it must hold none yet.
    """

    folder: Path
    resumed: bool = False

    def begin(self, study: Study, samples: Samples) -> None:
        """A new record, or the old one where the run is resumed: study, data, versions and the trials to be counted.

        Raises InputError when the folder holds a run already, or when a resumed run's study, data or versions differ.
        """
        identity: dict[str, Any] = {
            "study_sha256": sha256(study.to_toml().encode()),
            "data_sha256": fingerprint(samples),
            "versions": versions(),
        }
        if self.resumed:
            old = read_record(self.folder)
            for key, value in identity.items():
                if old.get(key) != value:
                    raise InputError(f"{self.folder} was made from another {IDENTITY[key]}: start a new run")
            self.note({"state": "running"})
            return
        if (self.folder / "run.json").exists():
            raise InputError(
                f"{self.folder} holds a run already: continue it with beatnaive run --resume {self.folder}, "
                "or choose another folder"
            )
        self.write("study.toml", study.to_toml())
        trials = find_trials(self.folder.parent, symbols=samples.inputs.symbols, identity=identity, own=self.folder)
        record = {"state": "running", "study": study.name, "started": now(), **identity}
        record |= {"features": list(samples.inputs.features), "trials": trials}
        self.write("run.json", to_json(record))

    def trials(self, losses: Losses) -> Trials:
        """The earlier trials that were listed when the run began, each in its own loss on its own rows."""
        return load_trials(self.folder.parent, read_record(self.folder)["trials"], losses, own=self.folder)

    def note(self, facts: Mapping[str, Any]) -> None:
        """Add to run.json."""
        self.write("run.json", to_json({**read_record(self.folder), **facts}))

    def load(self, key: FitKey) -> Outcome | None:
        """A finished unit, or None. A damaged file counts as not finished."""
        path = self._path(key)
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as data:
                facts = json.loads(str(data["facts"]))
                saved = {name[5:]: data[name].tobytes() for name in data.files if name.startswith("file:")}
                return Outcome(data["rows"], data["mean"], Fit(**facts["fit"]), saved, facts["failure"])
        except (OSError, ValueError, KeyError, EOFError):
            return None

    def save(self, key: FitKey, outcome: Outcome) -> None:
        """Record a finished unit; it counts once the file is under its name."""
        buffer = io.BytesIO()
        facts = json.dumps({"fit": asdict(outcome.fit), "failure": outcome.failure})
        files = {f"file:{name}": np.frombuffer(raw, np.uint8) for name, raw in outcome.saved.items()}
        np.savez(buffer, allow_pickle=False, rows=outcome.rows, mean=outcome.mean, facts=np.array(facts), **files)
        write_atomically(self._path(key), buffer.getvalue())

    def _path(self, key: FitKey) -> Path:
        return self.folder / "units" / f"{key.path}.npz"

    def write(self, name: str, data: bytes | str | Callable[[BinaryIO], None]) -> None:
        """A file of the run, whole or not at all. Raises CannotWrite."""
        write_atomically(self.folder / name, data)

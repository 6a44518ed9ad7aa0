"""Writing a run folder: every file beside itself, synced and renamed; a killed run loses no finished unit."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from beatnaive.backtest.units import FitKey, Outcome
from beatnaive.core.containers import read_npz
from beatnaive.core.documents import is_file, json_of, sha256_of
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.files import write_atomically
from beatnaive.core.trust import names_code, remember
from beatnaive.core.types import Fit, Losses, Samples
from beatnaive.runs.folder import FORMAT, HASHED, fingerprint, now, read_record, sealed, sha256, units_in, versions
from beatnaive.runs.trials import find_trials, load_trials

if TYPE_CHECKING:
    from beatnaive.judging.significance import Trials
    from beatnaive.study.spec import Study

IDENTITY = {"study_sha256": "study", "data_sha256": "data", "versions": "version of the libraries"}
"""Entries of run.json that a resumed run must share, and what each is in words."""

INTERRUPTED = ".interrupted.json"
"""run.json as it will be should the run be broken off, written beforehand."""


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
            if old.get("trials") is None:
                raise InputError(f"{self.folder / 'run.json'} is damaged: it lists no earlier trials; start a new run")
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
        if code := [name for name in study.code if names_code(name)]:
            with suppress(CannotWrite):  # nobody is asked about a run of their own, until the code changes
                remember(study.to_toml().encode(), code)
        trials = find_trials(self.folder.parent, symbols=samples.inputs.symbols, identity=identity, own=self.folder)
        record = {"format": FORMAT, "state": "running", "study": study.name, "started": now(), **identity}
        record |= {"features": list(samples.inputs.features), "trials": trials}
        self._record(record)

    def trials(self, losses: Losses) -> Trials:
        """The earlier trials that were listed when the run began, each in its own loss on its own rows."""
        return load_trials(self.folder.parent, read_record(self.folder)["trials"], losses, own=self.folder)

    def note(self, facts: Mapping[str, Any]) -> None:
        """Add to run.json."""
        self._record({**read_record(self.folder), **facts})

    def _record(self, record: Mapping[str, Any]) -> None:
        self.write("run.json", sealed(record))
        if record["state"] == "running":  # a full disk still lets a file be renamed
            self.write(INTERRUPTED, sealed({**record, "state": "interrupted"}))

    def expect(self, missing: int) -> None:
        """Note how many units there will be, so that who looks at the folder can tell how far the run has come."""
        if missing:
            self.note({"units": units_in(self.folder) + missing})

    def interrupted(self) -> int:
        """Note that the run was broken off, even on a full disk; the number of fits that are kept.

        A run that was refused before its first fit leaves nothing of its own behind.
        """
        done = units_in(self.folder)
        try:
            if done or self.resumed:
                (self.folder / INTERRUPTED).replace(self.folder / "run.json")
            else:
                for name in ("run.json", "study.toml", INTERRUPTED):
                    (self.folder / name).unlink(missing_ok=True)
        except FileNotFoundError:
            pass  # it never began, or it was complete
        except OSError as error:
            raise CannotWrite(f"cannot write {self.folder / 'run.json'}: {error.strerror or error}") from error
        return done

    def complete(self, hashes: Mapping[str, str]) -> None:
        """The run's last word: every file of the contract stands, with these sha256 by relative path."""
        models = {name: digest for name, digest in hashes.items() if name.startswith("models/")}
        files = {name: sha256_of(self.folder / name) for name in HASHED if (self.folder / name).is_file()}
        self.note({"state": "complete", "finished": now(), "models": models, "files": files})
        (self.folder / INTERRUPTED).unlink(missing_ok=True)

    def load(self, key: FitKey) -> Outcome | None:
        """A finished unit, or None. A damaged file counts as not finished.

        So does one that this program never wrote: with pickles, with more than the file holds, or with names of model
        files that lead out of their folder.
        """
        from pydantic import TypeAdapter

        path = self._path(key)
        if not is_file(path):
            return None
        try:
            data = read_npz(path)
            facts = json_of(str(data["facts"]).encode(), "facts")
            rows, mean, failure = data["rows"], data["mean"], facts["failure"]
            fit = TypeAdapter(Fit).validate_python(facts["fit"])
            saved = {name[5:]: values.tobytes() for name, values in data.items() if name.startswith("file:")}
        except (InputError, ValueError, KeyError, TypeError):  # pydantic's errors are ValueErrors
            return None
        numbers = rows.dtype == np.int64 and mean.dtype == np.float64 and rows.shape == mean.shape == (len(rows),)
        inside = all(re.fullmatch(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", name, re.ASCII) for name in saved)
        told = failure is None or isinstance(failure, str)
        return Outcome(rows, mean, fit, saved, failure) if numbers and inside and told else None

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

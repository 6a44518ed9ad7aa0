"""The run folder: every file written beside itself, synced and renamed; a killed run loses no finished unit."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from beatnaive.backtest.units import FitKey, Outcome
from beatnaive.core import malloc
from beatnaive.core.errors import InputError
from beatnaive.core.files import write_atomically
from beatnaive.core.types import Finding, Fit, Losses, RunData, Samples
from beatnaive.runs.trials import find_trials, load_trials

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.judging.significance import Trials
    from beatnaive.study.spec import Study

STATES = ("running", "interrupted", "complete")


@dataclass(frozen=True)
class RunStore:
    """A run folder as the walk sees it: `units/<model>/<fold>/<seed>/<group>.npz`, and `run.json` beside them."""

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
            self._continue(identity)
            return
        if (self.folder / "run.json").exists():
            raise InputError(
                f"{self.folder} holds a run already: continue it with --resume {self.folder}, or choose another --out"
            )
        self.write("study.toml", study.to_toml())
        trials = find_trials(
            self.folder.parent, symbols=samples.inputs.symbols, target=samples.target.name,
            horizon=samples.target.horizon, own=self.folder,
        )  # fmt: skip
        record = {"state": "running", "study": study.name, "started": now(), **identity}
        record |= {"features": list(samples.inputs.features), "trials": trials}
        self.write("run.json", _json(record))

    def trials(self, losses: Losses) -> Trials:
        """The earlier trials that were listed when the run began, on this run's rows."""
        return load_trials(self.folder.parent, read_record(self.folder)["trials"], losses)

    def _continue(self, identity: Mapping[str, Any]) -> None:
        old = read_record(self.folder)
        for key, value in identity.items():
            if old.get(key) != value:
                what = {"study_sha256": "study", "data_sha256": "data", "versions": "version of the libraries"}[key]
                raise InputError(f"{self.folder} was made from another {what}: start a new run with --out")
        self.note({"state": "running"})

    def note(self, facts: Mapping[str, Any]) -> None:
        """Add to run.json."""
        self.write("run.json", _json({**read_record(self.folder), **facts}))

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
        """A file of the run."""
        write_atomically(self.folder / name, data)


def read_record(folder: Path) -> dict[str, Any]:
    """run.json. Raises InputError when the folder holds no run."""
    path = folder / "run.json"
    if not path.is_file():
        raise InputError(f"{folder} is no run folder: it has no run.json")
    try:
        record = dict[str, Any](json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is damaged ({error}): start a new run") from error
    return record


def read(folder: Path) -> RunData:
    """A finished run, as its folder tells it. Raises InputError when it is not complete or a file is missing."""
    state = read_record(folder)["state"]
    if state != "complete":
        raise InputError(f"{folder} is {state}, not complete: continue it with --resume {folder}")
    return read_tables(folder)


def read_tables(folder: Path) -> RunData:
    """The tables of a run whose plots and report may still be missing. Raises InputError when a file is."""
    import tomllib

    import pandas as pd

    record = read_record(folder)
    try:
        return RunData(
            folder=folder,
            study=tomllib.loads((folder / "study.toml").read_text(encoding="utf-8")),
            findings=tuple(_finding(one) for one in json.loads((folder / "findings.json").read_text(encoding="utf-8"))),
            forecasts=_forecasts(folder / "forecasts.parquet"),
            scores=pd.read_csv(folder / "scores.csv", keep_default_na=False, na_values=[""]),
            timings=pd.read_csv(folder / "timings.csv"),
            verdict=json.loads((folder / "verdict.json").read_text(encoding="utf-8")),
            fits=tuple(json.loads((folder / "fits.json").read_text(encoding="utf-8"))),
            record=record,
        )
    except FileNotFoundError as error:
        raise InputError(f"{folder} misses {error.filename}: run the study again") from error


def _forecasts(path: Path) -> pd.DataFrame:
    """forecasts.parquet, its words as categories and its dates as instants: a panel's rows are millions."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        table = pq.ParquetFile(file, read_dictionary=["symbol", "model"]).read()
    frame: pd.DataFrame = table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
    del table
    pa.default_memory_pool().release_unused()
    malloc.trim()
    return frame


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(**{**data, "dates": tuple(data["dates"])})


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str) + "\n"


def now() -> str:
    """This instant, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def fingerprint(samples: Samples) -> str:
    """sha256 over all that forecasts and scores depend on: symbols, sessions, instants, bars, features, labels."""
    inputs = samples.inputs
    arrays = (inputs.symbol, inputs.session, inputs.origin, inputs.bars, inputs.x, samples.rows, samples.y)
    names = "\n".join((*inputs.symbols, *inputs.features))
    return sha256(names.encode(), *(np.ascontiguousarray(array).tobytes() for array in arrays))


def sha256(*parts: bytes) -> str:
    """Hex digest of the parts, one after the other.

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Of what the numbers depend on."""
    import platform
    from importlib.metadata import version

    packages = (
        "beatnaive",
        "numpy",
        "pandas",
        "scipy",
        "scikit-learn",
        "statsforecast",
        "arch",
        "keras",
        "jax",
        "jaxlib",
    )
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}

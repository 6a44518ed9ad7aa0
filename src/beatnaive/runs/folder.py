"""Reading a run folder: its record, its tables, and the hashes that tell whether it is still the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from beatnaive.core import malloc, mapped
from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import is_file, read_json, read_toml, sha256_of, shown
from beatnaive.core.errors import InputError
from beatnaive.core.files import to_json
from beatnaive.core.names import TWIN
from beatnaive.core.types import Finding, RunData, Samples

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter

PACKAGES = (
    "beatnaive", "numpy", "pandas", "scipy", "scikit-learn", "statsforecast", "arch", "keras", "jax", "jaxlib",
)  # fmt: skip
"""What the numbers of a run depend on."""
HASHED = (
    "study.toml", "findings.json", "forecasts.parquet", "scores.csv", "timings.csv", "fits.json", "verdict.json",
    "learning_curve.json", "bars.parquet", "worth.json",
)  # fmt: skip
"""The files that later commands believe; run.json holds the sha256 of those that the run has."""
FORMAT = 2
"""Of run folders: from 2 on a record has a checksum, and that of a finished run the hashes of all these files."""
COLUMNS = {
    "scores.csv": ("symbol", "model", "n", "rmse"),
    "timings.csv": ("model", "seconds"),
    "forecasts.parquet": ("symbol", "model", "seed", "fold", "origin", "target_date", "close", "y", "yhat"),
}
"""Columns without which a table of a run is not read."""
AT_ONCE = 1 << 18
"""Rows of a panel that are read at a time."""


@dataclass(frozen=True, kw_only=True)
class _Trial:
    run: str
    model: str
    sha256: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class _Trials:
    trials: list[_Trial]
    unjoined: list[_Trial] = field(default_factory=list)
    other_symbols: list[str]
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Record:
    """run.json, as far as commands rely on it; what else it holds is left alone."""

    state: Literal["running", "interrupted", "complete"]
    format: int = 1
    study: str = ""
    study_sha256: str = ""
    data_sha256: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    features: list[str] = field(default_factory=list)
    trials: _Trials | None = None
    models: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def read_record(folder: Path) -> dict[str, Any]:
    """run.json: the run's state, hashes, versions, feature columns and the earlier trials it counts.

    Raises InputError when the folder holds no run, or the file is damaged: its checksum guards against accidents, it is
    not a signature.
    """
    path = folder / "run.json"
    if not is_file(path):
        raise InputError(f"{shown(folder)} is not a run folder: it has no run.json")
    record: dict[str, Any] = read_json(path)
    from pydantic import ValidationError

    try:
        _known_record().validate_python(record)
    except ValidationError as error:
        what = error.errors()[0]
        where = ".".join(map(str, what["loc"])) or "the file"
        raise InputError(f"{shown(path)} is damaged ({where}: {what['msg'].lower()}): start a new run") from error
    checked = "checksum" in record or record.get("format", 1) >= FORMAT
    if checked and record.get("checksum") != checksum(record):
        raise InputError(f"{shown(path)} is damaged (its checksum is another): start a new run")
    return record


@cache
def _known_record() -> TypeAdapter[_Record]:
    """Made once: a list of a thousand runs reads as many records."""
    from pydantic import TypeAdapter

    return TypeAdapter(_Record)


def verify(folder: Path, record: Mapping[str, Any]) -> None:
    """Compare every file that later commands believe with the sha256 in the record of a finished run.

    A run of an earlier format is compared as far as its record goes. Raises InputError for a file that was changed,
    added or removed since: an accident; whoever can write the whole folder can make the hashes fit.
    """
    hashes: Mapping[str, str] = record.get("files", {})
    if unknown := set(hashes) - set(HASHED):
        raise InputError(f"{shown(folder / 'run.json')} is damaged: {min(unknown)[:60]!r} is not a file of a run")
    known = HASHED if record.get("format", 1) >= FORMAT else tuple(hashes)
    for name in known:
        if name not in hashes and not (folder / name).exists():
            continue  # a run without a learning curve, say
        if hashes.get(name) != sha256_of(folder / name):
            raise InputError(f"{shown(folder / name)} was changed since the run: run the study again")


def checksum(record: Mapping[str, Any]) -> str:
    """sha256 of a record without its checksum."""
    own = {name: value for name, value in record.items() if name != "checksum"}
    return sha256(json.dumps(own, sort_keys=True).encode())


def sealed(record: Mapping[str, Any]) -> str:
    """The text of run.json, with its checksum."""
    plain = json.loads(to_json(record))
    return to_json({**plain, "checksum": checksum(plain)})


def units_in(folder: Path) -> int:
    """How many finished fits a run folder keeps."""
    return sum(1 for _ in folder.glob("units/*/*/*/*.npz"))


def complete_record(folder: Path) -> dict[str, Any]:
    """run.json of a finished run. Raises InputError for any other, with the command that continues it."""
    record = read_record(folder)
    state = record["state"]
    if state != "complete":
        raise InputError(f"{folder} is {state}, not complete: continue it with beatnaive run --resume {folder}")
    return record


def read(folder: Path) -> RunData:
    """A finished run, as its folder tells it: what charts and pages are made from.

    Raises InputError when the run is not complete, or one of its files is missing or was changed since.
    """
    verify(folder, complete_record(folder))
    return read_tables(folder)


def read_tables(folder: Path) -> RunData:
    """The tables of a run whose plots and report may still be missing. Raises InputError when one is, or is damaged."""
    import pandas as pd

    record = read_record(folder)
    frames: dict[str, pd.DataFrame] = {}
    plain: dict[str, Any] = {}
    for name in ("findings.json", "fits.json", "verdict.json"):
        plain[name] = read_json(folder / name) if is_file(folder / name) else _gone(folder, name)
    study = read_toml(folder / "study.toml") if is_file(folder / "study.toml") else _gone(folder, "study.toml")
    table = StoredForecasts(folder / "forecasts.parquet")
    for name, read_table in (("scores.csv", _scores), ("timings.csv", pd.read_csv)):
        if not is_file(folder / name):
            _gone(folder, name)
        try:
            frames[name] = read_table(folder / name)
        except (OSError, ValueError) as error:  # Arrow's, pandas' and decoding errors are ValueErrors
            raise InputError(f"{shown(folder / name)} is damaged: run the study again") from error
        if lacking := set(COLUMNS[name]) - set(frames[name].columns):
            raise InputError(f"{shown(folder / name)} is damaged: it has no column {min(lacking)}")
        frames[name] = without_twins(frames[name])
    if not is_file(table.path):
        _gone(folder, "forecasts.parquet")
    table.check()
    verdict = plain["verdict.json"]
    for name, one in (("study.toml", study), ("verdict.json", verdict)):
        if not isinstance(one, dict) or not isinstance(one.get("models"), dict):
            raise InputError(f"{shown(folder / name)} is damaged: it has no models")
    for name in ("findings.json", "fits.json"):
        if not isinstance(plain[name], list) or not all(isinstance(one, dict) for one in plain[name]):
            raise InputError(f"{shown(folder / name)} is damaged: it is not a list of objects")
    try:
        return RunData(
            folder=folder,
            study=study,
            findings=tuple(Finding(**{**one, "dates": tuple(one["dates"])}) for one in plain["findings.json"]),
            table=table,
            scores=frames["scores.csv"],
            timings=frames["timings.csv"],
            verdict=verdict,
            fits=tuple(one for one in plain["fits.json"] if TWIN not in str(one.get("model", ""))),
            record=record,
        )
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(f"{shown(folder)} holds files of another program or version: run the study again") from error


def _gone(folder: Path, name: str) -> Any:
    raise InputError(f"{shown(folder)} has no {name}: run the study again")


def _scores(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(path, keep_default_na=False, na_values=[""])


@dataclass(frozen=True)
class StoredForecasts:
    """forecasts.parquet, its words as categories and its dates as instants: a panel's rows are millions.

    Columns: symbol, model, seed, fold, origin, target_date, close, y, yhat and the nine quantiles; prices in currency,
    variances in squared log return.
    """

    path: Path

    def check(self) -> None:
        """Raise InputError where it is no such table."""
        with self._as_written(), self.path.open("rb") as file:
            names = self._opened(file).schema_arrow.names
        if lacking := set(COLUMNS["forecasts.parquet"]) - set(names):
            raise InputError(f"{shown(self.path)} is damaged: it has no column {min(lacking)}")

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Its rows without those of twins, `AT_ONCE` at a time; columns: those that are read beside the model.

        Raises InputError for a damaged file.
        """
        wanted = None if columns is None else ["model", *columns]
        with self._as_written(), self.path.open("rb") as file:
            for batch in self._opened(file).iter_batches(batch_size=AT_ONCE, columns=wanted):
                yield without_twins(batch.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True))

    def whole(self) -> pd.DataFrame:
        """All of its rows without those of twins."""
        with self._as_written(), self.path.open("rb") as file:
            table = self._opened(file).read()
        frame = table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
        del table
        malloc.trim()
        return without_twins(frame)

    def _opened(self, file: BinaryIO) -> Any:
        import pyarrow.parquet as pq

        admit_parquet(self.path, shown(self.path))
        # pre_buffer holds all of a file that is gone through once
        return pq.ParquetFile(file, read_dictionary=["symbol", "model"], pre_buffer=False)

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """Arrow's, pandas' and decoding errors are ValueErrors."""
        try:
            yield
        except (OSError, ValueError) as error:
            raise InputError(f"{shown(self.path)} is damaged: run the study again") from error


def without_twins(frame: pd.DataFrame) -> pd.DataFrame:
    """A model's twin stands in the tables; charts and pages are about the models."""
    twins = [name for name in frame["model"].unique() if TWIN in str(name)]
    return frame[~frame["model"].isin(twins)].reset_index(drop=True) if twins else frame


def now() -> str:
    """This instant, UTC, to the second, as ISO 8601 writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def fingerprint(samples: Samples) -> str:
    """sha256 over all that forecasts and scores depend on: symbols, sessions, instants, bars, features, labels.

    A run is continued only on samples of the same fingerprint.
    """
    inputs = samples.inputs
    arrays = (inputs.symbol, inputs.session, inputs.origin, inputs.bars, inputs.x, samples.rows, samples.y)
    digest = hashlib.sha256("\n".join((*inputs.symbols, *inputs.features)).encode())
    for array in arrays:
        for first in range(0, len(array), AT_ONCE):  # as views of their bytes: copies of a panel would be gigabytes
            digest.update(np.ascontiguousarray(array[first : first + AT_ONCE]).view(np.uint8).data)
            mapped.forget(array)
    return digest.hexdigest()


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
    """Python's version and those of `PACKAGES`, by name.

    >>> list(versions())[:2]
    ['python', 'beatnaive']
    """
    import platform
    from importlib.metadata import version

    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}

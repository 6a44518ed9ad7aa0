"""Reading a run folder: its record, its tables, and the hashes that tell whether it is still the same."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core import malloc
from beatnaive.core.errors import InputError
from beatnaive.core.types import Finding, RunData, Samples

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = (
    "beatnaive", "numpy", "pandas", "scipy", "scikit-learn", "statsforecast", "arch", "keras", "jax", "jaxlib",
)  # fmt: skip
"""What the numbers of a run depend on."""


def read_record(folder: Path) -> dict[str, Any]:
    """run.json: the run's state, hashes, versions, feature columns and the earlier trials it counts.

    Raises InputError when the folder holds no run, or the file is damaged.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise InputError(f"{folder} is not a run folder: it has no run.json")
    try:
        return dict[str, Any](json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is damaged ({error}): start a new run") from error


def complete_record(folder: Path) -> dict[str, Any]:
    """run.json of a finished run. Raises InputError for any other, with the command that continues it."""
    record = read_record(folder)
    state = record.get("state", "without a state")
    if state != "complete":
        raise InputError(f"{folder} is {state}, not complete: continue it with beatnaive run --resume {folder}")
    return record


def read(folder: Path) -> RunData:
    """A finished run, as its folder tells it: what charts and pages are made from.

    Raises InputError when the run is not complete or one of its files is missing.
    """
    complete_record(folder)
    return read_tables(folder)


def read_tables(folder: Path) -> RunData:
    """The tables of a run whose plots and report may still be missing. Raises InputError when a file is."""
    import tomllib

    import pandas as pd

    record = read_record(folder)
    try:
        findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
        return RunData(
            folder=folder,
            study=tomllib.loads((folder / "study.toml").read_text(encoding="utf-8")),
            findings=tuple(Finding(**{**one, "dates": tuple(one["dates"])}) for one in findings),
            forecasts=read_forecasts(folder / "forecasts.parquet"),
            scores=pd.read_csv(folder / "scores.csv", keep_default_na=False, na_values=[""]),
            timings=pd.read_csv(folder / "timings.csv"),
            verdict=json.loads((folder / "verdict.json").read_text(encoding="utf-8")),
            fits=tuple(json.loads((folder / "fits.json").read_text(encoding="utf-8"))),
            record=record,
        )
    except FileNotFoundError as error:
        name = Path(error.filename or "").name
        raise InputError(f"{folder} has no {name}: run the study again") from error


def read_forecasts(path: Path) -> pd.DataFrame:
    """forecasts.parquet, its words as categories and its dates as instants: a panel's rows are millions.

    Columns: symbol, model, seed, fold, origin, target_date, close, y, yhat and the nine quantiles; prices in currency,
    variances in squared log return.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        table = pq.ParquetFile(file, read_dictionary=["symbol", "model"]).read()
    frame: pd.DataFrame = table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
    del table
    pa.default_memory_pool().release_unused()
    malloc.trim()
    return frame


def now() -> str:
    """This instant, UTC, to the second, as ISO 8601 writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def fingerprint(samples: Samples) -> str:
    """sha256 over all that forecasts and scores depend on: symbols, sessions, instants, bars, features, labels.

    A run is continued only on samples of the same fingerprint.
    """
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
    """Python's version and those of `PACKAGES`, by name.

    >>> list(versions())[:2]
    ['python', 'beatnaive']
    """
    import platform
    from importlib.metadata import version

    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}

"""bars.parquet: open and close of a run's scored sessions, so that positions are valued without fetching anything."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import is_file, shown
from beatnaive.core.errors import InputError
from beatnaive.payoff.book import Tape

NAME = "bars.parquet"
COLUMNS = ("symbol", "session", "open", "close", "variance", "filled", "sessions_a_year")


def write(tape: Tape, file: BinaryIO) -> None:
    """The tape as Parquet: a row per symbol and session, sorted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = pa.DictionaryArray.from_arrays(tape.symbol, list(tape.symbols)).cast(pa.string())
    columns = {
        "symbol": names, "session": tape.session, "open": pa.array(tape.open, from_pandas=True), "close": tape.close,
        "variance": pa.array(tape.variance, from_pandas=True), "filled": tape.filled,
        "sessions_a_year": np.full(len(tape.close), tape.yearly),
    }  # fmt: skip
    pq.write_table(pa.table(columns), file, compression="zstd")


def read(folder: Path) -> Tape | None:
    """The tape of a run folder; None where the run is older than tapes. Raises InputError for a damaged one."""
    import pandas as pd

    path = folder / NAME
    if not is_file(path):
        return None
    try:
        admit_parquet(path, shown(path))
        frame = pd.read_parquet(path, columns=list(COLUMNS))
        symbol = frame["symbol"].astype("category")
        return Tape(
            symbols=tuple(map(str, symbol.cat.categories)), symbol=np.asarray(symbol.cat.codes, np.int32),
            session=frame["session"].to_numpy("datetime64[D]"), open=frame["open"].to_numpy(np.float64),
            close=frame["close"].to_numpy(np.float64), variance=frame["variance"].to_numpy(np.float64),
            filled=frame["filled"].to_numpy(bool), yearly=float(frame["sessions_a_year"].max()),
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError) as error:  # Arrow's errors are among them
        raise InputError(f"{shown(path)} is damaged: run the study again") from error

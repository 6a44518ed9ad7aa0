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
    pq.write_table(pa.table(columns), file, compression="zstd", use_dictionary=["symbol", "session"])


def read(folder: Path) -> Tape | None:
    """The tape of a run folder; None where the run is older than tapes. Raises InputError for a damaged one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / NAME
    if not is_file(path):
        return None
    try:
        admit_parquet(path, shown(path))
        table = pq.ParquetFile(path, read_dictionary=["symbol"]).read(columns=list(COLUMNS)).unify_dictionaries()
        symbol = table["symbol"].combine_chunks()
        if not pa.types.is_string(symbol.type.value_type) or symbol.null_count:
            raise TypeError("symbol is not text")
        names = symbol.dictionary.to_pylist()
        order = np.argsort(np.array(names, str), kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        column = {name: table[name].to_numpy() for name in COLUMNS[1:]}
        return Tape(
            symbols=tuple(names[k] for k in order), symbol=place[symbol.indices.to_numpy()],
            session=column["session"].astype("datetime64[D]"), open=column["open"].astype(np.float64),
            close=column["close"].astype(np.float64), variance=column["variance"].astype(np.float64),
            filled=column["filled"].astype(bool), yearly=float(column["sessions_a_year"].max()),
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:  # Arrow's errors are among them
        raise InputError(f"{shown(path)} is damaged: run the study again") from error

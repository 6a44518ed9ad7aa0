"""bars.parquet: open and close of a run's scored sessions, so that positions are valued without fetching anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import is_file, shown
from beatnaive.core.errors import InputError
from beatnaive.core.types import CLOSE, OPEN, WARMUP
from beatnaive.judging.losses import ewma_variance
from beatnaive.payoff.book import Tape
from beatnaive.prices.calendars import sessions_between
from beatnaive.study.pipeline import Result

NAME = "bars.parquet"
COLUMNS = ("symbol", "session", "open", "close", "variance", "filled", "sessions_a_year")


def tape_of(result: Result) -> Tape:
    """The bars from the first scored origin to the last outcome, of the symbols that are scored."""
    inputs, track = result.samples.inputs, next(iter(result.tracks.values()))
    rows = track.rows[track.fold != WARMUP]
    last = inputs.ahead(rows, result.samples.target.horizon)
    scored = np.zeros(len(inputs.symbols), bool)
    scored[inputs.symbol[rows]] = True
    session = inputs.session
    taken = scored[inputs.symbol] & (session >= session[rows].min()) & (session <= session[last].max())
    order = np.flatnonzero(taken)
    names = np.array(inputs.symbols)[scored]
    place = np.cumsum(scored) - 1
    order = order[np.lexsort((session[order], inputs.symbol[order]))]
    calendars = {one.calendar for one in result.prices if one.symbol in names}
    return Tape(
        symbols=tuple(names.tolist()), symbol=place[inputs.symbol[order]].astype(np.int32),
        session=session[order].astype("datetime64[D]"), open=inputs.bars[order, OPEN], close=inputs.bars[order, CLOSE],
        variance=ewma_variance(inputs)[order], filled=inputs.filled[order],
        yearly=max(map(sessions_a_year, sorted(calendars)), default=252.0),
    )  # fmt: skip


@cache
def sessions_a_year(calendar: str) -> float:
    """The calendar's sessions in twenty years, a year, to the nearest whole.

    >>> sessions_a_year("XNYS"), sessions_a_year("24/7")
    (252.0, 365.0)
    """
    twenty = sessions_between(calendar, np.datetime64("2000-01-01"), np.datetime64("2019-12-31"))
    return float(round(len(twenty) / 20))


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

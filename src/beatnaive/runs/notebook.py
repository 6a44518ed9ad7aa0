"""The verbs as a notebook calls them: a DataFrame wherever prices or forecasts are wanted, DataFrames back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.errors import InputError
from beatnaive.prices import Source
from beatnaive.prices.frames import source_of, to_frame
from beatnaive.runs import record
from beatnaive.runs.result import Judged, Result
from beatnaive.study.changed import changed
from beatnaive.study.spec import load_study

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.core.types import Progress
    from beatnaive.study.spec import Study


def run(
    study: Study | str | pd.DataFrame = "default", *, models: Sequence[str] | Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None, horizon: int | None = None, symbol: str | Sequence[str] | None = None,
    calendar: str | None = None, out: str | Path | None = None, jobs: int | None = None, engine: str = "local",
    progress: Progress | None = None, trust: bool = False,
) -> Result:  # fmt: skip
    """Does any model forecast better than naive? From prices to a verdict.

    study: a DataFrame of prices (one symbol, yfinance's, or a long panel), which the default study is run on; else a
    Study, a shipped study's name or a TOML file. models: names of `list models`, "module:Name", or {name: ModelSpec};
    naive always runs along. features: names or "module:Name"; horizon: sessions ahead; symbol: what a frame of one is
    called, or which of several; calendar: its exchange. out: the run folder to be written (None = nothing is kept);
    jobs: processes, default one per core; engine: "local" or "ray"; progress: called with (done, total, what); trust:
    code that a TOML file names may run. Returns a Result. Raises InputError for what cannot be run or a folder that
    holds a run, NotTrusted for code that nobody allowed, DataRefused for prices with a fatal finding,
    SourceUnreachable, CannotWrite, Interrupted.

    >>> import beatnaive as bn
    >>> prices = bn.load("^GSPC", start="2014-01-01")
    >>> result = bn.run(prices, models=["drift"], symbol="^GSPC", jobs=1)
    >>> result.scores[["model", "n"]].to_dict("records")[0]
    {'model': 'naive', 'n': 240}
    """
    import pandas as pd

    folder = None if out is None else Path(out)
    if isinstance(study, str):
        wanted = load_study(study, trust=trust)
        if symbol is not None:
            wanted = replace(wanted, source=replace(wanted.source, symbols=names(symbol)))
        if calendar is not None:
            wanted = replace(wanted, source=replace(wanted.source, calendar=calendar))
    elif isinstance(study, pd.DataFrame):
        if folder is not None and (folder / "run.json").exists():
            raise InputError(f"{folder} holds a run already: choose another folder")
        base = load_study("default")
        source = source_of(study, symbol=symbol, calendar=calendar, folder=folder)
        wanted = replace(base, source=source)
    else:
        wanted = study
    wanted = changed(wanted, models=models, features=features, horizon=horizon)
    found = record.run(wanted, out=folder, jobs=jobs, engine=engine, progress=progress, trust=trust)
    return Result(found, folder)


def judge(forecasts: Any, **options: Any) -> Judged:
    """Rule on forecasts of your own: see `beatnaive.judging.from_table.judge`, whose options it takes.

    Returns what `run` returns, as far as it applies: verdict, scores, forecasts, losses, findings, plot, report.

    >>> import numpy as np, pandas as pd
    >>> days = pd.bdate_range("2024-01-01", periods=80)
    >>> y = 100 + np.random.default_rng(0).normal(size=80).cumsum()
    >>> judge(pd.DataFrame({"ds": days, "y": y, "mean": y.mean()})).scores["ruling"].tolist()
    ['to beat', 'worse']
    """
    from beatnaive.judging import from_table

    return Judged(from_table.judge(forecasts, **options))


def load(
    symbol: str | Sequence[str] | Source = (), *, source: str = "sample", start: str | None = None,
    end: str | None = None, as_of: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Adjusted prices as a DataFrame: index Date; Open, High, Low, Close, Volume; several symbols as a long panel with
    a column Ticker.

    symbol: one, several, or a Source with all of its options; source: "sample" (no network), "yahoo", or a file's
    path; start, end: "YYYY-MM-DD"; as_of: the last date whose dividends and splits are applied. Raises InputError,
    UnknownName, SourceUnreachable.

    >>> load("^GSPC", start="2018-12-28").round(2).Close.tolist()
    [2485.74, 2506.85]
    """
    from datetime import date

    from beatnaive.prices import SOURCES
    from beatnaive.prices import load as read

    if isinstance(symbol, Source):
        return to_frame(read(symbol))
    days: dict[str, Any] = {}
    for name, text in (("start", start), ("end", end), ("as_of", as_of)):
        try:
            days[name] = None if text is None else date.fromisoformat(text)
        except ValueError as error:
            raise InputError(f"{name}={text!r} is not a date: write YYYY-MM-DD", option=name) from error
    kind, path = (source, None) if source in SOURCES else ("file", str(Path(source).resolve()))
    return to_frame(read(Source(kind=kind, symbols=names(symbol), path=path, **days)))


def names(symbol: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several as a tuple."""
    return (symbol,) if isinstance(symbol, str) else tuple(symbol)

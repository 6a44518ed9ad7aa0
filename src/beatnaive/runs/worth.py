"""Would a run's forecasts have paid? Read from its folder, without a fit; earlier runs and plans are counted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.documents import as_written, is_file, read_json, read_toml, sha256_of, shown
from beatnaive.core.errors import InputError
from beatnaive.core.files import to_json
from beatnaive.core.types import Evidence
from beatnaive.judging.horizons import HorizonsVerdict
from beatnaive.judging.verdict import Verdict
from beatnaive.payoff.book import Book, Tape, book
from beatnaive.payoff.finding import Worth
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.worth import Tried
from beatnaive.payoff.worth import worth as worth_of
from beatnaive.runs import bars, tables
from beatnaive.runs.folder import complete_record, read_record, verify
from beatnaive.runs.lock import locked
from beatnaive.runs.result import Judged
from beatnaive.runs.result import Result as Shown
from beatnaive.runs.series import Question, Series, Stored, series, series_of
from beatnaive.runs.store import RunStore
from beatnaive.runs.worth_of_table import of_verdict
from beatnaive.study import traded
from beatnaive.study.pipeline import Result

if TYPE_CHECKING:
    import pandas as pd

NAME = "worth.json"


def worth(
    result: Shown | Result | Judged | Verdict | HorizonsVerdict | str | Path, *, rule: str | None = None,
    fill: str | None = None, cost: float | None = None, short: bool | None = None, cash: float | None = None,
    quantiles: int | None = None, top: int | None = None, prices: str | Path | pd.DataFrame | None = None,
) -> Worth:  # fmt: skip
    """Would the forecasts have paid? Positions, costs, break-even, and a ruling.

    result: of `bn.run` or `bn.judge`, or a finished run's folder; rule: "sign", "threshold" or "scaled"; fill:
    "close", the origin's, or "open", the next; cost: basis points of what is traded; short: whether falls are sold
    short; cash: interest a year; what is not given is the study's own plan, 5 basis points by default. quantiles, top:
    a panel's portfolios; prices: bars beside judged forecasts, a file or frame as `bn.run` takes them, where their own
    closes do not do.
    Earlier runs beside the folder count as trials, and so does every other plan that the folder was asked about;
    nothing is written. Raises InputError, one line, for what cannot be reckoned.

    >>> import beatnaive as bn
    >>> from dataclasses import replace
    >>> study = bn.load_study("default")
    >>> result = bn.run(replace(study, models={name: study.models[name] for name in ("naive", "drift")}), jobs=1)
    >>> found = bn.worth(result)
    >>> found.rulings["drift"].ruling, found.models["drift"].n
    ('cannot tell', 240)
    """
    changes = {"rule": rule, "fill": fill, "cost": cost, "short": short, "cash": cash}
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    if isinstance(result, Judged):
        result = result.verdict
    if isinstance(result, Verdict | HorizonsVerdict):
        return of_verdict(result, Plan(**given), prices, quantiles=quantiles, top=top)
    if prices is not None:
        raise InputError("a run has prices of its own: give prices beside judged forecasts only", option="prices")
    if isinstance(result, Shown):
        result = result.found
    if isinstance(result, Result):
        own, benchmarks, seed = book_of(result), result.samples.target.benchmarks, result.study.seed
        plan = replace(result.study.worth, **given)
        return worth_of(own, plan, benchmark=benchmarks, quantiles=quantiles, top=top, seed=seed)
    folder = Path(result)
    verify(folder, complete_record(folder))
    return of_folder(folder, given, quantiles=quantiles, top=top)


def book_of(result: Result) -> Book:
    """The forecasts of all valid models on the rows they share, and the bars. Raises InputError for variances."""
    _refuse_variances(result.samples.target.name)
    return traded.book_of(result.losses, traded.tape_of(result.samples, result.tracks, result.prices))


def of_folder(
    folder: Path, given: Mapping[str, Any], *, quantiles: int | None = None, top: int | None = None, alone: bool = False
) -> Worth:
    """The same from a run's files; `alone`: whether what was asked of the folder before is left uncounted."""
    asked, study = Question.of(folder), read_toml(folder / "study.toml")
    with as_written(shown(folder), "run the study again"):
        plan, seed = replace(Plan(**study.get("worth", {})), **given), int(study.get("seed", 0))
        own, found = _read(folder, asked)
    plans = () if alone else tuple(one for one in asked_before(folder) if _differs(one, plan))
    books, uncounted = earlier_books(folder, asked, found)
    tried = Tried(plans=plans, books=books, uncounted=uncounted)
    return worth_of(own, plan, benchmark=asked.benchmarks, tried=tried, quantiles=quantiles, top=top, seed=seed)


def _differs(one: Plan, other: Plan) -> bool:
    """Whether two plans are two trials: what is paid for trading is no choice of the trader's."""
    return (one.rule, one.fill, one.short) != (other.rule, other.fill, other.short)


def _refuse_variances(target: str) -> None:
    if target != "return":
        raise InputError("forecasts of a variance set no position: worth needs a study of returns")


def _read(folder: Path, asked: Question, models: tuple[str, ...] = ()) -> tuple[Book, dict[str, Stored]]:
    """A run's book, on the rows that all of its models forecast, and their forecasts. Raises InputError."""
    _refuse_variances(asked.target)
    found = series(folder, models)
    if not found:
        raise InputError(f"{shown(folder)} holds no forecasts: run the study again")
    most = max(map(len, found.values()))
    found = {name: one for name, one in found.items() if len(one) == most}  # an invalid model lacks forecasts
    first = next(iter(found.values()))
    found = {name: one for name, one in found.items() if np.array_equal(one.key, first.key)}
    places, codes = np.unique(first.code, return_inverse=True)
    symbols = tuple(first.symbols[k] for k in places)
    tape = bars.read(folder) or _tape_of_forecasts(folder, first)
    forecast = {name: one.value for name, one in found.items()}
    own = book(
        tape, symbols=symbols, symbol=codes.astype(np.int32), session=first.origin, forecast=forecast,
        horizon=asked.horizon,
    )  # fmt: skip
    return own, found


def _tape_of_forecasts(folder: Path, one: Stored) -> Tape:
    """Closes alone, of a run that was made before there was bars.parquet: those of origins and outcomes."""
    import pandas as pd

    columns = ["symbol", "target_date", "y", "model", "seed"]
    frame = pd.read_parquet(folder / "forecasts.parquet", columns=columns, filters=[("seed", "==", -1)])
    frame = frame[frame["model"] == frame["model"].iloc[0]]
    symbol = np.concatenate([np.array(one.symbols, str)[one.code], frame["symbol"].to_numpy(str)])
    names, codes = np.unique(symbol, return_inverse=True)
    session = np.concatenate([one.origin, frame["target_date"].to_numpy("datetime64[D]")])
    close = np.concatenate([one.close, frame["y"].to_numpy(np.float64)])
    return Tape.of_closes(tuple(map(str, names)), codes.astype(np.int32), session, close)


def earlier_books(folder: Path, asked: Question, own: Mapping[str, Stored]) -> tuple[tuple[Book, ...], int]:
    """The books of the earlier runs that this run counts, and the number of forecasts that cannot be reckoned again.

    A series that is this run's own, or a benchmark, is not a trial.
    """
    trials = read_record(folder).get("trials") or {}
    listed: dict[str, list[str]] = {}
    for one in trials.get("trials", ()):
        listed.setdefault(one["run"], []).append(one["model"])
    books, uncounted = [], len(trials.get("unjoined", ()))
    mine = [series_of(one) for one in own.values()] if listed else []
    for run, models in listed.items():
        try:
            other = Question.of(folder.parent / run)
            made, tables = _read(folder.parent / run, other, (*models, *other.benchmarks))
        except InputError:
            uncounted += len(models)
            continue
        known: list[Series] = list(mine) if other.horizon == asked.horizon else []
        new = [name for name in models if name in tables and not any(series_of(tables[name]).same_as(x) for x in known)]
        uncounted += sum(name not in tables for name in models)
        if new:
            books.append(replace(made, forecast={name: made.forecast[name] for name in new}))
    return tuple(books), uncounted


def asked_before(folder: Path) -> tuple[Plan, ...]:
    """The plans that a folder's worth.json says it was asked about."""
    if not is_file(folder / NAME):
        return ()
    found = read_json(folder / NAME)
    asked = found.get("asked") if isinstance(found, dict) else None
    plans: dict[tuple[str, str, bool], Plan] = {}
    for one in asked if isinstance(asked, list) else ():
        with suppress(InputError, TypeError):
            plan = Plan(**one)
            plans[plan.rule, plan.fill, plan.short] = plan  # what else differs makes no other trial
    return tuple(plans.values())


def text_of(found: Worth, before: tuple[Plan, ...] = (), placebo: Mapping[str, Any] | None = None) -> str:
    """worth.json: the numbers, the words, the lines that charts are drawn from, and every plan asked about.

    placebo: what the study's own plan earned in worlds without direction, where the study asked for some.
    """
    own = found.plan
    plans = [*(one for one in before if _differs(one, own)), own]
    return to_json({**found.to_json(), "asked": [vars(one) for one in plans], "placebo": placebo})


def placebo_before(folder: Path) -> Mapping[str, Any] | None:
    """The placebo that a folder's worth.json tells of: a question to a finished run has no worlds of its own."""
    found = read_json(folder / NAME) if is_file(folder / NAME) else None
    told = found.get("placebo") if isinstance(found, dict) else None
    return told if isinstance(told, dict) else None


def record(folder: Path, found: Worth) -> None:
    """Write worth.json into a finished run, and its sha256 into run.json. Raises CannotWrite."""
    with locked(folder, resumed=True):
        store = RunStore(folder, resumed=True)
        store.write(NAME, text_of(found, asked_before(folder), placebo_before(folder)))
        files = {**read_record(folder).get("files", {}), NAME: sha256_of(folder / NAME)}
        store.note({"files": files})


def write_bars(store: RunStore, result: Result) -> None:
    """bars.parquet of a run that is being recorded; a study of variances has none."""
    if result.samples.target.name == "return":
        tape = traded.tape_of(result.samples, result.tracks, result.prices)
        store.write(bars.NAME, lambda file: bars.write(tape, file))


def write(store: RunStore, sham: Evidence | None = None) -> None:
    """worth.json of a run that is being recorded, from its tables and bars; a study of variances has none.

    sham: what the same rule earned in worlds without direction.
    """
    if not is_file(store.folder / bars.NAME):
        return
    try:
        found = of_folder(store.folder, {}, alone=True)
        store.write(NAME, text_of(found, placebo=tables.placebo_of(sham)))
    except InputError as refused:  # prices that nothing can be valued at: the verdict stands without
        store.write(NAME, to_json({"refused": str(refused), "words": f"No worth: {refused}.", "asked": []}))


__all__ = ["asked_before", "book_of", "of_folder", "record", "worth", "write", "write_bars"]

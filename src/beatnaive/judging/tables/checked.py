"""Is a table what it claims to be? Dates, outcomes, and a naive forecast that is really the last price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS, Finding, Floats, Instants
from beatnaive.judging.tables import suspects
from beatnaive.judging.tables.calendar import ASK, Calendar
from beatnaive.judging.tables.history import History, history, keys
from beatnaive.judging.tables.naive import Outcomes, previous_value, refuse_scaled, rivals_of_variance
from beatnaive.judging.tables.origins import Origins, origins, overlap, refuse_mixture
from beatnaive.judging.tables.reading import Reading


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckedTable:
    """A checked table sorted by (ds, symbol), in the unit of y; NaN where a benchmark is not known.

    horizon: of every row; overlap: how many forecasts at most are open at once; origin (n,) when they were made;
    benchmarks {name: (n,)} what must be beaten: naive, or for variances the last value and the means of the last
    twenty and of all values known; models {name: (n,)}, NaN = missing; quantiles {model: {level: (n,)}}; symbols is
    empty where the table has no such column; dated: ds are dates, not numbers; findings: what is doubtful; said: how
    it was read and what was left out; kind: what y is, "price", "return" or "variance"; trials: variants tried before.
    """

    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    ds: Instants
    origin: Instants
    dated: bool
    horizon: int
    overlap: int
    y: Floats
    benchmarks: Mapping[str, Floats]
    close: Floats | None
    models: Mapping[str, Floats]
    quantiles: Mapping[str, Mapping[float, Floats]]
    findings: tuple[Finding, ...] = ()
    said: tuple[str, ...] = ()
    kind: str = "price"
    trials: int = 0

    def __len__(self) -> int:
        return len(self.y)

    def stated(self, name: str) -> Floats | None:
        """(n, 9) the quantiles of a model (or naive) at all `LEVELS`; None where it does not state them all."""
        own = self.quantiles.get(name, {})
        return np.stack([own[k] for k in LEVELS], axis=1) if set(LEVELS) <= set(own) else None


def checked(reading: Reading, horizon: int, kind: str, actual: Reading | None = None) -> tuple[CheckedTable, ...]:
    """Check a table of forecasts and find its naive; one table per horizon, the nearest first.

    horizon: of every row, where the table states none; kind: "price", "return" or "variance"; actual: the outcomes,
    where they stand in a table of their own. Raises InputError, one line, for the first thing that is wrong.
    """
    reading = with_outcomes(reading, actual)
    own = (reading.symbol, reading.ds, outcome_of(reading))
    others = [] if actual is None or actual.y is None else [(matched(reading, actual), actual.ds, actual.y)]
    known = history(own, *([(code[code >= 0], ds[code >= 0], y[code >= 0]) for code, ds, y in others]))
    made = origins(reading, known, prices=actual is not None)
    if made is None:
        refuse_disorder(reading)
        return (of_one_horizon(reading, horizon, kind, known),)
    if reading.horizon is not None and actual is None and reading.naive is None and reading.close is None:
        for name, rows in one_row_per_date(reading).series():
            Calendar().check(one_row_per_date(reading).ds[rows], name)
    return tuple(of_each_horizon(reading, made, kind, known))


def outcome_of(reading: Reading) -> Floats:
    """(n,) y. Raises InputError where a table has none, or rows without."""
    if reading.y is None:
        names = list(reading.models)
        likely = next((name for name in names if name.lower() in ("close", "price", "adj close", "value")), names[0])
        mend = f'name it, columns="y={likely}", or give the prices beside it (actual)'
        raise InputError(f"no column 'y' (outcomes): {mend}", option="columns")
    for name, values in (("y", reading.y), ("naive", reading.naive), ("close", reading.close)):
        missing = np.flatnonzero(~np.isfinite(values)) if values is not None else np.empty(0, int)
        if len(missing):
            day = np.datetime_as_string(reading.ds[missing[0]], unit="D")
            raise InputError(f"{name} is missing in {len(missing)} rows, the first on {day}: remove those rows")
    return reading.y


def matched(reading: Reading, actual: Reading) -> NDArray[np.int64]:
    """(m,) the codes of the outcomes' series among the table's; -1 for others. One series matches whatever its name."""
    if len(actual.symbols) <= 1 and len(reading.symbols) <= 1:
        return np.zeros(len(actual), np.int64)
    place = {name: k for k, name in enumerate(reading.symbols)}
    return np.array([place.get(name, -1) for name in actual.symbols], np.int64)[actual.symbol]


def with_outcomes(reading: Reading, actual: Reading | None) -> Reading:
    """The table with y from the outcomes where it has none. Raises InputError where most rows find none."""
    if actual is None or actual.y is None:
        return reading
    code = matched(reading, actual)
    known = history((code[code >= 0], actual.ds[code >= 0], actual.y[code >= 0]))
    found = known.value(reading.symbol, reading.ds)
    y = found if reading.y is None else np.where(np.isfinite(reading.y), reading.y, found)
    missing = ~np.isfinite(y)
    if missing.mean() > 0.5:
        first = np.datetime_as_string(reading.ds[int(missing.argmax())], unit="D")
        raise InputError(
            f"actual has no value for {int(missing.sum())} of {len(y)} rows, the first on {first}: are dates and "
            "symbols the same?", option="actual",
        )  # fmt: skip
    if not missing.any():
        return replace(reading, y=y)
    said = (*reading.said, f"{int(missing.sum())} rows without an outcome are left out")
    return replace(taken(reading, ~missing), y=y[~missing], said=said)


def taken(reading: Reading, rows: NDArray[Any]) -> Reading:
    """The table's rows at these positions, or where the mask is true."""
    names = ("ds", "symbol", "y", "naive", "close", "cutoff", "start", "fold", "horizon")
    cut: dict[str, Any] = {
        name: None if getattr(reading, name) is None else getattr(reading, name)[rows] for name in names
    }
    return replace(
        reading, **cut, models={name: f[rows] for name, f in reading.models.items()},
        quantiles={name: {k: q[rows] for k, q in own.items()} for name, own in reading.quantiles.items()},
    )  # fmt: skip


def refuse_disorder(reading: Reading) -> None:
    """Raise InputError unless ds are dates and every symbol's ascend without repeats."""
    if not reading.dated:
        raise InputError("ds holds numbers, not dates: write dates as YYYY-MM-DD, or add the column cutoff")
    key = keys(reading.symbol, reading.ds)
    order = np.argsort(key, kind="stable")
    twice = np.flatnonzero(np.diff(key[order]) == 0)
    if len(twice):
        before, row = order[twice[0]], order[twice[0] + 1]
        alike = all(f[row] == f[before] for f in reading.models.values())
        mend = "keep one row per date, frame.drop_duplicates()"
        if not alike:
            mend = (
                "its forecasts differ: of several horizons or origins? Add cutoff or horizon, or keep one row per date"
            )
        raise InputError(f"{date_of(reading, row)} appears twice: {mend}", option="columns")
    by_series = np.argsort(reading.symbol, kind="stable")
    back = (np.diff(reading.symbol[by_series]) == 0) & (np.diff(reading.ds[by_series]).astype(np.int64) < 0)
    if back.any():
        row = by_series[int(back.argmax()) + 1]
        raise InputError(
            f'{date_of(reading, row)} comes after a later date: sort the rows by ds, frame.sort_values("ds")'
        )


def date_of(reading: Reading, row: int) -> str:
    """A row's date and series, in words."""
    whose = f" of {reading.symbols[reading.symbol[row]]}" if reading.symbols else ""
    return f"ds {np.datetime_as_string(reading.ds[row], unit='D')}{whose}"


def of_one_horizon(reading: Reading, horizon: int, kind: str, known: History) -> CheckedTable:
    """A table whose rows are all `horizon` ahead, one per date."""
    order = np.lexsort((reading.symbol, reading.ds))
    reading = taken(reading, order)
    y = outcome_of(reading)
    outcomes = Outcomes(reading.symbols, reading.symbol, reading.ds, y)
    given = {name: one for name in ("naive", "close") if (one := getattr(reading, name)) is not None}
    given |= {
        name: reading.models[name] for name in ("last_value", "mean_20", "expanding_mean") if name in reading.models
    }
    findings: tuple[Finding, ...] = ()
    if kind == "price":
        for name, rows in outcomes.series():
            refuse_mixture({label: f[rows] for label, f in {**given, **reading.models}.items()}, y[rows], name)
    if kind == "variance":
        benchmarks = rivals_of_variance(outcomes, given, horizon)
    elif kind == "return":
        for name, rows in outcomes.series():
            refuse_scaled(y[rows], f" of {name}" if name else "")
        benchmarks = {"naive": given.get("naive", np.zeros(len(y)))}
    else:
        label = next(iter(given), None)
        benchmarks = {"naive": given[label] if label in ("naive", "close") else previous_value(outcomes, horizon)}
        if label in ("naive", "close"):
            findings = tuple(suspects.of_naive(outcomes, label, given[label], horizon))
        findings += tuple(suspects.of_models(outcomes, reading.models, horizon))
    findings += tuple(suspects.of_units(y, {**reading.models, **benchmarks}, kind)) if kind != "variance" else ()
    return CheckedTable(
        symbols=reading.symbols, symbol=reading.symbol, ds=reading.ds, origin=reading.ds, dated=reading.dated,
        horizon=horizon, overlap=horizon, y=y, benchmarks=benchmarks, close=reading.close,
        models={name: f for name, f in reading.models.items() if name not in benchmarks},
        quantiles=reading.quantiles, findings=findings, said=reading.said, kind=kind,
    )  # fmt: skip


def one_row_per_date(reading: Reading) -> Outcomes:
    """The outcomes of a table in which a date stands several times, once each."""
    y = outcome_of(reading)
    order = np.lexsort((reading.symbol, reading.ds))
    symbol, ds = reading.symbol[order], reading.ds[order]
    first = np.append(True, (np.diff(ds).astype(np.int64) != 0) | (np.diff(symbol) != 0))
    return Outcomes(reading.symbols, symbol[first], ds[first], y[order][first])


def of_each_horizon(reading: Reading, made: Origins, kind: str, known: History) -> Iterator[CheckedTable]:
    """A table per horizon of rows whose origins are known, the nearest first."""
    if kind == "variance":
        raise InputError("variances are judged at one horizon: leave out cutoff, and give horizon=", option="y")
    naive = np.zeros(len(reading)) if kind == "return" else made.last
    naive = next(
        (one for one in (reading.naive, None if kind == "return" else reading.close) if one is not None), naive
    )
    if not np.isfinite(naive).any():
        raise InputError(
            f"the last price before each cutoff is not in the table: give the prices beside it (actual), or {ASK}",
            option="actual",
        )
    outcomes = one_row_per_date(reading)
    for name, rows in outcomes.series():
        refuse_scaled(outcomes.y[rows], f" of {name}" if name else "")
    said = (*reading.said, *made.said)
    if unknown := int((~np.isfinite(naive)).sum()):
        text = (
            f"{unknown:,} of {len(naive):,} rows are left out: the last price before their cutoff is not in the table"
        )
        said = (*said, f"{text} (actual supplies it)")
    findings = tuple(suspects.of_units(outcome_of(reading), {**reading.models, "naive": naive}, kind))
    if kind == "price":
        older = {k: known.last(reading.symbol, made.cutoff, k) for k in range(1, 5)}
        findings += tuple(suspects.of_older_prices(reading.models, older, made.last))
    for h in np.unique(made.horizon[np.isfinite(naive)]):
        rows = np.flatnonzero(made.horizon == h)
        rows = rows[np.lexsort((reading.symbol[rows], reading.ds[rows]))]
        own = taken(reading, rows)
        yield CheckedTable(
            symbols=own.symbols, symbol=own.symbol, ds=own.ds, origin=made.cutoff[rows], dated=own.dated,
            horizon=int(h), overlap=overlap(made.cutoff[rows], own.ds), y=outcome_of(own),
            benchmarks={"naive": naive[rows]}, close=naive[rows] if own.close is None else own.close,
            models=own.models, quantiles=own.quantiles, findings=findings, said=said, kind=kind,
        )  # fmt: skip

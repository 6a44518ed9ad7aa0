"""The nouns: what flows through `beatnaive.study.pipeline.run_study`. Data only: verbs live in their folders.

Shapes: n rows (a symbol's session), p features, m models, s seeds. Arrays are read-only.
Instants are UTC (`datetime64[s]`), sessions are the exchange's own dates (`datetime64[D]`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from beatnaive.core import notebook_html
from beatnaive.core.arrays import (
    BARS,
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    VOLUME,
    Bools,
    Floats,
    Instants,
    Ints,
    as_slice,
    freeze,
    places,
)
from beatnaive.core.inputs import Inputs
from beatnaive.core.samples import WARMUP, Fold, Samples, Target

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)
OF_QUANTILES = ("pinball", "crps", "winkler")
"""Losses of a whole distribution, in the unit of the target."""
NO_SQUARES = ("absolute", "qlike", *OF_QUANTILES)
"""Losses whose mean has no root: percentages are of the mean itself."""

Progress: TypeAlias = Callable[[int, int, str], None]
"""Told (pieces done, pieces in all, what was done); a stage that cannot count its pieces has 0 in all."""


@dataclass(frozen=True)
class Provenance:
    """Where prices came from. `retrieved` is an ISO instant (UTC), `sha256` that of the bytes or arrays read."""

    source: str
    sha256: str
    retrieved: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Prices:
    """One symbol's daily bars, adjusted as of a date; NaN where the source has no such column.

    sessions (n,) dates of the exchange; closes_at (n,) UTC instants of the closes; bars (n, 5) open, high,
    low, close (currency) and volume (shares); dividends (n,) per share on the ex-date, 0 = none;
    splits (n,) new shares per old on the ex-date, 1 = none; filled (n,) rows that a declared fill invented.
    `as_of` is the last date whose dividends and splits are applied; None = as traded. adjusted (n,) the source's own
    adjusted close, kept only so that quality can compare it with ours; None where the source has none.
    """

    symbol: str
    sessions: Instants
    closes_at: Instants
    bars: Floats
    dividends: Floats
    splits: Floats
    filled: Bools
    calendar: str
    provenance: Provenance
    as_of: np.datetime64 | None = None
    adjusted: Floats | None = None

    def __post_init__(self) -> None:
        freeze(self.sessions, self.closes_at, self.bars, self.dividends, self.splits, self.filled)
        if self.adjusted is not None:
            freeze(self.adjusted)

    def __len__(self) -> int:
        return len(self.sessions)

    def __repr__(self) -> str:
        span = f"{self.sessions[0]} to {self.sessions[-1]}" if len(self) else "no sessions"
        return f"<Prices of {self.symbol}: {len(self):,} sessions, {span}, {self.calendar}>"

    def _repr_html_(self) -> str:
        rows = [[str(self.sessions[k]), f"{self.bars[k, CLOSE]:.2f}"] for k in (0, -1) if len(self)]
        return notebook_html.page(repr(self).strip("<>"), ("session", "close"), rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The bar columns that the source has at all."""
        return tuple(name for k, name in enumerate(BARS) if np.isfinite(self.bars[:, k]).any())

    def take(self, rows: NDArray[Any] | slice) -> Prices:
        """The same prices at these rows only."""
        names = ("sessions", "closes_at", "bars", "dividends", "splits", "filled")
        adjusted = None if self.adjusted is None else self.adjusted[rows]
        return replace(self, adjusted=adjusted, **{name: getattr(self, name)[rows] for name in names})


Severity: TypeAlias = Literal["note", "doubt", "fatal"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something a user should know about the data: what, which symbol, when, how often, how to mend it."""

    severity: Severity
    kind: str
    symbol: str
    message: str
    mend: str
    count: int = 1
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Forecast:
    """mean (k,) in the target's unit; quantiles (k, len(LEVELS)) or None where not stated."""

    mean: Floats
    quantiles: Floats | None = None


@dataclass(frozen=True)
class Fit:
    """What happened in a fit. history: "loss" and, where there is one, "val_loss", per epoch."""

    parameters: int = 0
    windows: int = 0
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    best_epoch: int | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()


class Fitted(Protocol):
    """A trained model: immutable, and free of the training data."""

    @property
    def facts(self) -> Fit: ...

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """Forecasts for `rows`, from inputs with origin <= the row's own, independent of the other rows asked for."""
        ...

    def save(self, folder: Path) -> None:
        """Write everything needed to forecast again into an existing folder; no pickle."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """A recipe: a frozen dataclass of options; `fit` returns a new object, `load` is the inverse of `Fitted.save`."""

    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted: ...

    def load(self, folder: Path) -> Fitted: ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Track:
    """One model's out-of-sample forecasts. rows (k,) positions in the inputs, fold (k,) numbers;
    `forecast` is the mean over seeds, `seeds` a forecast per seed (-1 = deterministic), `facts` per (fold, seed);
    `failure` says why the model is invalid, else None."""

    model: str
    rows: Ints
    fold: NDArray[np.int32]
    forecast: Forecast
    seeds: Mapping[int, Forecast]
    facts: Mapping[tuple[int, int], Fit]
    failure: str | None = None

    @property
    def scored(self) -> Ints | slice:
        """Which of its forecasts are scored: all but those of the warm-up; a slice, which copies nothing, if it can."""
        return as_slice(places(self.fold != WARMUP))


@dataclass(frozen=True, eq=False, kw_only=True)
class Losses:
    """Pointwise losses on the rows that all valid models share, before any aggregation.

    symbols names; symbol (n,) codes; session (n,) and origin (n,) of the forecast's start; y (n,) outcomes in the
    target's unit; close (n,) at the origin; forecast, loss {model: (n,)}; seed_loss {model: (s, n)}, stochastic
    models only; scale (n,) each row's divisor that makes symbols comparable (training variance); benchmarks = the
    models that "better" must beat; invalid {model: reason}; quantiles {model: (n, len(LEVELS))} where the loss is of
    quantiles, else empty.
    """

    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    session: Instants
    origin: Instants
    horizon: int
    y: Floats
    close: Floats
    forecast: Mapping[str, Floats]
    loss: Mapping[str, Floats]
    seed_loss: Mapping[str, Floats]
    scale: Floats
    benchmarks: tuple[str, ...]
    loss_name: str
    invalid: Mapping[str, str] = field(default_factory=dict)
    quantiles: Mapping[str, Floats] = field(default_factory=dict)
    expanding: Floats | None = None

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one test says: its null hypothesis, statistic, p-value, sample size, and a sentence a person understands."""

    test: str
    model: str
    null: str
    statistic: float | None
    p_value: float | None
    n: int
    words: str
    details: Mapping[str, Any] = field(default_factory=dict)


class ForecastTable(Protocol):
    """forecasts.parquet, which a panel has no memory for as one frame."""

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Its rows, some at a time, in their order: symbol and model as categories, dates as instants.

        columns: those that are asked for, None = all.
        """
        ...

    def whole(self) -> pd.DataFrame:
        """All rows."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class RunData:
    """A finished run as its folder tells it: everything that charts and reports are made from.

    study: the complete study, parsed; table, scores, timings: the tables of the contract; verdict: verdict.json;
    fits: one dict per (model, fold, seed) with the fields of `Fit`; record: run.json.
    """

    folder: Path
    study: Mapping[str, Any]
    findings: tuple[Finding, ...]
    table: ForecastTable
    scores: pd.DataFrame
    timings: pd.DataFrame
    verdict: Mapping[str, Any]
    fits: tuple[Mapping[str, Any], ...]
    record: Mapping[str, Any]

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """All of `table`, which is as much memory as it takes: charts and report go through its parts."""
        return self.table.whole()


__all__ = [
    "BARS",
    "CLOSE",
    "HIGH",
    "LEVELS",
    "LOW",
    "NO_SQUARES",
    "OF_QUANTILES",
    "OPEN",
    "VOLUME",
    "WARMUP",
    "Bools",
    "Evidence",
    "Finding",
    "Fit",
    "Fitted",
    "Floats",
    "Fold",
    "Forecast",
    "ForecastTable",
    "Forecaster",
    "Inputs",
    "Instants",
    "Ints",
    "Losses",
    "Prices",
    "Progress",
    "Provenance",
    "RunData",
    "Samples",
    "Severity",
    "Target",
    "Track",
]

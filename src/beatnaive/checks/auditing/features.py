"""Audit of feature functions: change the future, and see which values of the past move."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.checks.auditing.findings import Experiment, Sighting, experiment, sighting
from beatnaive.checks.base import difference, spread_of
from beatnaive.checks.markets import FUTURES, Future, index_frame, shuffled, walk_frame, with_future, with_gaps
from beatnaive.core.types import Bools, Floats
from beatnaive.features import FeatureSet
from beatnaive.features.base import PUBLISHED_ON, evaluate, published_late

if TYPE_CHECKING:
    import pandas as pd

ROWS = 1500
SECONDS = 15.0
"""Time after which an experiment stops trying further cut points."""
TOLERANCE = 1e-9
FORESIGHT = 7.0
"""t value of the correlation with the next return above which a column knows it; levels of prices reach about 3."""
CYCLE = 28 * 365 + 7
"""Days after which weekdays, months and leap years repeat."""
REFUSALS = (ValueError, TypeError, KeyError, IndexError, ArithmeticError)
"""What functions raise on data they were not written for."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A feature function, the market it is tried on, its values there, and how long one call takes."""

    features: FeatureSet
    frame: pd.DataFrame
    table: pd.DataFrame
    seconds: float

    @classmethod
    def of(cls, features: FeatureSet, frame: pd.DataFrame) -> Subject:
        """Call the function once."""
        start = time.perf_counter()
        table = evaluate(features, frame)
        return cls(features, frame, table, time.perf_counter() - start)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.table.columns]

    def cuts(self, first: int, most: int) -> list[int]:
        """Cut points from `first` to the last session but one: as many as the time allows, at least eight."""
        count = int(np.clip(SECONDS / max(self.seconds, 1e-6), 8, most))
        return [int(cut) for cut in np.unique(np.linspace(first, len(self.frame) - 1, count).round())]

    def values(self, frame: pd.DataFrame) -> Floats:
        """(n, p) values on another market, in this one's columns; a column that vanishes is NaN."""
        table = evaluate(self.features, frame).reindex(columns=self.table.columns)
        return np.asarray(table.to_numpy(np.float64))

    def attempt(self, frame: pd.DataFrame) -> Floats | None:
        """The same, None where the function refuses the market: too short for it, or too odd."""
        try:
            return self.values(frame)
        except REFUSALS:
            return None


def audit_features(features: FeatureSet) -> tuple[Experiment, ...]:
    """All experiments on a feature function."""
    frame = index_frame(ROWS)
    published, features = _published(features, frame)
    subject = Subject.of(features, frame)
    # what was known before a cut must stay when the sessions after it are cut off, and when they are others
    cut_off, replaced = Changes(subject), Changes(subject)
    for cut in subject.cuts(len(frame) // 4, 40):
        cut_off.compare(subject.attempt(frame.iloc[:cut]), cut)
    for k, cut in enumerate([2, 5, 9, 14, 19, 29, 49, 99, *subject.cuts(120, 40)]):
        replaced.compare(subject.attempt(with_future(frame, cut, FUTURES[k % len(FUTURES)])), cut)
    return (
        cut_off.experiment("truncate the future", "when later sessions are cut off"),
        replaced.experiment("perturb the future", "when later sessions are others"),
        _with_gaps(subject),
        _foresight(subject, frame, "foresight"),
        _foresight(subject, shuffled(frame, seed=1), "shuffle the labels"),
        _foresight(subject, walk_frame(ROWS, seed=1), "pure noise"),
        published if published else _other_dates(subject),
    )


def _with_gaps(subject: Subject) -> Experiment:
    """The same on a market with runs of missing sessions, cut inside the runs."""
    frame, inside = with_gaps(subject.frame, first=320)
    try:
        holed = Subject.of(subject.features, frame)
    except REFUSALS as error:
        return Experiment("gaps", 1, "not possible", f"the function does not take missing bars: {type(error).__name__}")
    seen = Changes(holed)
    futures: tuple[Future, ...] = ("up", "down")
    for k, cut in enumerate(inside[:12]):
        seen.compare(holed.attempt(with_future(frame, cut, futures[k % 2])), cut)
    return seen.experiment("gaps", "inside a gap when the sessions after it are others")


class Changes:
    """Collects which cells moved, over many cut points."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.values = subject.table.to_numpy(np.float64)
        self.spread = spread_of(self.values)
        self.changed: Bools = np.zeros(self.values.shape, bool)
        self.size: Floats = np.zeros(self.values.shape[1])
        self.reach = np.zeros(self.values.shape[1], int)
        self.tried = self.refused = 0

    def compare(self, other: Floats | None, cut: int) -> None:
        """Record what moved before `cut`, and how far before it; None = the function refused."""
        self.tried += 1
        if other is None:
            self.refused += 1
            return
        found = difference(self.values[:cut], other[:cut], tolerance=TOLERANCE, spread=self.spread)
        self.changed[:cut] |= found.changed
        self.size = np.maximum(self.size, found.size)
        first = np.where(found.changed.any(axis=0), found.changed.argmax(axis=0), cut)
        self.reach = np.maximum(self.reach, cut - first)

    def experiment(self, test: str, when: str) -> Experiment:
        """What all comparisons came to: a sighting per column that moved, the worst first."""
        if self.refused == self.tried:
            return Experiment(test, self.tried, "not possible", "the function refuses every such market")
        points = self.tried - self.refused
        refused = f", at {self.refused} more the function refuses" if self.refused else ""
        seen = []
        for column in np.argsort(-self.size, kind="stable").tolist():
            if not self.changed[:, column].any():
                continue
            rows, name = dates(self.subject.frame, self.changed[:, column]), self.subject.columns[column]
            size, reach = float(self.size[column]), int(self.reach[column])
            by = f"by up to {size:.2g} standard deviations" if np.isfinite(size) else "from a value to none, or back"
            span = "session" if reach == 1 else f"{reach} sessions"
            words = f"{name} changes {when}: {len(rows)} rows, {by}, up to the last {span} before the change"
            seen.append(sighting(test, name, rows, size, words))
        return experiment(test, self.tried, seen, f"nothing changes at {points} points{refused}")


def dates(frame: pd.DataFrame, rows: Bools) -> list[str]:
    """ISO dates of the rows."""
    return [f"{day:%Y-%m-%d}" for day in frame.index[rows]]


def _foresight(subject: Subject, frame: pd.DataFrame, test: str) -> Experiment:
    """No column may be correlated with the next session's return as only a copy of it can be."""
    values = subject.values(frame)
    outcome = np.append(np.diff(np.log(frame["Close"].to_numpy(np.float64))), np.nan)
    found = []
    for k, name in enumerate(subject.columns):
        level = foresight(values[:, k], outcome)
        change = foresight(np.diff(values[:, k], prepend=np.nan), outcome)  # tomorrow's price shows here
        t, n = max(level, change, key=lambda found: abs(found[0]))
        if abs(t) > FORESIGHT:
            words = f"{name} is correlated with the next session's return, t = {t:.1f} over {n} rows"
            found.append(sighting(test, name, dates(frame, np.isfinite(values[:, k])), t, words))
    market = {"foresight": "the index", "shuffle the labels": "shuffled returns", "pure noise": "a random walk"}[test]
    return experiment(test, 1, found, f"no column knows the next return of {market}")


def foresight(forecast: Floats, outcome: Floats) -> tuple[float, int]:
    """t value of the correlation between two series, and the number of rows; 0 where there is nothing to correlate.

    >>> foresight(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, np.nan]))
    (0.0, 2)
    """
    both = np.isfinite(forecast) & np.isfinite(outcome)
    n = int(both.sum())
    x, y = forecast[both], outcome[both]
    if n < 30 or x.std() <= 1e-12 * np.abs(x).max() or y.std() == 0:
        return 0.0, n
    r = float(np.corrcoef(x, y)[0, 1])
    return r * float(np.sqrt((n - 2) / max(1 - r * r, 1e-12))), n


def _published(features: FeatureSet, frame: pd.DataFrame) -> tuple[Experiment | None, FeatureSet]:
    """The dates of publication that the function states, checked; and the function without that column."""
    import pandas as pd

    table = features.compute(frame.copy(deep=True))
    if not isinstance(table, pd.DataFrame) or PUBLISHED_ON not in table:
        return None, features
    late = published_late(table)
    rows = dates(table, late)
    found = []
    if rows:
        gap = (pd.to_datetime(table[PUBLISHED_ON]) - table.index.to_series())[late].max().days
        words = f"{len(rows)} rows use values published later, by up to {gap} days"
        found.append(sighting("published", "the joined table", rows, float(gap), words))
    inner = features.compute
    bare = replace(features, compute=lambda bars: inner(bars).drop(columns=PUBLISHED_ON))
    return experiment("published", 1, found, "every row uses what was published by its own date"), bare


def _other_dates(subject: Subject) -> Experiment:
    """The same bars 28 years later, where weekdays repeat: whatever changes comes from elsewhere, joined by date."""
    import pandas as pd

    moved = subject.frame.copy()
    moved.index = subject.frame.index + pd.Timedelta(days=CYCLE)
    try:
        other = subject.values(moved)
    except REFUSALS as error:
        seen = [_joined("the function", subject, np.ones(len(moved), bool), f"fails ({type(error).__name__})")]
        return experiment("other dates", 1, seen, "", doubt=True)
    seen = []
    for k, name in enumerate(subject.columns):
        values = subject.table[subject.table.columns[k]].to_numpy(np.float64)
        rows = difference(values[:, None], other[:, k : k + 1], tolerance=TOLERANCE).changed[:, 0]
        shift = (other[:, k] - values)[np.isfinite(values)]
        # the year itself shifts by a constant; moving holidays change few rows
        constant = len(shift) > 0 and np.isfinite(shift).all() and np.ptp(shift) < 1e-9 * max(1.0, np.abs(shift).max())
        if not constant and rows.mean() >= 0.2:
            seen.append(_joined(name, subject, rows, "changes"))
    return experiment("other dates", 1, seen, "no value is joined by date", doubt=True)


def _joined(name: str, subject: Subject, rows: Bools, how: str) -> Sighting:
    words = (
        f"{name} {how} when the same bars carry other dates: a table is joined by date, and without a column "
        f"'{PUBLISHED_ON}' nobody can tell when its values came out"
    )
    return sighting("other dates", name, dates(subject.frame, rows), None, words)

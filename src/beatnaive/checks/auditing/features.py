"""Audit of feature functions: change the future, and see which values of the past move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.checks.auditing.answers import Form, as_table
from beatnaive.checks.auditing.changes import Changes, dates
from beatnaive.checks.auditing.cuts import Clock, few_valued, ordered, reach
from beatnaive.checks.auditing.findings import Experiment, experiment, sighting
from beatnaive.checks.auditing.foresight import foresight
from beatnaive.checks.auditing.joined import other_dates, published
from beatnaive.checks.base import difference, spread_of
from beatnaive.checks.markets import (
    FUTURES,
    Future,
    close_of,
    index_frame,
    shuffled,
    walk_frame,
    with_future,
    with_gaps,
)
from beatnaive.core.types import Bools, Floats, Progress
from beatnaive.releases.beside import PUBLISHED_ON

if TYPE_CHECKING:
    import pandas as pd

ROWS = 1500
SECONDS = 12.0
"""What an audit of a feature function may take, by the clock; a very slow function is called a dozen times anyway."""
CHOSEN = 1 / 3
"""Every third cut lies behind a row where a column behaves unusually: see `cuts.ordered`."""
FORESIGHT = 7.0
"""t value of the correlation with the next return above which a column knows it; levels of prices reach about 3."""
REFUSALS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError)
"""What functions raise on data they were not written for."""
FORGOTTEN = 1e-6
"""A value depends on where the data starts when it moves by more than this many standard deviations."""


@dataclass(frozen=True)
class Found:
    """What all experiments on one object came to: see `AuditReport`."""

    experiments: tuple[Experiment, ...]
    reach: int | None = None
    warm_up: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Subject:
    """A function of bars, the market it is tried on, its values there, and how far two equal calls lie apart (p,)."""

    form: Form
    frame: pd.DataFrame
    table: pd.DataFrame
    noise: Floats

    @classmethod
    def of(cls, form: Form, frame: pd.DataFrame) -> Subject:
        """Call the function twice, unchanged."""
        table, again = form.table(frame), form.table(frame)
        again = again.reindex(columns=table.columns)
        return cls(form, frame, table, difference(table.to_numpy(), again.to_numpy(), tolerance=0.0).size)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.table.columns]

    def values(self, frame: pd.DataFrame) -> Floats:
        """(n, p) values on another market, in this one's columns; a column that vanishes is NaN."""
        return np.asarray(self.form.table(frame).reindex(columns=self.table.columns).to_numpy(np.float64))

    def attempt(self, frame: pd.DataFrame) -> Floats | None:
        """The same, None where the function refuses the market: too short for it, or too odd."""
        try:
            return self.values(frame)
        except REFUSALS:
            return None

    def changes(self) -> Changes:
        """Nothing has moved yet."""
        return Changes(self.frame, self.table, self.noise)


def audit_features(
    function: Callable[[pd.DataFrame], Any], *, market: pd.DataFrame | None = None, seconds: float | None = None,
    first: int = 1, scheduled: frozenset[str] = frozenset(), progress: Progress | None = None,
) -> Found:  # fmt: skip
    """All experiments on a function of bars.

    market: the bars, None = the embedded index. seconds: the time to spend. first: the earliest cut point. scheduled:
    columns that may change with the dates.
    """
    frame, clock = index_frame(ROWS) if market is None else market, Clock(seconds or SECONDS)
    form, answer = Form.of(function, frame)
    dated = published(answer, frame)
    if dated is not None:
        whole = Form(function)
        form = Form(lambda bars: whole(bars).drop(columns=PUBLISHED_ON), form.view)
    as_table(answer, frame, str(getattr(function, "__name__", "the function")))
    subject = Subject.of(form, frame)

    def tell() -> None:
        if progress is not None:
            progress(min(int(100 * clock.spent()), 99), 100, "percent of the time")

    # what was known before a cut must stay when the sessions after it are cut off, and when they are others
    bars = frame.select_dtypes("number").to_numpy(np.float64)
    order, cut_off, replaced = ordered(subject.table.to_numpy(), bars, first), subject.changes(), subject.changes()
    gaps, warm = _with_gaps(subject, clock, first), _warm_up(subject, clock) if first == 1 else ({}, 0)
    grid = np.linspace(max(len(frame) // 4, first), len(frame) - 1, 24).astype(int).tolist()
    for k, cut in clock.until(0.4, [*grid, *order[:60]], 4):
        _confirmed(subject, cut_off, frame.iloc[:cut], cut)
        tell()
        if k >= 24 and cut_off.moved.all():
            break  # every column leaks: more cuts tell no more
    tried: set[tuple[int, Future]] = set()
    flags = few_valued(subject.table.to_numpy())
    for k, cut in clock.until(1.0, [*order, *order[: len(order) // (1 if flags else 2)]], 6):
        # a second pass takes the other direction, so that a flag which stayed has its chance
        again = any((cut, one) in tried for one in FUTURES)
        future = FUTURES[2] if k % 12 == 11 and k < 36 else FUTURES[(cut + again) % 2]
        if _confirmed(subject, replaced, with_future(frame, cut, future, seed=int(again)), cut):
            tried.add((cut, future))
        tell()
        if k >= 48 and replaced.moved.all():
            break
    shorter = cut_off.experiment("truncate the future", "when later sessions are cut off")
    others = replaced.experiment("perturb the future", "when later sessions are others")
    known = {one.what: (one.cause, one.repair) for one in (*shorter.sightings, *others.sightings)}
    told = tuple(
        replace(one, cause=known[one.what][0], repair=known[one.what][1]) if one.what in known else one
        for one in gaps.sightings
    )  # a gap tells its own cause only of a column that leaks nowhere else
    experiments = (
        _repeated(subject, cut_off, replaced),
        shorter,
        others,
        replace(gaps, sightings=told),
        _foresight(subject, frame, "foresight"),
        _foresight(subject, shuffled(frame, seed=1) if close_of(frame) is not None else None, "shuffle the labels"),
        _foresight(subject, walk_frame(ROWS, seed=1) if market is None else None, "pure noise"),
        Experiment("warm-up", warm[1], "clean", _in_words(warm[0])) if warm[1] else None,
        dated or other_dates(subject, scheduled),
    )
    # of a flag, which has two states, every second future is what was there anyway
    cuts = len(tried) // 2 if flags else len({cut for cut, _ in tried})
    return Found(tuple(one for one in experiments if one), reach(len(frame) - first, cuts, CHOSEN), warm[0])


def _confirmed(subject: Subject, changes: Changes, frame: pd.DataFrame, cut: int) -> bool:
    """Compare one answer. What moves for the first time must do so again, else it is chance, and allowed then on.

    False where the function refused to answer.
    """
    other = subject.attempt(frame)
    if other is None:
        changes.compare(None, cut)
        return False
    seen = difference(changes.values[:cut], other[:cut], tolerance=changes.allowed, spread=changes.spread)
    if (seen.changed.any(axis=0) & ~changes.moved).any():
        again = subject.attempt(frame)
        noise = np.full(len(changes.allowed), np.inf)
        if again is not None:
            noise = difference(other[:cut], again[:cut], tolerance=0.0, spread=changes.spread).size
        changes.allowed = np.maximum(changes.allowed, 10.0 * noise)
    changes.compare(other, cut)
    return True


def _repeated(subject: Subject, *all_changes: Changes) -> Experiment:
    """A function that answers differently when it is called twice, unchanged, is in doubt, not caught."""
    allowed = np.maximum.reduce([changes.allowed for changes in all_changes])
    seen = []
    for column in np.flatnonzero(allowed > 1e-6).tolist():
        name, size = subject.columns[column], float(allowed[column] / 10.0)
        by = f"by {size:.2g} standard deviations" if np.isfinite(size) else "from a value to none, or back"
        words = f"{name} differs between two equal calls, {by}: seed it, smaller leaks are hidden"
        seen.append(
            sighting("repeat unchanged", name, dates(subject.frame, np.ones(len(subject.frame), bool)), size, words)
        )
    return experiment("repeat unchanged", 2, seen, "two equal calls give equal answers", doubt=True)


def _with_gaps(subject: Subject, clock: Clock, earliest: int) -> Experiment:
    """The same on a market with runs of missing sessions, cut inside the runs."""
    frame, inside = with_gaps(subject.frame, first=min(320, len(subject.frame) // 4))
    try:
        holed = Subject.of(subject.form, frame)
    except REFUSALS as error:
        return Experiment("gaps", 1, "not possible", f"the function does not take missing bars: {type(error).__name__}")
    seen = holed.changes()
    for k, cut in clock.until(0.15, [cut for cut in inside if cut >= earliest][:12]):
        _confirmed(holed, seen, with_future(frame, cut, FUTURES[k % 2]), cut)
    if not seen.tried:
        return Experiment("gaps", 1, "not possible", "too few sessions for gaps")
    return seen.experiment("gaps", "inside a gap when the sessions after it are others")


def _warm_up(subject: Subject, clock: Clock) -> tuple[dict[str, int | None], int]:
    """Per column, the rows until a value no longer depends on where the data starts; and the calls it took."""
    values, n = subject.table.to_numpy(np.float64), len(subject.frame)
    spread = spread_of(values)
    allowed: Floats = FORGOTTEN + 10.0 * subject.noise
    longest, calls = np.zeros(values.shape[1], int), 0
    for _, start in clock.until(0.25, (n // 3, n // 7, n // 2, 1, n // 4)):
        other = subject.attempt(subject.frame.iloc[start:])
        if other is not None:
            calls += 1
            moved: Bools = difference(values[start:], other, tolerance=allowed, spread=spread).changed
            rows = np.where(moved.any(axis=0), len(moved) - moved[::-1].argmax(axis=0), 0)
            longest = np.maximum(longest, np.where(rows > 0.9 * len(moved), n, rows))
    found = {name: None if rows >= n else int(rows) for name, rows in zip(subject.columns, longest, strict=True)}
    return (found, calls) if calls else ({}, 0)


def _in_words(warm: Mapping[str, int | None]) -> str:
    known = {name: rows for name, rows in warm.items() if rows is not None}
    never = [name for name in warm if name not in known]
    words = []
    if known:
        slowest = max(known, key=lambda name: known[name])
        words.append(f"values settle within {known[slowest]} rows ({slowest} is the slowest)")
    if never:
        more = f" and {len(never) - 3} more" if len(never) > 3 else ""
        words.append(f"always dependent on the first row: {', '.join(never[:3])}{more}")
    return "; ".join(words)


def _foresight(subject: Subject, frame: pd.DataFrame | None, test: str) -> Experiment | None:
    """No column may be correlated with the next session's return as only a copy of it can be."""
    close = None if frame is None else close_of(frame)
    if frame is None or close is None:
        return None
    values = subject.attempt(frame)
    if values is None:
        return Experiment(test, 1, "not possible", "the function refuses this market")
    with np.errstate(divide="ignore", invalid="ignore"):
        outcome = np.append(np.diff(np.log(close)), np.nan)
    found = []
    for k, name in enumerate(subject.columns):
        level = foresight(values[:, k], outcome)
        change = foresight(np.diff(values[:, k], prepend=np.nan), outcome)  # tomorrow's price shows here
        t, n = max(level, change, key=lambda found: abs(found[0]))
        if abs(t) > FORESIGHT:
            words = f"{name} is correlated with the next session's return, t = {t:.1f} over {n} rows"
            found.append(sighting(test, name, dates(frame, np.isfinite(values[:, k])), t, words))
    what = {"foresight": "the index", "shuffle the labels": "shuffled returns", "pure noise": "a random walk"}[test]
    return experiment(test, 1, found, f"no column knows the next return of {what}")

"""Which cells of the past moved, over many cut points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.checks.auditing.causes import Pattern, of_feature
from beatnaive.checks.auditing.findings import Experiment, LastSession, experiment, finite, sighting
from beatnaive.checks.base import difference, spread_of
from beatnaive.core.types import Bools, Floats

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-9


class Changes:
    """Collects what moved before each cut, column by column. values (n, p); noise (p,): how far two calls lie apart."""

    def __init__(self, frame: pd.DataFrame, table: pd.DataFrame, noise: Floats | None = None) -> None:
        self.frame, self.columns = frame, [str(name) for name in table.columns]
        self.values = table.to_numpy(np.float64)
        self.spread = spread_of(self.values)
        p = self.values.shape[1]
        self.allowed: Floats = TOLERANCE + 10.0 * (np.zeros(p) if noise is None else noise)
        self.changed: Bools = np.zeros(self.values.shape, bool)
        self.size: Floats = np.zeros(p)
        self.found: list[tuple[int, Floats, Floats, Floats]] = []
        """Per cut: how many rows moved, the first and the last of them, by column."""
        self.known = np.vstack([np.zeros((1, p), int), np.isfinite(self.values).cumsum(axis=0)])
        self.last: dict[int, tuple[int, float, float]] = {}
        self.last_points = np.zeros(p, int)
        self.tried = self.refused = 0

    @property
    def moved(self) -> Bools:
        """(p,) columns in which something moved."""
        return np.asarray(self.changed.any(axis=0))

    def compare(self, other: Floats | None, cut: int) -> Bools:
        """Record what moved before `cut`; None = the function refused. Returns the columns (p,) that moved there."""
        self.tried += 1
        if other is None:
            self.refused += 1
            return np.zeros(len(self.columns), bool)
        seen = difference(self.values[:cut], other[:cut], tolerance=self.allowed, spread=self.spread)
        moved = seen.changed.any(axis=0)
        self.found.append(
            (cut, seen.changed.sum(axis=0), seen.changed.argmax(axis=0), cut - 1 - seen.changed[::-1].argmax(axis=0))
        )
        if moved.any():
            self.changed[:cut] |= seen.changed
            self.size = np.maximum(self.size, seen.size)
            now = np.flatnonzero(seen.changed[cut - 1])
            self.last_points[now] += 1
            for column in now.tolist():
                self.last.setdefault(column, (cut - 1, self.values[cut - 1, column], other[cut - 1, column]))
        return np.asarray(moved)

    def pattern(self, column: int) -> Pattern:
        """What moved in one column, by cut."""
        rows = np.array([(cut, counts[column], first[column], last[column]) for cut, counts, first, last in self.found])
        moved = rows[:, 1] > 0
        cuts, counts, firsts, lasts = rows[moved].T.astype(int)
        return Pattern(cuts, counts, firsts, lasts, self.known[cuts, column], rows[~moved, 0].astype(int))

    def experiment(self, test: str, when: str) -> Experiment:
        """What all comparisons came to: a sighting per column that moved, the worst first."""
        if self.refused == self.tried:
            return Experiment(test, self.tried, "not possible", "the function refuses every such market")
        points = self.tried - self.refused
        refused = f", at {self.refused} more the function refuses" if self.refused else ""
        seen = []
        for column in np.argsort(-self.size, kind="stable").tolist():
            if not self.moved[column]:
                continue
            rows, name = dates(self.frame, self.changed[:, column]), self.columns[column]
            pattern = self.pattern(column)
            size, reach = float(self.size[column]), pattern.reach
            by = f"by up to {size:.2g} standard deviations" if np.isfinite(size) else "from a value to none, or back"
            span = "session" if reach == 1 else f"{reach} sessions"
            words = f"{name} changes {when}: {len(rows)} rows, {by}, up to the last {span} before the change"
            seen.append(
                sighting(
                    test,
                    name,
                    rows,
                    size,
                    words,
                    advice=of_feature(test, pattern, self.frame.index),
                    possible=int(self.known[-1, column]),
                    reach=reach,
                    last=self._last(column),
                )
            )
        return experiment(test, self.tried, seen, f"nothing changes at {points} points{refused}")

    def _last(self, column: int) -> LastSession | None:
        if column not in self.last:
            return None
        row, value, otherwise = self.last[column]
        return LastSession(
            session=dates(self.frame, np.array([row]))[0], value=finite(value), otherwise=finite(otherwise),
            points=int(self.last_points[column]), of=self.tried - self.refused,
        )  # fmt: skip


def dates(frame: pd.DataFrame, rows: Any) -> list[str]:
    """ISO dates of the rows, with the time of day where bars have one."""
    index: Any = frame.index
    days, daily = index[rows], bool((index == index.normalize()).all())
    return [f"{day:%Y-%m-%d}" if daily else f"{day:%Y-%m-%d %H:%M}" for day in days]

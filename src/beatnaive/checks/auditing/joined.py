"""Values that come from elsewhere, joined by date: when did they come out?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from beatnaive.checks.auditing.changes import TOLERANCE, dates
from beatnaive.checks.auditing.findings import Experiment, Sighting, experiment, sighting
from beatnaive.checks.base import difference
from beatnaive.core.types import Bools, Floats
from beatnaive.features.base import published_late
from beatnaive.releases.beside import PUBLISHED_ON

if TYPE_CHECKING:
    import pandas as pd

CYCLE = 28 * 365 + 7
"""Days after which weekdays, months and leap years repeat."""
REFUSALS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError)


def published(answer: Any, frame: pd.DataFrame) -> Experiment | None:
    """The dates of publication that a function states in its answer, checked; None where it states none."""
    import pandas as pd

    if not isinstance(answer, pd.DataFrame) or PUBLISHED_ON not in answer:
        return None
    late = published_late(answer, str(frame.attrs.get("calendar", "XNYS")))
    rows = dates(answer, late)
    found = []
    if rows:
        stated = pd.to_datetime(answer[PUBLISHED_ON], utc=True).dt.tz_localize(None)
        gap = (stated - answer.index.to_series())[late].max().days
        words = f"{len(rows)} rows use values published later, by up to {gap} days"
        found.append(sighting("published", "the joined table", rows, float(gap), words))
    return experiment("published", 1, found, "every row uses what was published by its own date")


class Tried(Protocol):
    """A function of bars on its market: see `features.Subject`."""

    @property
    def frame(self) -> pd.DataFrame: ...
    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def noise(self) -> Floats: ...

    def values(self, frame: pd.DataFrame) -> Floats:
        """(n, p) its values on another market."""


def other_dates(subject: Tried, scheduled: frozenset[str]) -> Experiment:
    """The same bars 28 years later, where weekdays repeat: whatever changes comes from elsewhere, joined by date."""
    import pandas as pd

    frame, table = subject.frame, subject.table
    moved = frame.copy()
    moved.index = frame.index + pd.Timedelta(days=CYCLE)
    try:
        other = subject.values(moved)
    except REFUSALS as error:
        seen = [_joined("the function", frame, np.ones(len(moved), bool), f"fails ({type(error).__name__})")]
        return experiment("other dates", 1, seen, "", doubt=True)
    seen = []
    for k, name in enumerate(table.columns):
        values = table.iloc[:, k].to_numpy(np.float64)
        allowed = TOLERANCE + 10.0 * float(subject.noise[k])
        rows = difference(values[:, None], other[:, k : k + 1], tolerance=allowed).changed[:, 0]
        shift = (other[:, k] - values)[np.isfinite(values)]
        # the year itself shifts by a constant
        constant = len(shift) > 0 and np.isfinite(shift).all() and np.ptp(shift) < 1e-9 * max(1.0, np.abs(shift).max())
        if rows.any() and not constant and name not in scheduled:
            seen.append(_joined(str(name), frame, rows, f"changes on {int(rows.sum())} rows"))
    return experiment("other dates", 1, seen, "no value is joined by date", doubt=True)


def _joined(name: str, frame: pd.DataFrame, rows: Bools, how: str) -> Sighting:
    words = (
        f"{name} {how} when the same bars carry other dates: a table is joined by date, or dates are written into the "
        f"code, and without a column '{PUBLISHED_ON}' nobody can tell when its values came out"
    )
    return sighting("other dates", name, dates(frame, rows), None, words, possible=len(rows))

"""The calendar that a table's dates follow, and whether a session is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.types import Instants
from beatnaive.prices.calendars import sessions_between

EXCHANGES = ("XNYS", "XLON", "XETR", "XTKS", "XBOM", "XHKG")
CALENDARS = ("days", "weekdays", *EXCHANGES)
ASK = "add a column 'naive' or 'close' (the last price known when the forecast was made)"


class Calendar:
    """The calendar that a file's dates follow: every day, every weekday, or the sessions of an exchange."""

    def __init__(self) -> None:
        self._found: str | None = None

    def check(self, ds: Instants, name: str) -> None:
        """Raise InputError when a session is missing between the first date and the last."""
        days = ds.astype("datetime64[D]")
        of = f" of {name}" if name else ""
        if len(days) > 1 and (np.diff(days).astype(int) == 0).any():
            raise InputError(f"ds{of} has several rows a day, and no calendar tells whether some are missing: {ASK}")
        if len(np.unique(_weekday(days))) < min(5, len(days)):
            raise InputError(f"ds{of} is not daily, and every fifth day looks like a weekly series: {ASK}")
        fits = [self._misfit(code, days) for code in ((self._found,) if self._found else ())]
        for code in CALENDARS if not fits or fits[0].count else ():
            fits.append(self._misfit(code, days))
            if not fits[-1].count:
                break
        best = min(fits, key=lambda fit: fit.count)
        if best.count:
            raise InputError(f"ds{of} {best.words}, so the row before is not the last price: {ASK}")
        self._found = best.code

    @staticmethod
    def _misfit(code: str, days: Instants) -> Misfit:
        if code in EXCHANGES:
            sessions = sessions_between(code, days[0], days[-1])
        else:
            sessions = np.arange(days[0], days[-1] + 1)
            sessions = sessions if code == "days" else sessions[_weekday(sessions) < 5]
        missing = np.setdiff1d(sessions, days, assume_unique=True)
        strange = len(days) - (len(sessions) - len(missing))
        if strange > 0.01 * len(days):
            return Misfit(code, len(days), "follows no calendar that is known here")
        name = f"sessions of {code}" if code in EXCHANGES else code
        first = f", the first {missing[0]}" if len(missing) else ""
        return Misfit(code, len(missing), f"lacks {len(missing)} {name}{first}")


@dataclass(frozen=True)
class Misfit:
    """How many sessions of a calendar a file lacks, and that in words."""

    code: str
    count: int
    words: str


def _weekday(days: Instants) -> NDArray[np.int64]:
    """Monday = 0."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7

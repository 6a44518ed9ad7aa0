"""The kind `news`: headlines with their times, as counts and sentiment per day of publication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.registry import pick
from beatnaive.core.types import Floats, Instants
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases.file import SYMBOL, column_of, read_frame
from beatnaive.releases.join import Transform
from beatnaive.releases.publication import NEW_YORK, published
from beatnaive.releases.table import Releases

Scorer: TypeAlias = Callable[[Sequence[str]], Floats]

SCORERS: dict[str, str] = {
    "vader": "beatnaive.releases.sentiment:vader",
    "lexicon": "beatnaive.releases.sentiment:lexicon",
}
"""Scorers of headlines by name: a row is a name and an import string."""
TIME = ("time", "published", "known_at", "date", "datetime")
HEADLINE = ("headline", "title", "headlines", "text")


@dataclass(frozen=True)
class News:
    """Headlines (CSV, Parquet: time, headline, symbol) as counts, mean and dispersion of sentiment per session.

    A headline belongs to the first session whose close comes at or after it; a date without a time to the next
    session. scorer: vader, lexicon with a `words` file (columns word, score), or module:Name of a function from
    headlines to scores from -1 to 1.
    """

    path: str
    scorer: str = "vader"
    words: str | None = None
    zone: str = NEW_YORK
    calendar: str = "XNYS"
    parts: ClassVar[tuple[str, ...]] = ("_fresh",)
    transform: ClassVar[Transform] = "level"

    def read(self, symbols: Sequence[str]) -> Releases:
        """Three series, count, mean and dispersion, a value per session with headlines. Raises InputError."""
        frame, provenance = read_frame(self.path)
        where = provenance.source
        time = column_of(frame, TIME, where, "when each headline came out")
        headline = column_of(frame, HEADLINE, where, "what the headlines are")
        frame = frame[frame[headline].notna() & frame[time].notna()]
        symbol_column = next((name for name in SYMBOL if name in frame), None)
        if symbol_column is not None:
            frame = frame[frame[symbol_column].fillna("").astype(str).isin(["", *symbols])]
        if not len(frame):
            raise InputError(f"{where} has no headline on {', '.join(symbols[:3])}: leave the symbol or the file out")
        at = published(frame[time].astype(str).tolist(), self.zone, where)
        score = self.scores(frame[headline].astype(str).tolist())
        symbol = np.full(len(frame), "") if symbol_column is None else frame[symbol_column].fillna("").to_numpy(str)
        session, known = self.sessions(at)
        keys = np.rec.fromarrays([symbol, session.astype(np.int64)])
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        dated = np.full(len(first), np.datetime64("9999-12-31", "D"))
        np.minimum.at(dated, group, self.dates(at))  # the date beside a headline, by which tables are merged
        count = np.bincount(group).astype(float)
        mean = np.bincount(group, weights=score) / count
        spread = np.sqrt(np.maximum(np.bincount(group, weights=score**2) / count - mean**2, 0.0))
        n = len(first)
        return Releases.of(
            symbol=np.tile(symbol[first], 3), name=np.repeat(["count", "mean", "dispersion"], n),
            period_end=np.tile(session[first], 3), known_at=np.tile(known[first], 3),
            reference=np.tile(dated, 3), value=np.concatenate([count, mean, spread]),
            provenance=replace(provenance, note=f"{len(frame):,} headlines scored by {self.scorer}"),
        )  # fmt: skip

    def sessions(self, at: Instants) -> tuple[Instants, Instants]:
        """The session that each headline belongs to, the first that closes at or after it, and that close."""
        days = sessions_between(
            self.calendar, at.min().astype("datetime64[D]") - 1, at.max().astype("datetime64[D]") + 15
        )
        instants = closes(self.calendar, days)
        place = np.searchsorted(instants, at)
        return days[place], instants[place]

    def dates(self, at: Instants) -> Instants:
        """(n,) each headline's date in its zone; the end of a day belongs to that day."""
        import pandas as pd

        local = pd.DatetimeIndex(at - np.timedelta64(1, "s")).tz_localize("UTC").tz_convert(self.zone).tz_localize(None)
        return np.asarray(local.to_numpy().astype("datetime64[D]"))

    def scores(self, headlines: Sequence[str]) -> Floats:
        """(n,) sentiment of each headline. Raises InputError for a scorer that does not give a number for each."""
        function = pick(SCORERS, "scorer", self.scorer)
        made = function(headlines, self.words) if self.scorer == "lexicon" else function(headlines)
        scores = np.asarray(made, float)
        if scores.shape != (len(headlines),) or not np.isfinite(scores).all():
            raise InputError(f"the scorer {self.scorer} must give one finite number per headline")
        return scores

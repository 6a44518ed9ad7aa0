"""The kind `fred`: every vintage of a series of FRED, from ALFRED, through `fredapi`, kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from beatnaive.core.errors import InputError, SourceUnreachable
from beatnaive.core.files import cache_folder, write_atomically
from beatnaive.core.types import Instants, Provenance
from beatnaive.releases.join import Transform
from beatnaive.releases.publication import NEW_YORK, at_time, end_of_day
from beatnaive.releases.table import Releases

KEY = "FRED_API_KEY"
SERVER = "https://api.stlouisfed.org/fred"
VINTAGES = 2000
"""Vintages asked for at a time: ALFRED refuses more."""
ROWS = 100_000
"""Rows of an answer; one that is full may have been cut."""
TIMEOUT = 30
LATE = 3652
"""Days between a period and its first vintage beyond which ALFRED did not keep the first publication."""


@dataclass(frozen=True)
class Fred:
    """A series of the Federal Reserve's FRED with all its vintages: what was published when, and each revision.

    series: its name, such as UNRATE. ALFRED keeps the day of a vintage, not the hour: it is known at the next session's
    close, unless `at` declares the hour in New York ("08:30"). The key is read from FRED_API_KEY.
    """

    series: str
    at: str | None = None
    server: str = SERVER
    refresh: bool = False
    parts: ClassVar[tuple[str, ...]] = ("", "_fresh")
    transform: ClassVar[Transform] = "difference"

    def read(self, symbols: Sequence[str]) -> Releases:
        """All vintages; they concern every symbol. Raises InputError, SourceUnreachable."""
        if not re.fullmatch(r"[A-Za-z0-9_]{1,40}", self.series):
            raise InputError(f"{self.series[:40]!r} is not the name of a FRED series: write UNRATE, CPIAUCSL, ...")
        address = hashlib.sha256(self.server.encode()).hexdigest()[:8] if self.server != SERVER else "fred"
        kept = cache_folder() / "fred" / f"{address}-{self.series.upper()}.json"
        if self.refresh or not kept.is_file():
            write_atomically(kept, json.dumps(self.fetch()))
        raw = kept.read_bytes()
        date, known, value = (np.array(part) for part in zip(*json.loads(raw), strict=True))
        first = date.astype("datetime64[D]")
        vintage = known.astype("datetime64[D]")
        note = ""
        late = int(((vintage == vintage.min()) & (vintage - first > np.timedelta64(LATE, "D"))).sum())
        if late:
            note = (
                f"{late} values came out long before ALFRED's first vintage of {vintage.min()}: known from then on only"
            )
        return Releases.of(
            name=self.series, period_end=period_ends(first), value=value.astype(float), reference=first,
            known_at=at_time(vintage, self.at, NEW_YORK) if self.at else end_of_day(vintage),
            provenance=Provenance(f"ALFRED {self.series}", hashlib.sha256(raw).hexdigest(), "", note),
        )  # fmt: skip

    def fetch(self) -> list[tuple[str, str, float]]:
        """(date, vintage, value) of each first publication and each revision, in order of vintages."""
        from fredapi import Fred as Client

        if not os.environ.get(KEY):
            raise InputError(f"FRED needs a key: get one free at fred.stlouisfed.org/docs/api/api_key.html, set {KEY}")
        client = Client()
        client.root_url = self.server
        with answering(self.series):
            vintages = [str(one)[:10] for one in client.get_series_vintage_dates(self.series)]
            parts = [
                row
                for first in range(0, len(vintages), VINTAGES)
                for row in self.between(client, vintages[first : first + VINTAGES])
            ]
        said: dict[str, float] = {}
        rows = []
        for date, vintage, value in sorted(parts, key=lambda row: (row[1], row[0])):
            if said.get(date) != value:  # a later request repeats what stood at its beginning
                said[date] = value
                rows.append((date, vintage, value))
        if not rows:
            raise InputError(f"FRED has no values of {self.series}: check the name at fred.stlouisfed.org")
        return rows

    def between(self, client: Any, vintages: Sequence[str]) -> Iterator[tuple[str, str, float]]:
        """The rows of these vintages, asked for at once, or in halves where the answer may have been cut."""
        frame = client.get_series_all_releases(self.series, realtime_start=vintages[0], realtime_end=vintages[-1])
        if len(frame) >= ROWS and len(vintages) > 1:
            for half in (vintages[: len(vintages) // 2], vintages[len(vintages) // 2 :]):
                yield from self.between(client, half)
            return
        known = set(vintages)
        missing = frame["value"].isna()  # FRED writes a point where there is no value
        frame = frame[~missing.to_numpy(bool)]
        for date, vintage, value in zip(frame["date"], frame["realtime_start"], frame["value"], strict=True):
            if str(vintage)[:10] not in known:  # a server that ignores vintages answers with today's
                raise SourceUnreachable(
                    f"ALFRED answered for {self.series} with a vintage of {str(vintage)[:10]}, which it does not list: "
                    "these would be today's values, not those of then"
                )
            yield str(date)[:10], str(vintage)[:10], float(value)


@contextmanager
def answering(series: str) -> Iterator[None]:
    """A time limit for the library, which has none, and its errors as ours; no message holds the key."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    except ValueError as error:
        said = str(error).replace(os.environ.get(KEY, "") or "\0", "KEY")[:120]
        raise InputError(f"FRED does not give {series}: {said}") from None
    except OSError as error:  # URLError, timeouts, a connection that was cut
        raise SourceUnreachable(
            f"FRED cannot be reached for {series} ({type(error).__name__}): try again later"
        ) from None
    finally:
        socket.setdefaulttimeout(before)


def period_ends(first: Instants) -> Instants:
    """(n,) the last days of periods that FRED names by their first: months, quarters and years by their spacing.

    >>> period_ends(np.array(["2023-07-01", "2023-08-01"], "datetime64[D]"))
    array(['2023-07-31', '2023-08-31'], dtype='datetime64[D]')
    """
    each = np.unique(first)
    gap = float(np.median(np.diff(each).astype(int))) if len(each) > 1 else 0.0
    months = 12 if gap >= 350 else 3 if gap >= 85 else 1 if gap >= 28 else 0
    return first if not months else np.asarray((first.astype("datetime64[M]") + months).astype("datetime64[D]") - 1)

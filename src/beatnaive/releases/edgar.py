"""The kind `edgar`: SEC company facts with their filing dates, over HTTP, kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np

from beatnaive.core.errors import InputError, SourceUnreachable
from beatnaive.core.files import cache_folder, write_atomically
from beatnaive.core.types import Provenance
from beatnaive.releases.join import Transform
from beatnaive.releases.publication import end_of_day
from beatnaive.releases.table import Releases

SERVER = "https://data.sec.gov"
TICKERS = "https://www.sec.gov/files/company_tickers.json"
AGENT = "BEATNAIVE_SEC_AGENT"
TIMEOUT = 30


@dataclass(frozen=True)
class Edgar:
    """Facts that companies filed with the SEC, as first filed and as amended, known from the end of their filing day.

    facts: names of US-GAAP facts; form: 10-K for annual, 10-Q for quarterly values. The SEC asks every program to say
    who sends it: set the environment variable BEATNAIVE_SEC_AGENT to your name and e-mail address. server, tickers:
    where company facts and the list of companies are fetched.
    """

    facts: tuple[str, ...] = ("NetIncomeLoss",)
    form: str = "10-K"
    server: str = SERVER
    tickers: str = TICKERS
    refresh: bool = False
    parts: ClassVar[tuple[str, ...]] = ("",)
    transform: ClassVar[Transform] = "year_on_year"

    def read(self, symbols: Sequence[str]) -> Releases:
        """Every filing of these facts by these symbols. Raises InputError, SourceUnreachable."""
        listed = json.loads(self.fetch(self.tickers))
        numbers = {str(one["ticker"]).upper(): int(one["cik_str"]) for one in listed.values()}
        rows: list[tuple[str, str, str, str, float]] = []
        digest = hashlib.sha256()
        for symbol in symbols:
            if symbol.upper() not in numbers:
                raise InputError(f"the SEC lists no company {symbol}: leave it out, or take its US symbol")
            raw = self.fetch(f"{self.server}/api/xbrl/companyfacts/CIK{numbers[symbol.upper()]:010d}.json")
            digest.update(raw)
            rows += self.filings(symbol, json.loads(raw))
        if not rows:
            raise InputError(f"no {self.form} states {', '.join(self.facts)}: see the company's facts at {self.server}")
        whose, name, end, filed, value = (np.array(part) for part in zip(*rows, strict=True))
        return Releases.of(
            symbol=whose, name=name, period_end=end.astype("datetime64[D]"), value=value.astype(float),
            known_at=end_of_day(filed.astype("datetime64[D]")),
            provenance=Provenance("SEC company facts", digest.hexdigest(), ""),
        )  # fmt: skip

    def filings(self, symbol: str, facts: Any) -> Iterator[tuple[str, str, str, str, float]]:
        """(symbol, fact, period's end, filed, value) of each fact, once per filing day; later filings are revisions.

        A filing repeats the year before: only values whose wording changed are revisions. A 10-K's value covers about a
        year, a 10-Q's a quarter; a balance has an end alone.
        """
        spans = {"10-K": (350, 380), "10-Q": (80, 100)}.get(self.form, (0, 10**6))
        for fact in self.facts:
            units = facts.get("facts", {}).get("us-gaap", {}).get(fact, {}).get("units", {})
            said: dict[str, float] = {}
            stated = [one for unit in list(units.values())[:1] for one in unit]
            for one in sorted(stated, key=lambda one: (one["filed"], one["end"])):
                if one.get("form", "").removesuffix("/A") != self.form:
                    continue
                if "start" in one:
                    length = int((np.datetime64(one["end"]) - np.datetime64(one["start"])) / np.timedelta64(1, "D"))
                    if not spans[0] <= length <= spans[1]:
                        continue
                if said.get(one["end"]) != float(one["val"]):
                    said[one["end"]] = float(one["val"])
                    yield symbol, fact, one["end"], one["filed"], float(one["val"])

    def fetch(self, url: str) -> bytes:
        """A document, from the cache where it lies there already. Raises InputError, SourceUnreachable."""
        kept = cache_folder() / "sec" / f"{hashlib.sha256(url.encode()).hexdigest()}.json"
        if kept.is_file() and not self.refresh:
            return kept.read_bytes()
        agent = os.environ.get(AGENT)
        if not agent:
            raise InputError(f"the SEC asks who sends a program: set {AGENT} to your name and e-mail address")
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise InputError(f"{url[:60]} is not an https address")
        try:
            with urlopen(Request(url, headers={"User-Agent": agent}), timeout=TIMEOUT) as answer:
                raw: bytes = answer.read()
            json.loads(raw)
        except HTTPError as error:
            raise SourceUnreachable(f"{url[:120]} answered {error.code} {error.reason}: try again later") from error
        except (URLError, TimeoutError, OSError, ValueError) as error:
            raise SourceUnreachable(f"{url[:120]} cannot be reached ({str(error)[:60]}): check the network") from error
        write_atomically(kept, raw)
        return raw

"""A forecast of the next sessions as data: what is expected, how sure that is, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.core import notebook_html
from beatnaive.core.types import Finding
from beatnaive.releases.join import OLDEST


@dataclass(frozen=True, kw_only=True)
class Step:
    """The forecast for one session.

    session: YYYY-MM-DD; closes_at: UTC; half_day: it closes earlier than usual; model: whose centre it is; price: the
    close expected, in currency; quantiles: of the close, at LEVELS, in currency; p_rise: probability of a close above
    the origin's; volatility: expected standard deviation of the log return from the origin's close to this one.
    """

    session: str
    closes_at: str
    half_day: bool
    model: str
    price: float
    quantiles: tuple[float, ...]
    p_rise: float
    volatility: float

    def interval(self, coverage: float) -> tuple[float, float]:
        """The central interval of this coverage, in currency: 0.5, 0.8, 0.9 or 0.95."""
        from beatnaive.judging.quantile_scores import interval

        lower, upper = interval(np.array([self.quantiles]), coverage)
        return float(lower[0]), float(upper[0])


@dataclass(frozen=True, kw_only=True)
class Known:
    """The newest value of a release's series that the forecast uses.

    name: of the series' columns; value: as published; period_end: YYYY-MM-DD; known_at: UTC; age: sessions since it
    could first be used, 252 at most; oldest: the greatest age that one had reached when the next came, None where none
    came; assumed: how known_at was made where the source does not say it, else empty.
    """

    name: str
    value: float
    period_end: str
    known_at: str
    age: int
    oldest: int | None
    assumed: str = ""

    def aged(self) -> str:
        """The age in words.

        >>> Known(name="cpi", value=3.0, period_end="", known_at="", age=1, oldest=22).aged()
        '1 session'
        """
        more = " or more" if self.age >= OLDEST else ""
        return f"{self.age}{more} session{'' if self.age == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A forecast of the next sessions, and all that is needed to judge it later.

    origin: the session on whose close (currency) it stands; model and why: the supported model; width: the volatility
    that scales the intervals; steps: one per session, the next one first; made_at: UTC; stale: what is wrong with the
    age of the data, else None; cutoff: the first session that the last fit had not learnt from; source: where the
    prices come from, as a study says it; run: the run folder, None where a study was run for this forecast alone;
    recent: (session, close) before, for a chart; findings: what was assumed or found about the prices it stands on;
    releases: what else the supported model was told, and how old that is.
    """

    symbol: str
    origin: str
    close: float
    model: str
    why: str
    width: str
    steps: tuple[Step, ...]
    made_at: str
    stale: str | None
    cutoff: str
    data_sha256: str
    source: Mapping[str, Any]
    run: str | None
    recent: tuple[tuple[str, float], ...] = ()
    findings: tuple[Finding, ...] = ()
    releases: tuple[Known, ...] = ()

    def __repr__(self) -> str:
        last = self.steps[-1]
        low, high = last.interval(0.8)
        return (
            f"<Outlook of {self.symbol}: {last.price:,.2f} on {last.session} (80 %: {low:,.2f} to {high:,.2f}), after "
            f"{self.close:,.2f} on {self.origin}>"
        )

    def _repr_html_(self) -> str:
        rows = []
        for step in self.steps:
            spans = [f"{low:,.2f} to {high:,.2f}" for low, high in map(step.interval, (0.5, 0.8, 0.95))]
            rows.append([step.session, f"{step.price:,.2f}", *spans, f"{step.p_rise:.0%}", f"{step.volatility:.2%}"])
        words = [
            self.stale or "",
            *(f"{one.severity}: {one.message}" for one in self.findings),
            f"Centre: {self.model}, because {self.why}. Width: volatility, {self.width}.",
        ]
        title = f"{self.symbol}, after {self.close:,.2f} on {self.origin}"
        return notebook_html.page(
            title, ("session", "close", "50 %", "80 %", "95 %", "rise", "volatility"), rows, words
        )

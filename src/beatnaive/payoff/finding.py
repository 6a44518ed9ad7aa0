"""A finding: all numbers of a plan, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from beatnaive.core import notebook_html
from beatnaive.core.phrases import p_number
from beatnaive.core.types import Floats
from beatnaive.payoff.accounts import Accounts
from beatnaive.payoff.cross_section import CrossSection
from beatnaive.payoff.paths import paths
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.ruling import Ruled
from beatnaive.payoff.strategy import Strategy


@dataclass(frozen=True, eq=False, kw_only=True)
class Worth:
    """All numbers of a plan, and what can be said of them; in a `sentence`, and in `words`.

    made: the accounts, session by session; models, rulings by name; holding: the market; other_fill {model: net a year}
    at the other fill, None where there are no opens; trials: strategies counted; overfitting: probability of backtest
    overfitting, where ten variants are at hand; by_symbol {symbol: {model: (net a year, break-even)}} and correlations
    {model: (T,)} of ranks, of a panel.
    """

    made: Accounts
    models: Mapping[str, Strategy]
    rulings: Mapping[str, Ruled]
    holding: Strategy
    other_fill: Mapping[str, float] | None
    trials: int
    overfitting: float | None = None
    cross_section: CrossSection | None = None
    by_symbol: Mapping[str, Mapping[str, tuple[float, float | None]]] = field(default_factory=dict)
    correlations: Mapping[str, Floats] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sentence: str = ""
    words: str = ""

    def __repr__(self) -> str:
        return f"<Worth: {self.sentence}>"

    def _repr_html_(self) -> str:
        rows = [["cash", "", f"{100 * self.plan.cash:+.1f}", "", "", "to beat"]]
        for name, one in {"holding": self.holding, **self.models}.items():
            ruled, even = self.rulings.get(name), one.break_even.cost
            rows.append([
                name, f"{100 * one.gross:+.1f}", f"{100 * one.net:+.1f}",
                "" if ruled is None or even is None else f"{even:.1f}", "" if ruled is None else p_number(ruled.p_paid),
                "to beat" if ruled is None else ruled.ruling,
            ])  # fmt: skip
        days = f"{len(self.made.sessions):,} sessions from {self.made.sessions[0]} to {self.made.sessions[-1]}"
        head = ("strategy", "gross", f"net at {self.plan.cost:g} bp", "break-even, bp", "p", "ruling")
        return notebook_html.page(f"% a year, rule {self.plan.rule}, {days}", head, rows, [self.words])

    @property
    def plan(self) -> Plan:
        """How forecasts were traded."""
        return self.made.plan

    @property
    def best(self) -> str:
        """The model with the highest net return of those that trade at all."""
        active = [name for name, one in self.models.items() if one.turnover > 0] or list(self.models)
        return max(active, key=lambda name: self.models[name].net)

    def to_json(self) -> dict[str, Any]:
        """Plain data, numbers that do not exist as None."""
        return {
            "plan": asdict(self.plan),
            "n": len(self.made.sessions),
            "first": str(self.made.sessions[0]),
            "last": str(self.made.sessions[-1]),
            "sessions_a_year": self.made.yearly,
            "trials": self.trials,
            "overfitting": self.overfitting,
            "best": self.best,
            "sentence": self.sentence,
            "words": self.words,
            "notes": list(self.notes),
            "models": {
                name: {**asdict(self.rulings[name]), **one.to_json(), "other_fill": (self.other_fill or {}).get(name)}
                for name, one in self.models.items()
            },
            "holding": self.holding.to_json(),
            "cash": self.plan.cash,
            "cross_section": None if self.cross_section is None else asdict(self.cross_section),
            "paths": paths(self.made, self.best, self.correlations),
            "symbols": {name: {m: list(x) for m, x in one.items()} for name, one in self.by_symbol.items()},
        }

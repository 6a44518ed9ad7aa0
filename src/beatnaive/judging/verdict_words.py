"""The verdict as a paragraph. Nothing is called a winner unless it was ruled better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import count, listing, p_number, p_text, percent
from beatnaive.core.types import Losses

if TYPE_CHECKING:
    from beatnaive.judging.significance import Examination, Numbers
    from beatnaive.judging.verdict import Verdict


@dataclass(frozen=True)
class Paragraph:
    """What a verdict says, sentence by sentence; each method returns one, or nothing."""

    verdict: Verdict
    rows: str

    def text(self) -> str:
        """All sentences that apply."""
        parts = [self._headline(), self._closest(), self._effect(), self._worse(), self._doubts()]
        parts += [self._invalid(), self._trials(), self._symbols(), *self._findings()]
        return " ".join(part for part in parts if part)

    @property
    def found(self) -> Examination:
        return self.verdict.examination

    @property
    def best(self) -> tuple[str, Numbers]:
        """The model with the largest gain."""
        return max(self.found.models.items(), key=lambda item: item[1].gain)

    @property
    def span(self) -> str:
        """How much data: "239 days"."""
        return f"{self.found.n} {self.rows}"

    def _rival(self) -> str:
        if len(self.found.benchmarks) > 1:
            return "the naive forecasts of volatility"
        return "tomorrow = today" if self.found.horizon == 1 else "naive (no change)"

    def _headline(self) -> str:
        where = f"the panel of {len(self.found.symbols)} symbols" if self.found.symbols else self.found.symbol
        better = self.verdict.named("better")
        if short := self.found.too_short:
            return f"No ruling on {where}: {short}."
        if better:
            return f"{listing(better)} beat{'s' if len(better) == 1 else ''} {self._rival()} on {where} ({self.span})."
        return f"No model beat {self._rival()} on {where} ({self.span})."

    def _closest(self) -> str:
        better = self.verdict.named("better")
        if better:
            largest = sorted(better, key=lambda name: -self.found.models[name].gain)[:3]
            return " ".join(self._winner(name, self.found.models[name]) for name in largest)
        name, numbers = self.best
        if numbers.skill_pct is None:
            return ""
        lead = f"{name} was" if len(self.found.models) == 1 else f"{name} came closest,"
        return f"{lead} {self._by(numbers)}, {_luck(numbers)}."

    def _winner(self, name: str, numbers: Numbers) -> str:
        interval = (
            f", 90 % interval {numbers.skill_ci90[0]:.1f} to {numbers.skill_ci90[1]:.1f} %"
            if numbers.skill_ci90
            else ""
        )
        return f"{name} was {self._by(numbers)}{interval} (adjusted {p_text(numbers.p_adjusted)})."

    @staticmethod
    def _by(numbers: Numbers) -> str:
        """The skill people read; where it and the ruling loss point different ways, both."""
        skill, gain = numbers.skill_pct or 0.0, numbers.gain
        text = percent(skill)
        return text if skill * gain >= 0 else f"{text} in RMSE but {percent(gain)} in the loss that is ruled on"

    def _effect(self) -> str:
        _, numbers = self.best
        if numbers.mde_pct is None or numbers.mde_single_pct is None or self.found.too_short:
            return ""
        models = len(self.found.models)
        effect = f"With {self.span} an edge of {_size(numbers.mde_single_pct)} % would be seen four times in five"
        if models == 1:
            return f"{effect}."
        field = "both models" if models == 2 else f"all {count(models)} models"
        return f"{effect} by a single test, {_size(numbers.mde_pct)} % by the test that accounts for {field}."

    def _worse(self) -> str:
        worse = self.verdict.named("worse")
        if not worse:
            return ""
        names = listing(worse) if len(worse) <= 4 else f"{count(len(worse)).capitalize()} models"
        return f"{names} {'was' if len(worse) == 1 else 'were'} worse than naive, beyond chance."

    def _doubts(self) -> str:
        doubts = [f"{name}: {text}." for name, ruled in self.verdict.rulings.items() for text in ruled.doubts]
        return " ".join(doubts[:4])

    def _invalid(self) -> str:
        return " ".join(f"{name} is invalid: {reason}." for name, reason in self.found.invalid.items())

    def _trials(self) -> str:
        found = self.found
        extra = found.counted - len(found.models)
        text = ""
        if extra > 0:
            changed = min(numbers.p_this_run for numbers in found.models.values())
            text = (
                f"{found.counted} forecasts were counted as tried, {extra} of them before this run: the smallest p, "
                f"{p_number(changed)} by itself, becomes {p_number(found.p_any)}."
            )
        if found.other_symbols:
            text += f" Other symbols tried in the same folder: {listing(found.other_symbols[:8])}."
        return text.strip()

    def _symbols(self) -> str:
        if not self.found.symbols:
            return ""
        better = [name for name, verdict in self.verdict.symbols.items() if verdict.named("better")]
        named = f" ({listing(better[:8])}{' and others' if len(better) > 8 else ''})" if better else ""
        positive = sum(max(n.gain for n in one.models.values()) > 0 for one in self.found.symbols.values())
        total = len(self.found.symbols)
        return (
            f"Symbol by symbol, {len(better)} of {total} stand out when all {total} are counted{named}; "
            f"in {positive} some model came out ahead of naive, which says nothing by itself."
        )

    def _findings(self) -> list[str]:
        return [f"Doubt: {f.message}." for f in self.verdict.findings if f.kind == "survivorship"]


def _luck(numbers: Numbers) -> str:
    """Luck or not, by the test that fits: two-sided and single when behind, adjusted when ahead."""
    if numbers.gain > 0:
        return f"which may well be chance (adjusted {p_text(numbers.p_adjusted)})"
    p = numbers.dm[1]
    if p is None:
        return "which no test can judge"
    return f"which {'may well be' if p >= 0.05 else 'is hardly'} chance ({p_text(p)})"


def _size(value: float) -> str:
    return f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"


def rows_of(losses: Losses) -> str:
    """What a row is: "days" where most sessions are a day apart, else just "rows"."""
    days = np.sort(losses.session.astype("datetime64[D]"))
    steps = np.diff(days).astype(int)
    steps = steps[steps > 0]
    return "days" if len(steps) and np.median(steps) <= 1 else "rows"

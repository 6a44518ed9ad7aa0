"""The ruling: better, worse, cannot tell, invalid, each with its reasons, and the whole in plain words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from beatnaive.types import Finding, Losses

if TYPE_CHECKING:
    from beatnaive.significance import Examination, Numbers

Ruling: TypeAlias = Literal["better", "worse", "cannot tell", "invalid"]

LEVEL = 0.05
SEEDS = 0.8
SPANS = 10
ROWS = 30
SUSPICIOUS = 0.5
"""A share of the variance of returns that no honest forecast of them has ever explained."""

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Ruled:
    """One model's ruling and the reasons for it, each a sentence."""

    ruling: Ruling
    because: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """Rulings per model, the evidence they rest on, findings that bear on them, and the words.

    `symbols` holds a panel's verdict per symbol; the panel's own rulings are the pooled ones.
    """

    examination: Examination
    rulings: Mapping[str, Ruled]
    words: str
    findings: tuple[Finding, ...] = ()
    symbols: Mapping[str, Verdict] = field(default_factory=dict)

    def named(self, ruling: Ruling) -> tuple[str, ...]:
        """The models that were ruled so."""
        return tuple(name for name, ruled in self.rulings.items() if ruled.ruling == ruling)

    def to_json(self) -> dict[str, Any]:
        """The object of verdict.json; a value that does not apply is None."""
        found = self.examination
        data = {
            "n": found.n,
            "horizon": found.horizon,
            "loss": found.loss,
            "benchmark": found.benchmark,
            "naive": _accuracy(found.naive),
            "trials": {"counted": found.counted, "runs": list(found.runs)},
            "models": {name: _model(found, name, ruled) for name, ruled in self.rulings.items()},
            "any_better": {"p_value": found.p_any},
            "confidence_set": {"level": 0.9, "included": list(found.included)},
            "words": self.words,
        }
        if self.symbols:
            data["symbols"] = {name: verdict.to_json() for name, verdict in self.symbols.items()}
        return data


def judge(losses: Losses, examination: Examination, findings: Sequence[Finding] = ()) -> Verdict:
    """Rule on every model from the evidence.

    better: adjusted p < 0.05 and, for a stochastic model, at least 80 % of the seeds beat naive; worse: the same
    step-down on the reversed differences; cannot tell: neither, or too little data; invalid: no usable forecasts.

    losses and their examination; findings on the data, carried along.

    >>> from beatnaive.significance import examine
    >>> verdict = judge(example := _example(), examine(example, replications=199))
    >>> verdict.rulings["m"].ruling
    'cannot tell'
    """
    findings = (*findings, *_survivorship(losses))
    symbols = {name: _rule(losses, one, ()) for name, one in examination.symbols.items()}
    return _rule(losses, examination, findings, symbols)


def _example() -> Losses:
    """Sixty days of pure noise."""
    rng = np.random.default_rng(1)
    y, f = rng.normal(size=(2, 60)) * 0.01
    days = np.datetime64("2020-01-01") + np.arange(60)
    return Losses(
        symbols=("X",), symbol=np.zeros(60, np.int32), session=days, origin=days.astype("datetime64[s]"), horizon=1,
        y=y, close=np.full(60, 100.0), forecast={"naive": 0 * y, "m": 0.01 * f}, loss={"naive": y**2, "m": (y - 0.01 * f) ** 2},
        seed_loss={}, scale=np.full(60, 1e-4), benchmarks=("naive",), loss_name="squared",
    )  # fmt: skip


def _survivorship(losses: Losses) -> tuple[Finding, ...]:
    """A doubt when no symbol of a panel ends before the panel does."""
    if len(losses.symbols) < 2:
        return ()
    last = [losses.session[losses.symbol == code].max(initial=losses.session.min()) for code in range(len(losses.symbols))]
    if min(last) < max(last):
        return ()
    text = "no symbol ends before the panel does: companies that failed or were bought are missing"
    return (Finding("doubt", "survivorship", "*", text, "add the symbols that left, up to the day they left", len(last)),)


def _rule(
    losses: Losses, found: Examination, findings: tuple[Finding, ...], symbols: Mapping[str, Verdict] | None = None
) -> Verdict:
    rulings = {name: _ruling(found, name, numbers) for name, numbers in found.models.items()}
    rulings |= {name: Ruled("invalid", (reason,)) for name, reason in found.invalid.items()}
    verdict = Verdict(found, rulings, "", findings, symbols or {})
    return Verdict(found, rulings, _Words(losses, verdict).text(), findings, symbols or {})


def _ruling(found: Examination, name: str, numbers: Numbers) -> Ruled:
    short = too_short(found)
    doubts = _doubts(name, numbers)
    if short:
        return Ruled("cannot tell", (short, *doubts))
    if numbers.p_adjusted < LEVEL and numbers.p_adjusted <= found.level:
        if numbers.seeds_better is not None and numbers.seeds_better < SEEDS:
            reason = f"only {100 * numbers.seeds_better:.0f} % of its seeds beat naive, {100 * SEEDS:.0f} % are needed"
            return Ruled("cannot tell", (reason, *doubts))
        return Ruled("better", (f"lower mean loss than naive, adjusted {p_text(numbers.p_adjusted)}", *doubts))
    if numbers.p_worse < LEVEL and numbers.p_worse <= found.level_worse:
        return Ruled("worse", (f"higher mean loss than naive, adjusted {p_text(numbers.p_worse)}", *doubts))
    return Ruled("cannot tell", (*_undecided(found, numbers), *doubts))


def too_short(found: Examination) -> str:
    """Why these rows cannot carry a ruling, or an empty text."""
    if found.n < ROWS:
        return f"{found.n} rows: errors can be compared, but fewer than {ROWS} rows cannot tell skill from luck"
    spans = found.n // found.horizon
    if spans < SPANS:
        return f"too short for this horizon: {spans} spans of {found.horizon} that do not overlap, {SPANS} are needed"
    return ""


def _undecided(found: Examination, numbers: Numbers) -> tuple[str, ...]:
    reasons = [f"the difference may be chance, adjusted {p_text(numbers.p_adjusted)}"]
    if numbers.p_adjusted < LEVEL:
        reasons = [f"not among the symbols that stand out when all are counted, {p_text(numbers.p_adjusted)} by itself"]
    if numbers.mde_pct is not None:
        reasons.append(f"an edge below {numbers.mde_pct:.1f} % would often be missed in {found.n} rows")
    if (p := numbers.cw[1]) is not None and p < LEVEL and numbers.slope is not None:
        reasons.append(
            f"carries information, not yet more accurate; multiplied by {numbers.slope:.2f} it might be (Clark-West {p_text(p)})"
        )
    return tuple(reasons)


def _doubts(name: str, numbers: Numbers) -> tuple[str, ...]:
    doubts = []
    if numbers.explained is not None and numbers.explained > SUSPICIOUS:
        doubts.append(f"suspicious: removes {100 * numbers.explained:.0f} % of naive's squared error; look for look-ahead")
    if numbers.same_as is not None:
        doubts.append(f"the same forecasts as {numbers.same_as}")
    return tuple(doubts)


def p_text(p: float) -> str:
    """A p-value in a sentence.

    >>> p_text(0.0001), p_text(0.304)
    ('p < 0.001', 'p = 0.30')
    """
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.0995 else f"p = {p:.2f}"


def _accuracy(accuracy: Any) -> dict[str, float | None]:
    return {"mae": accuracy.mae, "rmse": accuracy.rmse, "mape": accuracy.mape, "r2": accuracy.r2}


def _model(found: Examination, name: str, ruled: Ruled) -> dict[str, Any]:
    """A model's entry of the JSON; an invalid model has the same keys, all null."""
    x = found.models.get(name)
    accuracy = _accuracy(x.accuracy) if x else dict.fromkeys(("mae", "rmse", "mape", "r2"))
    dm, cw, pt = (x.dm, x.cw, x.pt) if x else ((None,) * 3, (None,) * 2, (None,) * 2)
    return {
        "n": found.n if x else None,
        **accuracy,
        "skill_pct": x.skill_pct if x else None,
        "skill_ci90": list(x.skill_ci90) if x and x.skill_ci90 else None,
        "dm": {"statistic": dm[0], "p_value": dm[1], "p_better": dm[2]},
        "cw": {"statistic": cw[0], "p_value": cw[1]},
        "pt": {"statistic": pt[0], "p_value": pt[1]},
        "p_adjusted": x.p_adjusted if x else None,
        "p_adjusted_this_run": x.p_this_run if x else None,
        "mde_pct": x.mde_pct if x else None,
        "mde_single_pct": x.mde_single_pct if x else None,
        "slope": x.slope if x else None,
        "seeds_better": x.seeds_better if x else None,
        "ruling": ruled.ruling,
        "because": list(ruled.because),
    }


@dataclass(frozen=True)
class _Words:
    """The verdict as a paragraph. Nothing is called a winner unless it was ruled better."""

    losses: Losses
    verdict: Verdict

    def text(self) -> str:
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
        return f"{self.found.n} {self._unit()}"

    def _unit(self) -> str:
        days = np.unique(self.losses.session).astype("datetime64[D]")
        return "days" if len(days) > 1 and np.median(np.diff(days)) <= datetime.timedelta(days=1) else "rows"

    def _rival(self) -> str:
        if len(self.found.benchmarks) > 1:
            return "the naive forecasts of volatility"
        return "tomorrow = today" if self.found.horizon == 1 else "naive (no change)"

    def _headline(self) -> str:
        where = f"the panel of {len(self.found.symbols)} symbols" if self.found.symbols else self.found.symbol
        better = self.verdict.named("better")
        if short := too_short(self.found):
            return f"No ruling on {where}: {short}."
        if better:
            return f"{_listing(better)} beat{'s' if len(better) == 1 else ''} {self._rival()} on {where} ({self.span})."
        return f"No model beat {self._rival()} on {where} ({self.span})."

    def _closest(self) -> str:
        better = self.verdict.named("better")
        if better:
            return " ".join(self._winner(name, self.found.models[name]) for name in better[:3])
        name, numbers = self.best
        if numbers.skill_pct is None:
            return ""
        lead = f"{name} was" if len(self.found.models) == 1 else f"{name} came closest,"
        return f"{lead} {self._by(numbers)}, {_luck(numbers)}."

    def _winner(self, name: str, numbers: Numbers) -> str:
        interval = f", 90 % interval {numbers.skill_ci90[0]:.1f} to {numbers.skill_ci90[1]:.1f} %" if numbers.skill_ci90 else ""
        return f"{name} was {self._by(numbers)}{interval} (adjusted {p_text(numbers.p_adjusted)})."

    @staticmethod
    def _by(numbers: Numbers) -> str:
        """The skill people read; where it and the ruling loss point different ways, both."""
        skill, gain = numbers.skill_pct or 0.0, numbers.gain
        text = _percent(skill)
        return text if skill * gain >= 0 else f"{text} in RMSE but {_percent(gain)} in the loss that is ruled on"

    def _effect(self) -> str:
        _, numbers = self.best
        if numbers.mde_pct is None or numbers.mde_single_pct is None or too_short(self.found):
            return ""
        count = len(self.found.models)
        single = f"With {self.span} an edge of {numbers.mde_single_pct:.1f} % would be seen four times in five by a single test"
        if count == 1:
            return f"{single}."
        return f"{single}, {numbers.mde_pct:.1f} % by the test that accounts for all {_count(count)} models."

    def _worse(self) -> str:
        worse = self.verdict.named("worse")
        if not worse:
            return ""
        names = _listing(worse) if len(worse) <= 4 else f"{_count(len(worse))} models"
        return f"{names[0].upper() if len(worse) > 4 else names[0]}{names[1:]} {'was' if len(worse) == 1 else 'were'} worse than naive, beyond chance."

    def _doubts(self) -> str:
        doubts = [f"{name}: {text}." for name, numbers in self.found.models.items() for text in _doubts(name, numbers)]
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
                f"{changed:.3f} by itself, becomes {found.p_any:.3f}."
            )
        if found.other_symbols:
            text += f" Other symbols tried in the same folder: {_listing(found.other_symbols[:8])}."
        return text.strip()

    def _symbols(self) -> str:
        if not self.found.symbols:
            return ""
        better = sum(bool(verdict.named("better")) for verdict in self.verdict.symbols.values())
        positive = sum(max(n.gain for n in one.models.values()) > 0 for one in self.found.symbols.values())
        total = len(self.found.symbols)
        return (
            f"Symbol by symbol, {better} of {total} stand out when all {total} are counted; "
            f"in {positive} some model came out ahead of naive, which says nothing by itself."
        )

    def _findings(self) -> list[str]:
        return [f"Doubt: {f.message}." for f in self.verdict.findings if f.kind == "survivorship"]


def _listing(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count(n: int) -> str:
    return _COUNTS[n] if n < len(_COUNTS) else str(n)


def _percent(value: float) -> str:
    if abs(value) < 0.005:
        return "as good as naive"
    return f"{abs(value):.{1 if abs(value) >= 0.1 else 2}f} % {'better' if value > 0 else 'worse'}"


def _luck(numbers: Numbers) -> str:
    """Luck or not, by the test that fits: two-sided and single when behind, adjusted when ahead."""
    if numbers.gain > 0:
        return f"which may well be chance (adjusted {p_text(numbers.p_adjusted)})"
    p = numbers.dm[1]
    if p is None:
        return "which no test can judge"
    return f"which {'may well be' if p >= LEVEL else 'is hardly'} chance ({p_text(p)})"

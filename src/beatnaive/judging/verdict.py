"""The ruling: better, worse, cannot tell, invalid, each with its reasons, and the whole in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from beatnaive.core.phrases import p_text
from beatnaive.core.types import Finding, Losses
from beatnaive.judging.verdict_words import Paragraph, rows_of

if TYPE_CHECKING:
    from beatnaive.judging.significance import Examination, Numbers

Ruling: TypeAlias = Literal["better", "worse", "cannot tell", "invalid"]

LEVEL = 0.05
SEEDS = 0.8
SUSPICIOUS = 0.5
"""A share of the variance of returns that no honest forecast of them has ever explained."""


@dataclass(frozen=True)
class Ruled:
    """One model's ruling, the reasons for it, and doubts about the model itself; each a phrase."""

    ruling: Ruling
    because: tuple[str, ...]
    doubts: tuple[str, ...] = ()


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

    >>> from beatnaive.judging.significance import examine
    >>> verdict = judge(example := _example(), examine(example, replications=199))
    >>> verdict.rulings["m"].ruling
    'cannot tell'
    """
    findings = (*findings, *_survivorship(losses))
    rows = rows_of(losses)
    symbols = {name: _rule(one, rows) for name, one in examination.symbols.items()}
    return _rule(examination, rows, findings, symbols)


def _example() -> Losses:
    """Sixty days of pure noise."""
    rng = np.random.default_rng(1)
    y, f = rng.normal(size=(2, 60)) * [[0.01], [0.001]]
    days = np.datetime64("2020-01-01") + np.arange(60)
    return Losses(
        symbols=("X",), symbol=np.zeros(60, np.int32), session=days, origin=days.astype("datetime64[s]"), horizon=1,
        y=y, close=np.full(60, 100.0), forecast={"naive": 0 * y, "m": f}, loss={"naive": y**2, "m": (y - f) ** 2},
        seed_loss={}, scale=np.full(60, 1e-4), benchmarks=("naive",), loss_name="squared",
    )  # fmt: skip


def _survivorship(losses: Losses) -> tuple[Finding, ...]:
    """A doubt when no symbol of a panel ends before the panel does."""
    if len(losses.symbols) < 2:
        return ()
    last = np.full(len(losses.symbols), losses.session.min())
    np.maximum.at(last, losses.symbol, losses.session)
    if (last < last.max()).any():
        return ()
    text = "no symbol ends before the panel does: companies that failed or were bought are missing"
    return (
        Finding("doubt", "survivorship", "*", text, "add the symbols that left, up to the day they left", len(last)),
    )


def _rule(
    found: Examination, rows: str, findings: tuple[Finding, ...] = (), symbols: Mapping[str, Verdict] | None = None
) -> Verdict:
    rulings = {name: _ruling(found, numbers) for name, numbers in found.models.items()}
    rulings |= {name: Ruled("invalid", (reason,)) for name, reason in found.invalid.items()}
    verdict = Verdict(found, rulings, "", findings, symbols or {})
    return replace(verdict, words=Paragraph(verdict, rows).text())


def _ruling(found: Examination, numbers: Numbers) -> Ruled:
    doubts = _doubts(numbers)
    if found.too_short:
        return Ruled("cannot tell", (found.too_short,), doubts)
    if numbers.p_adjusted < LEVEL and numbers.p_adjusted <= found.level:
        if numbers.seeds_better is not None and numbers.seeds_better < SEEDS:
            reason = f"only {100 * numbers.seeds_better:.0f} % of its seeds beat naive, {100 * SEEDS:.0f} % are needed"
            return Ruled("cannot tell", (reason,), doubts)
        return Ruled("better", (f"lower mean loss than naive, adjusted {p_text(numbers.p_adjusted)}",), doubts)
    if numbers.p_worse < LEVEL and numbers.p_worse <= found.level_worse:
        return Ruled("worse", (f"higher mean loss than naive, adjusted {p_text(numbers.p_worse)}",), doubts)
    return Ruled("cannot tell", _undecided(found, numbers), doubts)


def _undecided(found: Examination, numbers: Numbers) -> tuple[str, ...]:
    reasons = [f"the difference may be chance, adjusted {p_text(numbers.p_adjusted)}"]
    if numbers.p_adjusted < LEVEL:
        reasons = [f"not among the symbols that stand out when all are counted, {p_text(numbers.p_adjusted)} by itself"]
    if numbers.mde_pct is not None:
        reasons.append(f"an edge below {numbers.mde_pct:.1f} % would often be missed in {found.n} rows")
    if (p := numbers.cw[1]) is not None and p < LEVEL and numbers.slope is not None:
        shrunk = f"multiplied by {numbers.slope:.2f} it might be"
        reasons.append(f"carries information, not yet more accurate; {shrunk} (Clark-West {p_text(p)})")
    return tuple(reasons)


def _doubts(numbers: Numbers) -> tuple[str, ...]:
    doubts = []
    if numbers.explained is not None and numbers.explained > SUSPICIOUS:
        doubts.append(
            f"suspicious: removes {100 * numbers.explained:.0f} % of naive's squared error; look for look-ahead"
        )
    if numbers.same_as is not None:
        doubts.append(f"the same forecasts as {numbers.same_as}")
    return tuple(doubts)


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
        "because": [*ruled.because, *ruled.doubts],
    }
